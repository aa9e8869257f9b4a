"""Match the members of a family over time, `dh[t]`: one rebound name, elements of a list or array, or a whole array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

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
        """`value` with this part replaced by `part`."""
        size = len(part.data)
        start = self.index * size
        return Value(value.shape, value.data[:start] + part.data + value.data[start + size :], value.dtype)


Member = tuple[Event, Slot | None] | None
"""A member's binding, and its slot in what was bound; None if it has no binding."""


def members_of(steps: Sequence[Step], right: Sequence[Value], events: Sequence[Event], sites: Sites) -> list[Member]:
    """Return, for each member of a family, its binding among those of the family's name, at one point.

    `steps` are in the order of the loop; `right` are their right values."""
    elements = {event.key: event for event in events if event.key is not None}
    single: list[Member] = [_element(elements.get(step.index or 0)) for step in steps]
    if None not in single:
        return single
    for found in (_passes(steps, right, events, sites), _grown(steps, events, sites), _whole(steps, right, events)):
        if found:
            return found
    return single


def _element(event: Event | None) -> Member:
    return None if event is None else (event, None)


def _passes(steps: Sequence[Step], right: Sequence[Value], events: Sequence[Event], sites: Sites) -> list[Member]:
    """One name bound, or the object it holds changed (`dy[y] -= 1`), once in each pass of a loop; if several sites fit,
    the last one in the text.

    A family may begin with a member from before the loop (`h[0] = h0`): then the passes are the other members."""
    by_site = _in_loops(events, sites, ("assign", "again", "unpack"))
    for site, changed in _in_loops(events, sites, ("whole",)).items():
        # An array that each pass fills one entry of is bound as a whole in each pass too, and is longer by an axis.
        if all(isinstance(one.value, Value) and one.value.shape == right[0].shape for one in changed):
            by_site[site] = changed
    for missing in (0, 1):
        fitting = [site for site, found in by_site.items() if len(found) == len(steps) - missing]
        if fitting:
            return [None] * missing + [(event, None) for event in by_site[max(fitting)]]
    return []


def _grown(steps: Sequence[Step], events: Sequence[Event], sites: Sites) -> list[Member]:
    """A list to which every pass adds one member: at its end, at its start, or behind what it started with."""
    for found in _in_loops(events, sites, ("touched",)).values():
        if len(found) != len(steps):
            continue
        lists = [event.value for event in found if isinstance(event.value, Value) and event.value.shape]
        if any(after.shape[0] == before.shape[0] for before, after in pairwise(lists)):
            continue  # each pass fills one entry of an array
        if len(lists) < len(found):
            return []
        added = [_added(before, after) for before, after in pairwise(lists)]
        return [(event, Slot(place)) for event, place in zip(found, [_first(lists, added), *added], strict=True)]
    return []


def _added(before: Value, after: Value) -> int:
    """The place of the entry that a longer list has and a shorter one has not."""
    alike = takewhile(lambda rows: rows[0] == rows[1], zip(_rows(before), _rows(after), strict=False))
    return sum(1 for _ in alike)


def _first(lists: Sequence[Value], added: Sequence[int]) -> int:
    """The place of the first entry that was added: as far from the end of the list, or from its start, as the next one.
    What the list started with may be None."""
    last = lists[0].shape[0] - 1
    if not added:
        return last
    from_end = last - (lists[1].shape[0] - 1 - added[0])
    rows = _rows(lists[0])
    fitting = (place for place in (from_end, added[0]) if 0 <= place <= last and not _is_blank(rows[place]))
    return next(fitting, last)


def _rows(value: Value) -> list[bytes]:
    size = len(value.data) // max(value.shape[0], 1)
    return [value.data[start : start + size] for start in range(0, len(value.data), size)] if size else []


def _is_blank(row: bytes) -> bool:
    """Whether every number of a row is NaN, as those are that stand for None."""
    return all(math.isnan(number) for number in Value((len(row) // 8,), row).numbers())


def _in_loops(events: Sequence[Event], sites: Sites, kinds: tuple[str, ...]) -> dict[int, list[Event]]:
    by_site: dict[int, list[Event]] = {}
    for event in events:
        site = sites[event.site]
        if event.key is None and site.in_loop and site.kind in kinds:
            by_site.setdefault(event.site, []).append(event)
    return by_site


def _whole(steps: Sequence[Step], right: Sequence[Value], events: Sequence[Event]) -> list[Member]:
    """Members as parts of one array or list: by index, or, if it is too short for that, in ascending order."""
    shape = right[0].shape
    bound = [
        event
        for event in events
        if event.key is None and isinstance(event.value, Value) and event.value.shape[1:] == shape and event.value.shape
    ]
    if not bound or not isinstance(bound[-1].value, Value):
        return []
    length = bound[-1].value.shape[0]
    indices = [step.index or 0 for step in steps]
    places = indices if length > max(indices) else [sorted(indices).index(index) for index in indices]
    return [(bound[-1], Slot(place)) if place < length else None for place in places]
