"""Check the locals of a derivation that are named after the locals of a forward pass: `dsqrtvar` beside `sqrtvar`.

The exercise has no name for these values, so their right values are not known, and what one of them has too much a
later line may lack: with `dsqrtvar = -divar / sqrtvar`, `dxmu2 = 2 * xhat * dsq` would be right. But runs in which
`sqrtvar` is shifted a little show how fast the output changes with it. The first local that has not this value is
wrong, or made from a wrong one.

No right value is used, and this decides no points: it only finds the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.instrument.name_matching import normal
from grader.judge.evidence import Evidence
from grader.judge.matching.provenance import Provenance
from grader.model import Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order

POINT = 1
"""The point at which locals are checked: a probe, since at the given numbers much is right by chance."""

ENTRIES = 3
"""Entries of a local that are checked, at most."""

SECONDS = 1.5
"""CPU seconds for all these runs of one submission."""

SHIFT, CLOSE = 1e-4, 1e-5
"""How far an entry is shifted, and how closely a slope has to agree, each relative to the largest entry."""


@dataclass(slots=True)
class Slopes:
    """Checks the locals of one submission; `found` has those already checked."""

    session: Session
    evidence: Evidence
    deadline: float = field(init=False)
    found: dict[Key, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.deadline = self.session.spent + SECONDS

    def suspects(self, step: Event, made_from: Mapping[Key, Event]) -> tuple[Event, ...]:
        """Of a wrong step and the locals it is made from, those one of which is wrong, in the order in which they were
        made: the first one with a wrong slope, or else the step, and what that is made from as far as there is no slope
        to compare it with. None if nothing could be compared."""
        output = self._output()
        if output is None or not made_from:
            return ()
        # The order of another run says nothing here.
        step = replace(step, sequence=1 + max(one.sequence for one in made_from.values()))
        lineage = Provenance(self.evidence.scene.sites, (*made_from.values(), step))
        compared = False
        ordered = sorted(made_from.values(), key=_order)
        # Of an array that is filled step by step, only what it holds in the end is a slope.
        last = {one.label or self.evidence.scene.sites[one.site].names: one for one in ordered}
        for event in sorted(last.values(), key=_order):
            start = self._named_after(event, output)
            if start is None or self.session.spent > self.deadline:
                continue
            if event.place not in self.found:
                self.found[event.place] = self._is_slope(event, start, output)
            compared = True
            if not self.found[event.place]:
                return self._unchecked(event, lineage)
        return self._unchecked(step, lineage) if compared else ()

    def _unchecked(self, event: Event, lineage: Provenance) -> tuple[Event, ...]:
        return tuple(sorted({one.place: one for one in self._behind(event, lineage)}.values(), key=_order))

    def _behind(self, event: Event, lineage: Provenance) -> Iterator[Event]:
        yield event
        for behind in lineage.read_by(event):
            if behind.place not in self.found and not self._is_forward(behind):
                yield from self._behind(behind, lineage)

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
        """The binding of the local of the forward pass that a local is named after as its derivative."""
        sites = self.evidence.scene.sites
        names = {normal(one) for one in (event.label, *sites[event.site].names) if one}
        before = (one for one in self._trace if one.sequence < output.sequence and one.role == "own")
        found = None
        for one in before:
            site = sites[one.site]
            if site.kind == "assign" and not site.in_loop and names & {f"d{normal(name)}" for name in site.names}:
                found = one
        alike = found is not None and isinstance(found.value, Value) and isinstance(event.value, Value)
        return found if alike and found.value.size == event.value.size > 0 else None  # type: ignore[union-attr]

    def _is_slope(self, event: Event, start: Event, output: Event) -> bool:
        """Whether a local is how fast the output changes with the local it is named after, in the entries checked."""
        assert isinstance(event.value, Value)
        assert isinstance(start.value, Value)
        own = event.value.numbers()
        shift = SHIFT * max(1.0, *map(abs, start.value.numbers()))
        close = CLOSE * max(map(abs, own))
        for entry in sorted({0, len(own) // 2, len(own) - 1})[:ENTRIES]:
            ends = [self._shifted(start, entry, side * shift, output) for side in (1, -1)]
            if None in ends:
                return True  # nothing to compare with
            slope = (ends[0] - ends[1]) / (2 * shift)  # type: ignore[operator]
            if abs(slope - own[entry]) > close + CLOSE * abs(slope):
                return False
        return True

    def _shifted(self, start: Event, entry: int, shift: float, output: Event) -> float | None:
        """The output of a run in which an entry of a local is shifted."""
        assert isinstance(start.value, Value)
        numbers = list(start.value.numbers())
        numbers[entry] += shift
        put = replace(start.value, data=Value.of(numbers, start.value.shape).data)
        inputs = self.evidence.scene.reference.points[POINT].inputs
        # Such a run ends with the last binding it stops at: that is the one to be seen.
        order = Order(inputs, self.evidence.decisions, frozenset({start.place, output.place}), observe=True)
        trace = self.session.run(order, lambda stopped: put if stopped.place == start.place else None)
        seen = next((one.value for one in trace.events if one.place == output.place), None)
        return seen.numbers()[0] if isinstance(seen, Value) and seen.size == 1 else None


def _order(event: Event) -> int:
    return event.sequence
