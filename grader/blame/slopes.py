"""Check the locals of a derivation that are named after the locals of a forward pass: `dsqrtvar` beside `sqrtvar`.

The exercise has no name for these values, so their right values are not known, and what one of them has too much a
later line may lack: with `dsqrtvar = -divar / sqrtvar`, `dxmu2 = 2 * xhat * dsq` would be right. But runs in which
`sqrtvar` is shifted a little show how fast the output changes with it. A local that has this value is right. One that
has not may be meant to be something else (`di` for the derivative by what `i` is the sigmoid of); it is wrong if the
step is right with the slope in its place.

This decides no points: it only finds the line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.blame.meant import Meant
from grader.instrument.name_matching import normal
from grader.judge.evidence import Evidence
from grader.judge.matching.provenance import Provenance
from grader.model import Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order

POINT = 1
"""The point at which locals are checked: a probe, since at the given numbers much is right by chance."""

MOST_ENTRIES = 32
"""Size of the largest local that is replaced by its slope: each entry takes two runs."""

SECONDS = 2.5
"""CPU seconds for all these runs of one submission."""

SHIFT, CLOSE = 1e-4, 1e-4
"""How far an entry is shifted, and how closely a slope has to agree, each relative to the largest entry."""


@dataclass(frozen=True, slots=True)
class Suspects:
    """The bindings one of which is wrong, in the order in which they were made. `shown`: the last of them, or what that
    is made from; otherwise all that is known is that no other is."""

    events: tuple[Event, ...]
    shown: bool


@dataclass(slots=True)
class Slopes:
    """Checks the locals of one submission; `found` says of those checked whether they are slopes."""

    session: Session
    evidence: Evidence
    meant: Meant
    deadline: float = field(init=False)
    found: dict[Key, bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.deadline = self.session.spent + SECONDS

    def suspects(self, name: str, step: Event, made_from: Mapping[Key, Event]) -> Suspects:
        """The lines one of which makes the step called `name` wrong. `made_from` has the locals it is made from, at
        `POINT`."""
        output = self._output()
        if output is None or not made_from:
            return Suspects((), False)
        # The order of another run says nothing here.
        step = replace(step, sequence=1 + max(one.sequence for one in made_from.values()))
        lineage = Provenance(self.evidence.scene.sites, (*made_from.values(), step))
        ordered = sorted(made_from.values(), key=_order)
        # Of an array that is filled step by step, only what it holds in the end is a slope.
        last = {one.label or self.evidence.scene.sites[one.site].names: one for one in ordered}
        for event in sorted(last.values(), key=_order):
            start = self._named_after(event, output)
            if start is None or self.session.spent > self.deadline:
                continue
            if event.place not in self.found:
                self.found[event.place] = self._is_slope(event, start, output)
            if self.found[event.place] is False:
                if self._mends(name, event, start, output):
                    return Suspects(self._unchecked(event, lineage), True)
                self.found[event.place] = None
        right = any(self.found.get(place) for place in made_from)
        return Suspects(self._unchecked(step, lineage) if right else (), False)

    def _mends(self, name: str, event: Event, start: Event, output: Event) -> bool:
        """Whether a step is right with the slope in the place of a local."""
        size = len(_numbers(event))
        slopes = [self._slope(start, entry, output) for entry in range(size)] if size <= MOST_ENTRIES else []
        known = [one for one in slopes if one is not None]
        assert isinstance(event.value, Value)
        return len(known) == size and self.meant.is_right_with(POINT, name, event, Value.of(known, event.value.shape))

    def _unchecked(self, event: Event, lineage: Provenance) -> tuple[Event, ...]:
        """A binding, and all that it is made from back to what is checked or made by the forward pass."""
        found: dict[Key, Event] = {}
        waiting = [event]
        while waiting:
            one = waiting.pop()
            if one.place not in found:
                found[one.place] = one
                behind = lineage.read_by(one)
                waiting += [each for each in behind if not self.found.get(each.place) and not self._is_forward(each)]
        return tuple(sorted(found.values(), key=_order))

    def _is_forward(self, event: Event) -> bool:
        """Whether a binding has the value of a local of the forward pass, as one that was kept for the way back has."""
        output = self._output()
        return output is not None and any(
            one.value == event.value for one in self._trace if one.sequence < output.sequence
        )

    @property
    def _trace(self) -> Sequence[Event]:
        return self.evidence.scene.traces[POINT].events

    def _output(self) -> Event | None:
        scene = self.evidence.scene
        match = self.evidence.alignment.matches.get(scene.exercise.output or "")
        return None if match is None or len(match.events) <= POINT else match.value_at(POINT)

    def _named_after(self, event: Event, output: Event) -> Event | None:
        """The binding of the local of the forward pass that a local is named after as its derivative. `dh = 1 - h**2`,
        which is made from no other derivative, is a factor of the chain rule."""
        sites = self.evidence.scene.sites
        own = sites[event.site]
        if not any(normal(name).startswith("d") for name in own.reads.difference(own.names)):
            return None
        named = {normal(one) for one in (event.label, *own.names) if one}
        found: dict[int, Event] = {}
        for one in self._trace:
            site = sites[one.site]
            made = one.sequence < output.sequence and one.role == "own" and site.kind == "assign" and not site.in_loop
            if made and not named.isdisjoint(f"d{normal(name)}" for name in site.names):
                found[one.site] = one
        start = next(iter(found.values()), None)
        return start if len(found) == 1 and _is_fine(event, start) else None

    def _is_slope(self, event: Event, start: Event, output: Event) -> bool | None:
        """Whether a local is how fast the output changes with the local it is named after, in three entries; None where
        that cannot be seen."""
        own = _numbers(event)
        for entry in {0, len(own) // 2, len(own) - 1}:
            slope = self._slope(start, entry, output)
            if slope is None:
                return None
            if abs(slope - own[entry]) > CLOSE * max(abs(slope), *map(abs, own)):
                return False
        return True

    def _slope(self, start: Event, entry: int, output: Event) -> float | None:
        shift = SHIFT * (max(map(abs, _numbers(start))) or 1.0)
        above, below = (self._shifted(start, entry, side * shift, output) for side in (1, -1))
        return None if above is None or below is None else (above - below) / (2 * shift)

    def _shifted(self, start: Event, entry: int, shift: float, output: Event) -> float | None:
        """The output of a run in which an entry of a local is shifted."""
        assert isinstance(start.value, Value)
        numbers = list(start.value.numbers())
        numbers[entry] += shift
        put = Value.of(numbers, start.value.shape, start.value.dtype)
        inputs = self.evidence.scene.reference.points[POINT].inputs
        # Such a run ends with the last binding it stops at: that is the one to be seen.
        order = Order(inputs, self.evidence.decisions, frozenset({start.place, output.place}), observe=True)
        trace = self.session.run(order, lambda stopped: put if stopped.place == start.place else None)
        seen = next((one.value for one in trace.events if one.place == output.place), None)
        return seen.numbers()[0] if isinstance(seen, Value) and seen.size == 1 else None


def _is_fine(event: Event, start: Event | None) -> bool:
    """Whether both hold as many numbers, in float64: coarser ones show no slope."""
    values = event.value, None if start is None else start.value
    sizes = {one.size for one in values if isinstance(one, Value) and one.size and one.dtype in _FINE}
    return len(sizes) == 1 and all(isinstance(one, Value) and one.dtype in _FINE for one in values)


_FINE = ("float64", "float")


def _numbers(event: Event) -> tuple[float, ...]:
    return tuple(event.value.numbers()) if isinstance(event.value, Value) else ()


def _order(event: Event) -> int:
    return event.sequence
