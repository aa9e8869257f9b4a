"""Find what a carried step was fed by: the wrong quantities that its own code reads, directly or through helpers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.judge.evidence import Evidence
from grader.judge.matching.provenance import Provenance
from grader.judge.verdicts import Verdict
from grader.runner.types import Event, Key


def with_causes(evidence: Evidence, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts, each carried one with its causes: the quantities behind it that are wrong themselves."""
    search = _ErrorPropagation(evidence, verdicts)
    return tuple(
        replace(verdict, caused_by=tuple(search.roots(verdict))) if verdict.outcome == "carried" else verdict
        for verdict in verdicts
    )


class _ErrorPropagation:
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
        self.lineage = Provenance(self.sites, self.events)
        self.by_name = self.lineage.by_name

    def roots(self, verdict: Verdict) -> list[str]:
        """The names of the wrong quantities, in the order they were bound."""
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
            waiting.extend(self.lineage.read_by(event))
        return sorted(found, key=lambda name: found[name])

    def _starts(self, verdict: Verdict) -> list[Event]:
        if verdict.cause is None and verdict.match is not None and verdict.event is not None:
            starts = (verdict.event.place, *verdict.match.origins)
            return [event for event in self.events if event.place in starts]
        # The step's statement raised: what it would have read was bound before, or was lost to an error too.
        read = {name for one in self._held_up(verdict) if one.outcome == "carried" for name in _reads(one)}
        return [self.by_name[name][-1] for name in read if name in self.by_name]

    def _lost_roots(self, verdict: Verdict) -> dict[str, int]:
        """The wrong quantities among those that the verdict's statement was to read and whose own statements raised,
        with the times they were reached."""
        return {one.step.name: one.order for one in self._held_up(verdict) if one.outcome == "wrong"}

    def _held_up(self, verdict: Verdict) -> list[Verdict]:
        """The verdict, on a statement that raised, and those on lost quantities that it reads, directly or through
        others that are carried. If it raised in a function, the lost quantities are those to be bound there."""
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
        """The verdict on the quantity that a name would hold if the statement that binds it had not raised."""
        meaning = self.names.means(name)
        other = None if meaning is None else self.verdicts.get(meaning.quantity)
        if other is None or other.outcome not in ("carried", "wrong"):
            return None
        bound = other.event is not None if other.match is None else other.match.events[0] is not None
        return None if bound else other


def _reads(verdict: Verdict) -> tuple[str, ...]:
    return () if verdict.site is None else tuple(verdict.site.reads)
