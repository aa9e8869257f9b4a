"""The bindings of one watched run up to the hand-over of a wrong step, with everything before it right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grader.judge.evidence import Evidence
from grader.judge.matching.compare import Measure
from grader.judge.matching.naming import held_by
from grader.judge.verdicts import Verdict
from grader.model import Value
from grader.runner.types import Event

Events = tuple[Event, ...]

MOST = 1024
"""Largest size of a value whose entries are compared one by one."""


@dataclass(frozen=True, slots=True)
class StepTrace:
    """The bindings up to the step's own, in order; the value the step had, the right one, and the indices, in C order,
    of the wrong entries. `wrong` is None where single entries cannot be compared."""

    events: Events
    own: Value
    right: Value
    wrong: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Change:
    """A binding that changed the value of a name: the binding before it, and both values."""

    event: Event
    name: str
    earlier: Event
    before: Value
    after: Value

    @property
    def entries(self) -> frozenset[int]:
        """The indices of the entries that changed."""
        pairs = zip(self.before.numbers(), self.after.numbers(), strict=True)
        return frozenset(place for place, (old, new) in enumerate(pairs) if old != new)


def step_traces(evidence: Evidence, runs: Sequence[Events], verdict: Verdict) -> tuple[StepTrace, ...]:
    """Return one trace per point; none if the step was not handed over as numbers at every point."""
    found = []
    for k, run in enumerate(runs):
        own = evidence.commits[k].get(verdict.step.name)
        if not isinstance(own, Value):
            return ()
        right = evidence.scene.reference.values[k][verdict.step.name]
        wrong = _wrong_entries(own, right, evidence.scene.measure(k, verdict.step.name))
        found.append(StepTrace(_before(run, verdict, own), own, right, wrong))
    return tuple(found)


def _before(run: Events, verdict: Verdict, own: Value) -> Events:
    """The bindings before the step's own, and the bindings that held the step's value before it was replaced."""
    match = verdict.match
    if match is None:
        return run
    places = {*match.seen, *match.origins, *(event.place for event in match.events if event is not None)}
    stops = [event.sequence for event in run if event.place in places.difference(match.seen) | {*match.origins}]
    end = min(stops, default=None)
    before = run if end is None else tuple(event for event in run if event.sequence < end)
    if match.slot is not None or end is None:
        return before
    held = (replace(event, value=own) for event in run if event.place in places and event.sequence >= end)
    return (*before, *held)


def _wrong_entries(own: Value, right: Value, by: Measure) -> frozenset[int] | None:
    if not 1 < own.size <= MOST or own.size != right.size:
        return None
    wanted = right.numbers()
    allowed = by.rtol * max(abs(number) for number in wanted) + by.atol
    pairs = zip(own.numbers(), wanted, strict=True)
    return frozenset(place for place, (number, other) in enumerate(pairs) if not abs(number - other) <= allowed)


def changes(evidence: Evidence, events: Sequence[Event]) -> Iterator[Change]:
    """Yield the changes, name by name: an array filled entry by entry, something added, a name bound again."""
    held: dict[tuple[str, str, str], Event] = {}
    for event in events:
        site = evidence.scene.sites[event.site]
        if event.key is not None or site.kind in ("loop", "entry", "keyword", "returned", "argument", "appended"):
            continue
        name = event.label or (site.names[0] if site.names else "")
        key = (site.scope, held_by(event, site) if event.label else "", name)
        before = held.get(key)
        held[key] = event
        if site.kind == "parameter":
            continue  # a name of another call
        if before is None or not isinstance(before.value, Value) or not isinstance(event.value, Value):
            continue
        if before.value.shape == event.value.shape and before.value.data != event.value.data:
            yield Change(event, name, before, before.value, event.value)
