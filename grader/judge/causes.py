"""What a carried step was fed by: the wrong quantities its own code reads, directly or through helpers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.judge.trial import Evidence
from grader.judge.verdicts import Verdict
from grader.runner.types import Event, Key


def with_causes(evidence: Evidence, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts, each carried one with the quantities that are wrong in their own right behind it."""
    search = _Search(evidence, verdicts)
    return tuple(
        replace(verdict, caused_by=tuple(search.roots(verdict))) if verdict.outcome == "carried" else verdict
        for verdict in verdicts
    )


class _Search:
    def __init__(self, evidence: Evidence, verdicts: Sequence[Verdict]) -> None:
        self.sites = evidence.scene.sites
        self.names = evidence.scene.names
        self.guarded = evidence.scene.guarded
        self.events = evidence.scene.traces[0].events
        self.verdicts = {verdict.step.name: verdict for verdict in verdicts}
        self.owner: dict[Key, str] = {}
        for name, match in evidence.alignment.matches.items():
            for place in (*match.origins, *(() if match.events[0] is None else (match.events[0].place,))):
                self.owner[place] = name
        self.by_name = self._by_name()

    def _by_name(self) -> Mapping[str, list[Event]]:
        found: dict[str, list[Event]] = {}
        for event in self.events:
            site = self.sites[event.site]
            for name in {event.label, site.owner, *site.names} - {""}:
                found.setdefault(name, []).append(event)
        return found

    def roots(self, verdict: Verdict) -> list[str]:
        """Names of the wrong quantities, in the order they were bound."""
        seen: set[Key] = set()
        found = self._lost_roots(verdict)
        waiting = self._starts(verdict)
        while waiting:
            event = waiting.pop()
            if event.place in seen:
                continue
            seen.add(event.place)
            owner = self.owner.get(event.place)
            if owner is not None and owner != verdict.step.name:
                other = self.verdicts[owner]
                if other.outcome == "wrong":
                    found.setdefault(owner, event.sequence)
                    continue
                if other.outcome == "correct":
                    continue
                if other.cause is not None:
                    found |= self._lost_roots(other)
                    waiting.extend(self._starts(other))
                    continue
            waiting.extend(self._read_by(event))
        return sorted(found, key=lambda name: found[name])

    def _starts(self, verdict: Verdict) -> list[Event]:
        if verdict.cause is None and verdict.match is not None and verdict.event is not None:
            starts = (verdict.event.place, *verdict.match.origins)
            return [event for event in self.events if event.place in starts]
        # Its statement raised: what it would have read had been bound by then, or was lost in the same way.
        read = {name for one in self._held_up(verdict) if one.outcome == "carried" for name in _reads(one)}
        return [self.by_name[name][-1] for name in read if name in self.by_name]

    def _lost_roots(self, verdict: Verdict) -> dict[str, int]:
        """What is wrong among the quantities that were to be read and whose statements raised, and when they had their
        turn."""
        wrong = [one for one in self._held_up(verdict) if one.outcome == "wrong" and one is not verdict]
        return {one.step.name: one.order for one in wrong}

    def _held_up(self, verdict: Verdict) -> list[Verdict]:
        """A verdict on a statement that raised, and those on what it reads and what was lost before it; of what is
        wrong nothing further. Where it raised in a function, what was to be bound there is what was lost."""
        guarded = [one for one in self.verdicts.values() if one.step.name in self.guarded and one is not verdict]
        if verdict.cause is not None and (same := [one for one in guarded if one.cause == verdict.cause]):
            return same
        found: dict[str, Verdict] = {}
        waiting = [verdict] if verdict.cause is not None else []
        while waiting:
            one = waiting.pop()
            if one.step.name in found:
                continue
            found[one.step.name] = one
            if one is verdict or one.outcome == "carried":
                lost = (self._lost(name) for name in _reads(one) if name not in self.by_name)
                waiting.extend(other for other in lost if other is not None)
        return list(found.values())

    def _lost(self, name: str) -> Verdict | None:
        """The verdict on a quantity that a name would hold, had the statement that binds it not raised."""
        meaning = self.names.means(name)
        other = None if meaning is None else self.verdicts.get(meaning.quantity)
        known = other is not None and other.event is None and other.outcome in ("carried", "wrong")
        return other if known else None

    def _read_by(self, event: Event) -> list[Event]:
        """For each name the binding's expression reads, its last binding before; all of those that built it up."""
        site = self.sites[event.site]
        names = set(site.reads)
        if site.kind in ("again", "item", "whole", "touched", "settled"):
            names |= {event.label} if event.label else {*site.names, site.owner}
        found = []
        for name in names:
            before = [one for one in self.by_name.get(name, ()) if one.sequence < event.sequence]
            if any(one.label in names for one in before if one.label and self.sites[one.site].owner == name):
                # `grads["z"]` reads that entry, not what else is in `grads`.
                continue
            if before:
                found.append(before[-1])
        if site.kind in ("unpack", "assign") and not found:
            found = self._inside(event)
        return found

    def _inside(self, event: Event) -> list[Event]:
        """A call: what was bound in functions since the last top-level binding."""
        found: list[Event] = []
        for one in reversed([one for one in self.events if one.sequence < event.sequence]):
            if not self.sites[one.site].scope:
                break
            found.append(one)
        return found


def _reads(verdict: Verdict) -> tuple[str, ...]:
    return () if verdict.site is None else tuple(verdict.site.reads)
