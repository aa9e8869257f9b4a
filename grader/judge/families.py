"""Families over time: `dh[t]` kept as one rebound name, as elements of a list or array, or bound as a whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from grader.exercise.types import Step
from grader.model import Value
from grader.runner.types import Event, Sites


@dataclass(frozen=True, slots=True)
class Slot:
    """The part of a bound array that is one member: its index along the first axis."""

    index: int

    def of(self, event: Event) -> Event:
        """The binding as if it had bound this part alone."""
        part = self.take(event.value) if isinstance(event.value, Value) else None
        return event if part is None else replace(event, value=part)

    def take(self, value: Value) -> Value | None:
        if not value.shape or self.index >= value.shape[0]:
            return None
        size = 8 * math.prod(value.shape[1:])
        return Value(value.shape[1:], value.data[self.index * size : (self.index + 1) * size], value.dtype)

    def put(self, value: Value, part: Value) -> Value:
        """`value` with this part replaced."""
        size = len(part.data)
        start = self.index * size
        return Value(value.shape, value.data[:start] + part.data + value.data[start + size :], value.dtype)


Member = tuple[Event, Slot | None] | None


def members_of(
    steps: Sequence[Step], events: Sequence[Event], sites: Sites, right: Callable[[Step, Event], bool]
) -> list[Member]:
    """For each member of a family its binding among those of the family's name."""
    elements = {event.key: event for event in events if event.key is not None}
    single: list[Member] = [_element(elements.get(step.index or 0)) for step in steps]
    if None not in single:
        return single
    passes = _passes(events, sites, len(steps))
    if passes:
        return [(event, None) for event in passes]
    whole = [event for event in events if event.key is None and isinstance(event.value, Value) and event.value.shape]
    if whole:
        return _slotted(steps, whole[-1], right)
    return single


def _element(event: Event | None) -> Member:
    return None if event is None else (event, None)


def _passes(events: Sequence[Event], sites: Sites, count: int) -> list[Event]:
    """One binding per pass of a loop: of the sites bound that often, the last in the text."""
    by_site: dict[int, list[Event]] = {}
    for event in events:
        if event.key is None and sites[event.site].in_loop and sites[event.site].kind != "whole":
            by_site.setdefault(event.site, []).append(event)
    fitting = [site for site, found in by_site.items() if len(found) == count]
    return by_site[max(fitting)] if fitting else []


def _slotted(steps: Sequence[Step], event: Event, right: Callable[[Step, Event], bool]) -> list[Member]:
    """Members as parts of one array or list: by index, or, where it is too short for that, in ascending order or in
    the order of the loop (a list that was appended to), whichever makes more of them right."""
    assert isinstance(event.value, Value)
    length = event.value.shape[0]
    indices = [step.index or 0 for step in steps]
    ascending = [sorted(indices).index(index) for index in indices]
    ways = [indices] if length > max(indices) else [ascending, list(range(len(steps)))]

    def members(way: list[int]) -> list[Member]:
        return [(event, Slot(place)) if place < length else None for place in way]

    def score(way: list[int]) -> int:
        return sum(
            member is not None and member[1] is not None and right(step, member[1].of(event))
            for step, member in zip(steps, members(way), strict=True)
        )

    return members(max(ways, key=score))
