"""Collect what is known to be right: quantities and inputs by value, locals and functions by what is made from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from grader.blame.surrounding_code import Calls
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import compare
from grader.judge.matching.types import Match
from grader.judge.verdicts import Verdict
from grader.model import Opaque, Value
from grader.runner.types import Event, Key
from grader.runner.wire import ENTRIES

Local = tuple[str, str]
"""A scope, and a name in it."""


class KnownRight:
    """What is known to be right after one submission is judged."""

    def __init__(self, evidence: Evidence, verdicts: Sequence[Verdict], calls: Calls) -> None:
        self._evidence, self._verdicts, self._calls = evidence, verdicts, calls
        self._leading: dict[str, frozenset[str] | None] = {}

    # Found when first asked for: of most submissions the repairs tell everything.

    @cached_property
    def places(self) -> frozenset[Key]:
        """The places where right values were bound."""
        matches = (match for name, match in self._evidence.alignment.matches.items() if self._came_out(name))
        return frozenset(place for match in matches for place in match.seen + _own(match))

    @cached_property
    def functions(self) -> frozenset[str]:
        """The functions that give right values, and those that these call for it, each by its scope, as
        `Linear.backward`."""
        found = set(self._giving())
        waiting = list(found)
        while waiting:
            new = set(self._called_by(waiting.pop())) - found
            found |= new
            waiting += new
        return frozenset(found)

    @cached_property
    def locals(self) -> frozenset[Local]:
        """The locals that right values are made from and that are bound once: two values of one name are two locals."""
        single = {self._evidence.scene.sites[place[0]] for place in self.places if place[1] < ENTRIES}
        verdicts = self._verdicts
        wrong = self._names_of([one.match for one in verdicts if one.outcome == "wrong" and one.match is not None])
        return frozenset(one for one in self._read_by(single, wrong) if self._times_bound(one) < 2)

    @cached_property
    def _wrong(self) -> frozenset[int]:
        """The sites that bound wrong values."""
        spoilt = (match for name, match in self._evidence.alignment.matches.items() if not self._came_out(name))
        return frozenset(place[0] for match in spoilt for place in match.seen + _own(match))

    def _giving(self) -> Iterator[str]:
        """The functions called by lines with right values; of several methods with one name, the one that ran."""
        scene = self._evidence.scene
        for event in scene.traces[0].events:
            site = scene.sites[event.site]
            if event.place in self.places and event.occurrence < ENTRIES and site.kind == "assign":
                for name, _ in self._calls.of(site):
                    yield self.ran(name, [one for one in scene.traces[0].events if one.sequence < event.sequence])

    def _called_by(self, scope: str) -> Iterator[str]:
        """The functions that the result of a function is made by."""
        leading = self._leading_to_result(scope) or frozenset()
        for site in self._evidence.scene.sites.all:
            if self._calls.is_within(site, scope) and (site.kind == "returned" or leading.intersection(site.names)):
                for name, _ in self._calls.of(site):
                    yield self.ran(name, self._evidence.scene.traces[0].events)

    @cached_property
    def _returning(self) -> frozenset[int]:
        """The sites at which functions returned something just before a right value was bound elsewhere: also functions
        that the line knows under another name, such as a lambda or what another function made."""
        found: set[int] = set()
        returned: list[Site] = []
        for event in self._evidence.scene.traces[0].events:
            site = self._evidence.scene.sites[event.site]
            if site.kind == "returned":
                returned.append(site)
            elif site.kind not in ("parameter", "loop", "keyword"):
                if event.place in self.places and event.occurrence < ENTRIES and site.kind == "assign":
                    found.update(one.number for one in returned if one.scope != site.scope)
                returned = []
        return frozenset(found)

    def ran(self, function: str, before: Sequence[Event]) -> str:
        """The scope of the function with this name that ran last."""
        scopes = (self._evidence.scene.sites[event.site].scope for event in reversed(before))
        return next((scope for scope in scopes if scope.split(".")[-1] == function), function)

    def gives_right(self, site: Site) -> bool:
        """Whether a site is in a function that gives right values, and leads to the function's result: what a method
        stores besides that is no evidence."""
        if site.number in self._returning:
            return True
        if site.scope not in self.functions:
            return False
        leading = self._leading_to_result(site.scope)
        return leading is None or site.kind == "returned" or bool(leading.intersection(site.names))

    def fills_right(self, site: Site) -> bool:
        """Whether a site bound a right value, and no wrong one."""
        return site.number in {place[0] for place in self.places} - self._wrong

    def _leading_to_result(self, scope: str) -> frozenset[str] | None:
        """The names in a function from which its result is made; None if that is not known."""
        if scope not in self._leading:
            inside = [one for one in self._evidence.scene.sites.all if one.scope == scope]
            back = [one for one in inside if one.kind == "returned"]
            found = frozenset[str]().union(*(one.reads for one in back))
            while more := {name for one in inside if found & {*one.names} for name in one.reads} - found:
                found |= more
            self._leading[scope] = found if back else None
        return self._leading[scope]

    def _came_out(self, name: str) -> bool:
        """Whether a quantity is right with everything before it right."""
        scene = self._evidence.scene
        values = [at.get(name) for at in self._evidence.commits]
        return all(
            value is not None and compare(value, scene.reference.values[k][name], scene.measure(k, name)).right
            for k, value in enumerate(values)
        )

    def _read_by(self, right: Iterable[Site], wrong: set[str]) -> frozenset[Local]:
        """The names that right values are made from, directly or through others."""
        found: set[Local] = set()
        waiting = list(right)
        # A container that was read also has other entries, which this says nothing about.
        sites = self._evidence.scene.sites.all
        containers = {one.owner for one in sites if one.kind == "entry"} | self._whole_ones() | self._of_several()
        # A wrong value that was replaced by the right one is no evidence for what it was made from.
        mended = {(one.scope, name) for one in sites if one.number in self._wrong for name in one.names}
        while waiting:
            site = waiting.pop()
            new = {(site.scope, name) for name in site.reads - wrong - containers} - found - mended
            found |= new
            waiting += [one for one in sites if _is_bound_by(one, new)] if new else []
        return frozenset(found)

    def _names_of(self, matches: Iterable[Match]) -> set[str]:
        """The names of quantities, and the local names that were handed on as them."""
        moved = [(one, {self._evidence.scene.sites[place[0]] for place in _own(one)}) for one in matches]
        local = (name for one, sites in moved if one.handed for site in sites for name in site.names)
        return {*(one.bound_as for one, _ in moved), *local}

    def _whole_ones(self) -> set[str]:
        """The names of containers that were bound at once with all their entries."""
        matches = self._evidence.alignment.matches.values()
        places = (place for match in matches for place in match.seen + _own(match) if place[1] >= ENTRIES)
        return {name for place in places for name in self._evidence.scene.sites[place[0]].names}

    def _of_several(self) -> set[str]:
        """The names of containers in which more than one quantity is bound, item by item: `grads["dw"] = ...`."""
        found: dict[str, set[str]] = {}
        for name, match in self._evidence.alignment.matches.items():
            for site in (self._evidence.scene.sites[place[0]] for place in match.seen + _own(match)):
                if site.kind == "item":
                    found.setdefault(site.owner, set()).add(name.partition("[")[0])
        return {owner for owner, quantities in found.items() if owner and len(quantities) > 1}

    def _times_bound(self, local: Local) -> int:
        scope, name = local
        anew = (one for one in self._evidence.scene.sites.all if one.kind in ("assign", "unpack", "again"))
        return sum(one.scope == scope and name in one.names for one in anew)

    def is_right(self, point: int, event: Event) -> bool:
        """Whether a binding holds the value of an input or a quantity, or something that no formula is made from."""
        value = event.value
        return isinstance(value, Opaque) or value.dtype == "int" or self.quantity(point, value) is not None

    def quantity(self, point: int, value: Value) -> str | None:
        """The name of the input or quantity that has this value at a point; None if there is none."""
        scene = self._evidence.scene
        at = {**scene.reference.points[point].inputs, **scene.reference.values[point]}
        return next((name for name, right in at.items() if compare(value, right, scene.measures[point]).right), None)


def _is_bound_by(site: Site, names: set[Local]) -> bool:
    """Whether a site binds one of these names. The names of a container's entries are no variables, except for code
    that reads that container."""
    if site.kind == "keyword" or (site.kind == "entry" and (site.scope, site.owner.partition(".")[0]) not in names):
        return False
    return any((site.scope, name) in names for name in site.names)


def _own(match: Match) -> tuple[Key, ...]:
    return tuple(event.place for event in match.events if event is not None)
