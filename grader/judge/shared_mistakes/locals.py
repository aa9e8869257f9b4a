"""A local that wrong steps are made from, and runs in which something is added to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.instrument.site import CHANGES, Site
from grader.judge.evidence import Evidence
from grader.judge.runs.teacher_forcing import Teacher
from grader.judge.shared_mistakes.affine import numbers
from grader.model import Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order

MOST_RUNS = 800
"""Runs made for one submission, at most."""


@dataclass(frozen=True, slots=True)
class Local:
    """The passes of one site that wrong steps are made from: `events` at the given point, `places` at every point where
    the local is examined."""

    site: Site
    steps: tuple[str, ...]
    events: tuple[Event, ...]
    places: tuple[frozenset[Key], ...]

    @property
    def name(self) -> tuple[str, str]:
        """The scope of the local, and its name there."""
        return self.site.scope, self.events[0].label or next(iter(self.site.names), "")

    @property
    def is_start(self) -> bool:
        """Whether it is 0 throughout: a start value that something is added to, or put into, later."""
        return not any(isinstance(event.value, Value) and any(event.value.numbers()) for event in self.events)

    @property
    def entries(self) -> int:
        values = {event.place: event.value for event in self.events if isinstance(event.value, Value)}
        return sum(map(len, self.free(values).values()))

    def free(self, held: Mapping[Key, Value]) -> dict[Key, list[int]]:
        """The entries to change, pass by pass; of an array that is built up, only those that the pass has changed."""
        found: dict[Key, list[int]] = {}
        before: Value | None = None
        for place, value in held.items():
            found[place] = list(range(value.size))
            if self.site.kind in CHANGES and before is not None and before.shape == value.shape:
                pairs = zip(numbers(before), numbers(value), strict=True)
                found[place] = [entry for entry, (old, new) in enumerate(pairs) if old != new]
            before = value
        return found

    def spread(self, held: Mapping[Key, Value], change: Any) -> dict[Key, Any]:
        """Distribute a change of all these entries over the passes."""
        import numpy

        found, start = {}, 0
        for place, entries in self.free(held).items():
            found[place] = numpy.zeros(held[place].size)
            found[place][entries] = change[start : start + len(entries)]
            start += len(entries)
        return found


@dataclass(slots=True)
class LocalRuns:
    """Makes the runs: all quantities except the steps in question are right, and the local is changed as asked."""

    session: Session
    evidence: Evidence
    left: int = MOST_RUNS

    def at(self, point: int, local: Local, added: Mapping[Key, Any]) -> tuple[dict[str, Value], dict[Key, Value]]:
        """Return the quantities when `added` is added to the local, and the local's own values. The right values of the
        steps in question stay in the grader."""
        evidence, own = self.evidence, local.places[point]
        teacher = Teacher(evidence.scene, evidence.alignment, point, whole=evidence.misshapen, disturbed=True)
        found: dict[Key, Value] = {}

        def decide(event: Event) -> Value | None:
            if event.place in own and isinstance(event.value, Value):
                found[event.place] = event.value
                change = added.get(event.place)
                if change is None or len(change) != event.value.size:  # its size differs from run to run
                    return None
                return replace(event.value, data=(numbers(event.value) + change).tobytes())
            right = teacher.decide(event)
            hidden = any(name in local.steps for name, _ in teacher.places.get(event.place, ()))
            return None if hidden else right

        self.left -= 1
        inputs = evidence.scene.reference.points[point].inputs
        stops = teacher.stops | own
        order = Order(inputs, evidence.decisions, stops, teacher.reshaped, teacher.supplied, evidence.until)
        self.session.run(order, decide)
        return {name: value for name, value in teacher.commits.items() if isinstance(value, Value)}, found


def moved(held: Mapping[Key, Value], free: Mapping[Key, Sequence[int]]) -> Iterator[dict[Key, Any]]:
    """Yield, for each entry of the local, the change that adds 1 to it."""
    import numpy

    for place, entries in free.items():
        for entry in entries:
            added = numpy.zeros(held[place].size)
            added[entry] = 1.0
            yield {place: added}
