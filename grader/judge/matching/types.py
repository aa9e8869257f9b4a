"""What alignment works on and finds: the natural runs of a submission, and the bindings of each quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from grader.exercise.types import Exercise, Step
from grader.instrument.site import Site
from grader.judge.matching.compare import Measure, compare
from grader.judge.matching.families import Slot
from grader.judge.matching.naming import Names
from grader.model import Observed
from grader.reference.points import Reference
from grader.runner.types import Event, Key, Raised, Sites, Trace

Found = Mapping[str, tuple[str, list[Event]]]
"""Per quantity, the name it goes by and all bindings of that name, in order."""

Statement = tuple[int, int]
"""A cell, and a top-level statement in it, both numbered from 0."""

Kept = list[list[Event]]
"""Per point, the bindings within the answer."""


@dataclass(frozen=True, slots=True)
class Match:
    """A quantity and its binding at each point."""

    quantity: str
    """The name of the quantity."""
    bound_as: str
    """The name that the submission binds it under."""
    how: Literal["name", "value"]
    """Whether it was found by that name, or by its value alone."""
    events: tuple[Event | None, ...]
    """The binding at each point; None where it was not bound there."""
    origins: tuple[Key, ...] = ()
    """The earlier bindings, first one first, that held the same value at every point: a helper `t` that the step is
    then set to, the `return` it came from."""
    slot: Slot | None = None
    """Which part of the bound value is meant, where a whole family was bound at once."""
    held_at: tuple[Key, ...] = ()
    """`origins`, and the places where an array came to hold that value before the last of its entries was changed; they
    are only pointed at."""
    handed: tuple[Event | None, ...] = ()
    """The bindings under the quantity's own name, where `events` are those of the local name that was handed on
    there."""

    def values(self) -> tuple[Event | None, ...]:
        """The binding at each point; where a whole family was bound at once, the part that is meant."""
        return tuple(self.value_at(k) for k in range(len(self.events)))

    def value_at(self, point: int) -> Event | None:
        event = self.events[point]
        return event if event is None or self.slot is None else self.slot.of(event)


@dataclass(frozen=True, slots=True)
class Alignment:
    """All matches, by quantity."""

    matches: Mapping[str, Match]

    def stops(self, point: int) -> frozenset[Key]:
        """The bindings at which a forced run hands values over."""
        own = {e.place for match in self.matches.values() if (e := match.events[point]) is not None}
        return frozenset(own.union(*(match.origins for match in self.matches.values())))


@dataclass(frozen=True, slots=True)
class Guarded:
    """A statement that raised before it bound a quantity, or while it continued to build it."""

    site: Site
    """Where it binds."""
    raised: Raised
    """Its error, or that of a statement before for lack of whose name it raised."""
    label: str
    """The name it binds there, where the site has none."""
    continues: bool
    """Whether it continued to build the quantity."""

    @property
    def is_own(self) -> bool:
        """Whether the error is that of this statement, and not of one before, for lack of whose name this raised."""
        at = self.raised.at_cell == self.site.cell
        return at and self.site.statement[0] <= self.raised.line <= self.site.statement[2]


@dataclass(frozen=True, slots=True)
class Scene:
    """What alignment works on: the exercise, its right values, and the natural runs of a submission."""

    exercise: Exercise
    reference: Reference
    names: Names
    sites: Sites
    measures: tuple[Measure, ...]
    traces: tuple[Trace, ...]
    largest: tuple[float, ...] = ()
    """Per point the largest right value."""
    particular: Mapping[str, tuple[Measure, ...]] = field(default_factory=dict)
    """Per quantity and point the measure, where quantities have different ones (`judge/matching/precision.py`)."""
    finest: tuple[Measure, ...] = ()
    """Per point the measure of quantities made in float64 alone."""
    guarded: Mapping[str, Guarded] = field(default_factory=dict)
    """Per quantity the statement in a function or loop that raised before it bound the quantity."""
    stopped: tuple[Guarded, ...] = ()
    """The statements in functions and loops that raised before they bound a local of the student's own."""
    turned: frozenset[str] = frozenset()
    """The quantities whose right values are transposed, as the submission keeps them (`layout`)."""

    @property
    def raised(self) -> tuple[Raised, ...]:
        """What raised at the given numbers, whether or not runs continue after it."""
        guarded = dict.fromkeys(one.raised for one in (*self.guarded.values(), *self.stopped))
        return (*(one for one in guarded if one not in self.traces[0].raised), *self.traces[0].raised)

    @property
    def quantities(self) -> tuple[Step, ...]:
        return (*self.exercise.forward_steps, *self.exercise.steps)

    def measure(self, point: int, quantity: str) -> Measure:
        """How values of a quantity are compared at a point."""
        return self.particular.get(quantity, self.measures)[point]

    def measures_of(self, quantity: str) -> tuple[Measure, ...]:
        """The measure of a quantity at each point."""
        return tuple(self.measure(k, quantity) for k in range(len(self.measures)))

    def right(self, quantity: str, events: Sequence[Event | None]) -> bool:
        """Whether these bindings, one per point, hold the right value of a quantity at every point."""
        return self.is_right(quantity, [None if event is None else event.value for event in events])

    def is_right(self, quantity: str, values: Sequence[Observed | None]) -> bool:
        """Whether these values, one per point, are the right ones of a quantity."""
        measures = self.particular.get(quantity, self.measures)
        for value, right, by in zip(values, self.reference.values, measures, strict=True):
            if value is None or not compare(value, right[quantity], by).right:
                return False
        return True

    def varies(self, quantity: str) -> bool:
        """Whether the right value differs from point to point, so that a binding can be matched by its value."""
        values = [at[quantity] for at in self.reference.values]
        return all(left.data != right.data for left, right in pairwise(values))
