"""Tell bindings that were meant for a quantity from guesses made in the hope of hitting one.

A value identifies the quantity of a binding only where few values were tried. In a derivation most bindings are
quantities, under whatever name, along with a few parts of each (`1 - h**2`, one term of a sum). A program that binds
all products of the given numbers hits many quantities too, among far more values that are none.

The measure is how many different values of a quantity's shape follow the inputs and are no quantity:

1. A site that binds many of them (a loop over guesses, a local of a function that is called with each) is not matched
   by value.
2. If the remaining sites bind more of them than the right matches justify, nothing is matched by value.
3. Of the bindings of one name (`dh = ...`, read, and bound again) only a few different values are considered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.judge.matching.compare import Measure, compare
from grader.model import Value
from grader.runner.types import Event, Key, Sites

MAX_OTHER_VALUES = 8
"""How many values that are no quantity a derivation, or a single site, may bind; each quantity allows one more."""

Shape = tuple[int, ...]


@dataclass(slots=True)
class _Place:
    """The different values of one shape that one site bound: those that are no quantity (`others`), and quantities
    (`known`)."""

    others: set[bytes] = field(default_factory=set)
    known: set[bytes] = field(default_factory=set)

    @property
    def is_crowded(self) -> bool:
        return len(self.others) > MAX_OTHER_VALUES + len(self.known)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What one run bound, by shape and site. `first[shape][n]` is when the (n + 1)th value that is no quantity was
    bound, at sites that are not crowded."""

    crowded: frozenset[tuple[Shape, int]]
    first: Mapping[Shape, Sequence[int]]

    def is_guess(self, event: Event) -> bool:
        """Whether a binding is one of the many values of a crowded site."""
        return isinstance(event.value, Value) and (shape_of(event.value), event.site) in self.crowded

    def is_likely(self, shape: Shape, hits: Collection[Event], named: int) -> bool:
        """Whether these bindings of a shape, one for each value, are likely to be meant, if `named` quantities of that
        shape are right under their names."""
        last = max((one.sequence for one in hits), default=0)
        before = sum(sequence < last for sequence in self.first.get(shape, ()))
        return before <= MAX_OTHER_VALUES + len(hits) + named


def crowd(
    events: Sequence[Event], elsewhere: Mapping[Key, Event], known: Iterable[Value], sites: Sites, by: Measure
) -> Crowd:
    """Count what a run bound besides what is `known`: all right values and inputs of the run `elsewhere`, at other
    numbers, in which the same bindings are examined. A value that is the same there does not follow the inputs."""
    shapes: dict[Shape, list[Value]] = {}
    for one in known:
        shapes.setdefault(shape_of(one), []).append(one)
    most = {shape: MAX_OTHER_VALUES + len(values) for shape, values in shapes.items()}
    places: dict[tuple[Shape, int], _Place] = {}
    when: dict[Shape, dict[bytes, tuple[int, int]]] = {}
    quantities: dict[Shape, dict[bytes, bytes | None]] = {shape: {} for shape in shapes}
    for event in events:
        twin = elsewhere.get(event.place)
        if event.role != "own" or twin is None or sites[event.site].kind in ("parameter", "loop"):
            continue
        value = twin.value
        if not isinstance(value, Value) or not isinstance(event.value, Value) or value.data == event.value.data:
            continue
        shape = shape_of(value)
        if shape not in shapes:
            continue
        place = places.setdefault((shape, event.site), _Place())
        if len(place.others) > most[shape]:
            continue  # already crowded, whatever else it binds
        if value.data not in quantities[shape]:
            right = [one.data for one in shapes[shape] if compare(value, one, by).right]
            quantities[shape][value.data] = right[0] if right else None
        quantity = quantities[shape][value.data]
        if quantity is not None:
            place.known.add(quantity)
            continue
        place.others.add(value.data)
        when.setdefault(shape, {}).setdefault(value.data, (event.sequence, event.site))
    crowded = frozenset(key for key, place in places.items() if place.is_crowded)
    first = {
        shape: [sequence for sequence, site in found.values() if (shape, site) not in crowded]
        for shape, found in when.items()
    }
    return Crowd(crowded, first)


def shape_of(value: Value) -> Shape:
    """The shape without axes of size 1."""
    return tuple(size for size in value.shape if size != 1)


MAX_VALUES_PER_NAME = 8
"""Up to this many different values of one name, each may be the one that is meant."""

MAX_SITES_PER_NAME = 4
"""If there are more values: how many sites are considered."""

MAX_ENDS = 8
"""How many cells that bind steps again may each be the start of what follows the answer."""

MAX_CALLS = 16
"""Up to this many calls of a function, with different results, each may be the answer; if there are more, only
`CALLS_AT_ENDS` at either end."""

CALLS_AT_ENDS = 2


def likely(events: Sequence[Event], sites: Sites) -> frozenset[Key]:
    """Those of the bindings of one name that may be meant by it.

    If a name holds many values, only the bindings at the first sites: what was derived once is later tried out in a
    loop, or trained with. In a loop only the last binding counts, since the value may have been added up there."""
    values = {(one.key, one.value.data) if isinstance(one.value, Value) else None for one in events}
    keys = {one.key for one in events}
    if len(values) <= MAX_VALUES_PER_NAME * len(keys):
        return frozenset(one.place for one in events)
    by_site: dict[int, list[Event]] = {}
    for event in events:
        by_site.setdefault(event.site, []).append(event)
    places = list(by_site.values())[: MAX_SITES_PER_NAME * len(keys)]
    once = frozenset(found[0].place for found in places if not sites[found[0].site].in_loop)
    return once | frozenset(found[-1].place for found in places)
