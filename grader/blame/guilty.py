"""The line to blame for a wrong step that no repair was found for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.blame.calls import Calls
from grader.blame.control import condition_of, returned_early
from grader.blame.entries import by_entries, by_terms, fillings, overwritten, unwritten
from grader.blame.known import Known
from grader.blame.spoilt import Restoring, Spoilt
from grader.blame.witness import Events, Witness, witnesses
from grader.diagnosis.finding import Finding
from grader.diagnosis.surroundings import surroundings
from grader.judge.compare import same
from grader.judge.trial import Evidence
from grader.judge.verdicts import Verdict
from grader.model import Submission
from grader.runner.session import Session
from grader.runner.site import Site
from grader.runner.types import Event
from grader.submission.wording import at_line

DEEPEST = 4
"""Functions and locals that are gone into, one from another."""

MOST = 6
"""Steps whose lines are looked for."""


def with_guilty_lines(
    session: Session,
    evidence: Evidence,
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    names: frozenset[str],
) -> tuple[Verdict, ...]:
    """The verdicts, those on the steps of these names with the place where their values were made wrong."""
    open_ones = [one for one in verdicts if one.step.name in names][:MOST]
    runs = surroundings(session, evidence, submission).runs
    search = _Search(session, evidence, submission, verdicts, runs)
    found = {one.step.name: search.pointed(one) for one in open_ones}
    return tuple(found.get(one.step.name, one) for one in verdicts)


def is_open(verdict: Verdict, finding: Finding | None) -> bool:
    """Whether a step is wrong, and nobody has found a repair that says where."""
    bound = verdict.match is not None and verdict.event is not None and verdict.site is not None
    mended = finding is not None and finding.text is not None
    return verdict.outcome == "wrong" and verdict.reason in _SHOWN and bound and not mended


_SHOWN = ("value", "shape", "given_point_only", "not_finite", "constant")


@dataclass(frozen=True, slots=True)
class _At:
    """A place that was reached in the run at the given numbers, and what had been bound by then."""

    site: Site
    events: Events


class _Search:
    def __init__(
        self,
        session: Session,
        evidence: Evidence,
        submission: Submission,
        verdicts: Sequence[Verdict],
        runs: tuple[Events, ...],
    ) -> None:
        self.evidence, self.submission, self.runs = evidence, submission, runs
        self.sites = evidence.scene.sites
        self.calls = Calls(submission)
        self.known = Known(evidence, verdicts, self.calls)
        self.restoring = Restoring(session, evidence, self.known)

    def pointed(self, verdict: Verdict) -> Verdict:
        """The verdict with the place to point at."""
        seen = witnesses(self.evidence, self.runs, verdict)
        if not seen:
            return verdict
        spoilt = self.restoring.spoilt(verdict, seen)
        if spoilt is not None:
            return replace(verdict, site=spoilt.site, note=self._said(spoilt))
        site = self._by_entries(seen) or self._made_at(verdict, seen)
        return verdict if site is None else replace(verdict, site=site)

    def _said(self, spoilt: Spoilt) -> str:
        made, changed = (self._line(one) for one in (spoilt.made, spoilt.site))
        return f"`{spoilt.name}` was right on {made}; {changed} changed it before it was read here"

    def _line(self, site: Site) -> str:
        return at_line(self.submission.cells[site.cell], site.statement[0])

    def _by_entries(self, seen: Sequence[Witness]) -> Site | None:
        """Of lines that fill one array, the guilty one, or what decides that it runs."""
        own = [line for line in fillings(self.evidence, seen, own=True) if line.site.cell < len(self.submission.cells)]
        if unwritten(seen, own):
            site = own[-1].site
            return returned_early(self.submission, site) or condition_of(self.submission, site)
        every = fillings(self.evidence, seen, own=False)
        site = by_entries(seen, [line for line in every if line.site.cell < len(self.submission.cells)])
        if site is not None and overwritten(seen):
            return condition_of(self.submission, site) or site
        return site or by_terms(seen, own)

    def _made_at(self, verdict: Verdict, seen: Sequence[Witness]) -> Site | None:
        """Where the value was computed: inside the functions that hand it on, and at the local it is made of."""
        start = self._start(verdict, seen)
        for _ in range(DEEPEST):
            deeper = None if start is None else self._deeper(start)
            if deeper is None:
                break
            start = deeper
        return None if start is None else start.site

    def _start(self, verdict: Verdict, seen: Sequence[Witness]) -> _At | None:
        """The first binding that held the wrong value and is no right one's."""
        holding = [
            event
            for event in seen[0].events
            if same(event.value, seen[0].own) and self._may_be(event) and self._holds_everywhere(event, seen)
        ]
        computed = [event for event in holding if not self.sites[event.site].copy]
        assert verdict.site is not None
        calling = None if verdict.event is None else self.sites[verdict.event.site]
        if calling is not None and calling.cell < len(self.submission.cells) and self._hands_over_wrong(calling, seen):
            return _At(calling, seen[0].events)
        for event in (*computed, *holding):
            return _At(self.sites[event.site], _until(seen[0].events, event))
        return _At(verdict.site, seen[0].events) if verdict.site.cell < len(self.submission.cells) else self._last(seen)

    def _hands_over_wrong(self, site: Site, seen: Sequence[Witness]) -> bool:
        """Whether a line hands something it has computed, and that is nobody's right value, to a function."""
        return any(not self._handed_right(name, computed, seen[0].events) for name, computed in self._calls(site))

    def _last(self, seen: Sequence[Witness]) -> _At | None:
        """What a function bound last: nothing that it bound had the value it gave."""
        inner = [event for event in seen[0].events if self.sites[event.site].scope and self._may_be(event)]
        return _At(self.sites[inner[-1].site], _until(seen[0].events, inner[-1])) if inner else None

    def _may_be(self, event: Event) -> bool:
        site = self.sites[event.site]
        name = event.label or (site.names[0] if site.names else "")
        trusted = (site.scope, name) in self.known.locals
        passing = site.kind in ("parameter", "loop", "keyword", "swept", "typed")
        return event.role == "own" and not passing and not trusted and site.cell < len(self.submission.cells)

    def _holds_everywhere(self, event: Event, seen: Sequence[Witness]) -> bool:
        return all(any(one.site == event.site and same(one.value, w.own) for one in w.events) for w in seen[1:])

    def _deeper(self, place: _At) -> _At | None:
        """What a line that is readable, and that no small change makes right, is made of: the result of a function of
        which nothing right is made, else an array that a loop fills."""
        if place.site.in_loop and place.site.kind in ("whole", "item", "again"):
            return None
        for name, computed in self._calls(place.site):
            if name not in self.known.functions and self._handed_right(name, computed, place.events):
                if (inner := self._result(name, place)) is not None:
                    return inner
        filled = [self._filled(place, name) for name in sorted(place.site.reads)]
        return next((one for one in filled if one is not None), None)

    def _calls(self, site: Site) -> list[tuple[str, tuple[str, ...]]]:
        return [(name, self.calls.computed(name, call)) for name, call in self.calls.of(site)]

    def _handed_right(self, name: str, computed: Sequence[str], events: Events) -> bool:
        """Whether what was computed for a call was right."""
        for parameter in computed:
            handed = [
                event for event in events if self._is_of(event, name) and parameter in self.sites[event.site].names
            ]
            if not handed or not self.known.is_right(0, handed[-1]):
                return False
        return True

    def _is_of(self, event: Event, function: str) -> bool:
        return self.sites[event.site].scope.split(".")[-1] == function

    def _result(self, function: str, place: _At) -> _At | None:
        """What a function last gave before a line."""
        inner = [event for event in place.events if self._gives(event, function)]
        if not inner or self.known.is_right(0, inner[-1]):
            return None
        return _At(self.sites[inner[-1].site], _until(place.events, inner[-1]))

    def _gives(self, event: Event, function: str) -> bool:
        site = self.sites[event.site]
        if site.kind in ("parameter", "loop", "keyword", "entry", "typed") or site.cell >= len(self.submission.cells):
            return False
        if site.scope.split(".")[-1] == "lambda":
            return site.kind == "returned" and self.calls.lambda_at(site.cell, function) == site.value
        return self._is_of(event, function)

    def _filled(self, place: _At, name: str) -> _At | None:
        """The line in a loop that last changed an array under a name, if nothing right is made of it."""
        scope = place.site.scope
        named = [event for event in place.events if self._is_named(event, name, scope)]
        if not named or (scope, name) in self.known.locals or self.known.is_right(0, named[-1]):
            return None
        site = self.sites[named[-1].site]
        by_loop = site.in_loop and site.kind in ("whole", "again", "touched") and not place.site.in_loop
        return _At(site, _until(place.events, named[-1])) if by_loop else None

    def _is_named(self, event: Event, name: str, scope: str) -> bool:
        site = self.sites[event.site]
        return name in (event.label or "", *site.names) and site.scope in (scope, "")


def _until(events: Events, end: Event) -> Events:
    return tuple(event for event in events if event.sequence < end.sequence)
