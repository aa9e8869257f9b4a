"""Trace what a binding was made from: the bindings its expression read, as far as their names tell."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grader.instrument.site import ADDS, BUILDS, CHANGES, Site
from grader.runner.types import Event, Key, Sites


def _bound_by(event: Event, site: Site) -> set[str]:
    """The names a binding is found under; where a call may have changed several names, only the one it did change."""
    one_of_many = site.kind == "touched" and event.label in site.names
    return ({event.label} if one_of_many else {event.label, site.owner, *site.names}) - {""}


class Provenance:
    """The provenance of the bindings of one run."""

    def __init__(self, sites: Sites, events: Sequence[Event]) -> None:
        self.sites = sites
        self.events = events
        self.by_name: dict[str, list[Event]] = {}
        for event in events:
            for name in _bound_by(event, sites[event.site]):
                self.by_name.setdefault(name, []).append(event)

    def read_by(self, event: Event) -> list[Event]:
        """For each name that the binding's expression reads, the last binding before it. A site that builds on its own
        name reads that name too."""
        site = self.sites[event.site]
        names = set(site.reads)
        if site.kind in ADDS:
            names |= {event.label} if event.label else {*site.names, site.owner}
        found = []
        for name in names:
            before = [one for one in self.by_name.get(name, ()) if one.sequence < event.sequence]
            if any(one.label in names for one in before if one.label and self.sites[one.site].owner == name):
                # `grads["z"]` reads that entry, not the other entries of `grads`.
                continue
            if before:
                found.append(before[-1])
        if site.kind in ("unpack", "assign") and not found:
            found = self._inside(event)
        return found

    def locals_of(self, starts: Sequence[Event], known: Collection[Key]) -> dict[Key, Event]:
        """Everything a value was made from, back to the `known` places: in its own lines and in the functions they
        call."""
        found: dict[Key, Event] = {}
        waiting = [one for start in starts for one in self._behind(start)]
        while waiting:
            event = waiting.pop()
            if event.place not in found and event.place not in known:
                found[event.place] = event
                waiting.extend(self._behind(event))
        return found

    def read_states(self, passes: Sequence[Event]) -> list[Event]:
        """Of the passes of one site, in order, those whose value was read before another pass changed it: an array that
        a loop fills counts once it is full."""
        found = []
        for event, following in zip(passes, (*passes[1:], None), strict=True):
            if following is None or not self._goes_on(event, following):
                found.append(event)
        return found

    def _goes_on(self, event: Event, following: Event) -> bool:
        """Whether the pass `following` only continues to build what the pass `event` left."""
        site = self.sites[event.site]
        name = event.label or next(iter(site.names), "")
        if site.kind not in CHANGES or name != (following.label or name):
            return False
        between = (one for one in self.events if event.sequence < one.sequence < following.sequence)
        for one in between:
            own = self.sites[one.site]
            bound_anew = name in _bound_by(one, own) and own.kind not in BUILDS
            if bound_anew or (name in own.reads and own.statement != site.statement):
                return False
        return True

    def _behind(self, event: Event) -> list[Event]:
        return [*self.read_by(event), *self._returned_to(event)]

    def _returned_to(self, event: Event) -> list[Event]:
        """The results of the functions that the binding's own expression calls."""
        site, found = self.sites[event.site], []
        for one in reversed([one for one in self.events if one.sequence < event.sequence]):
            inner = self.sites[one.site]
            if inner.scope == site.scope and inner.statement != site.statement:
                break
            # Under which name a lambda is called cannot be told from its own.
            if inner.kind == "returned" and inner.scope.rpartition(".")[2] in {*site.reads, "lambda"}:
                found.append(one)
        return found

    def _inside(self, event: Event) -> list[Event]:
        """For a call: what functions bound since the last top-level binding; `a, b = f()` binds both after that."""
        found: list[Event] = []
        own = self.sites[event.site].statement
        for one in reversed([one for one in self.events if one.sequence < event.sequence]):
            site = self.sites[one.site]
            if site.scope:
                found.append(one)
            elif found or site.statement != own:
                break
        return found
