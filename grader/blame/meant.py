"""Find a wrong local behind wrong steps, and what it was meant to be: by substituting candidate values for it, and by
its name, which is that of a local of the forward pass (`dsqrtvar` beside `sqrtvar`).

A derivation goes through values that the exercise has no name for: a softmax, a one-hot matrix, a factor of the chain
rule. If the line of a wrong step cannot be repaired, each such value is substituted for each local that the step was
made from. The first local with which the step is right, while all that was right stays so, is where it went wrong.

Of a local named after one of the forward pass the right value is not known either, and what it has too much a later
line may lack: with `dsqrtvar = -divar / sqrtvar`, `dxmu2 = 2 * xhat * dsq` would be right. But runs in which
`sqrtvar` is shifted a little show how fast the output changes with it. A local that has this value is right. One that
has not may be meant to be something else (`di` for the derivative by what `i` is the sigmoid of); it is wrong if the
step is right with the slope in its place.

This decides no points: it only finds the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.diagnosis.chain_rule.chain import derivation_of
from grader.diagnosis.chain_rule.intermediates import Intermediate, intermediates
from grader.instrument.name_matching import normal
from grader.instrument.site import CHANGES
from grader.judge.evidence import Evidence
from grader.judge.matching.compare import compare, same
from grader.judge.matching.provenance import Provenance
from grader.judge.runs.teacher_forcing import Teacher
from grader.judge.verdicts import Verdict
from grader.model import Observed, Value
from grader.runner.session import Session
from grader.runner.types import Event, Key, Order

MOST_RUNS = 120
"""Runs made for one submission, at most."""

MEANT_SECONDS = 2.0
"""CPU seconds that these runs may take together."""

MOST_LOCALS = 12
"""Locals examined, at most: those made first."""

POINT = 1
"""The point at which locals are examined first: a probe, since at the given numbers much is right by chance."""

_MADE = ("assign", "unpack", "item", "entry", "returned", *CHANGES)
"""Kinds of sites at which a local gets its value, at once or step by step."""

_Local = tuple[Event, ...]
"""The bindings of one local: an event per point."""

MOST_ENTRIES = 32
"""Size of the largest local that is replaced by its slope: each entry takes two runs."""

SLOPE_SECONDS = 2.5
"""CPU seconds for all these runs of one submission."""

SHIFT, CLOSE = 1e-4, 1e-4
"""How far an entry is shifted, and how closely a slope has to agree, each relative to the largest entry."""


_FINE = ("float64", "float")


@dataclass(slots=True)
class LocalSearch:
    """Searches the wrong locals of one submission."""

    session: Session
    evidence: Evidence
    left: int = MOST_RUNS
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = self.session.spent + MEANT_SECONDS

    def instead(self, verdict: Verdict, may_be: Callable[[Event], bool]) -> Event | None:
        """Return the binding, at the given point, of the local that was meant to be another value; None if none is
        found. `may_be` says of a binding whether it can be wrong at all."""
        scene = self.evidence.scene
        if verdict.match is None or len(scene.traces) <= POINT:
            return None
        derivation = derivation_of(scene.exercise, scene.reference, scene.measures)
        rule = derivation.rule(verdict.step)
        known = intermediates(derivation, None if rule is None or not rule.known else rule.formula)
        locals_ = list(self._locals(verdict))
        free = [one for one in known if not any(_holds(local, one.values) for local in locals_)]
        for place, local in enumerate(locals_[:MOST_LOCALS]):
            # A value held by two names may be right for one and wrong for the other.
            right = any(_holds(local, one.values) for one in known)
            if not may_be(local[0]) or self._is_quantity(local):
                continue
            if right and not any(_alike(local, one) for one in locals_[:place]):
                continue
            for value in _of_shape(free, local):
                if self._is_result_put_in(verdict.step.name, local, value):
                    continue
                if self.left <= 0 or self.session.spent > self.deadline:
                    return None
                if self._is_mended(verdict.step.name, local, value):
                    return local[0]
        return None

    def _locals(self, verdict: Verdict) -> Iterator[_Local]:
        """The locals the step was made from, in the order in which they were made."""
        runs = [self.made_from(verdict, point) for point in range(len(self.evidence.scene.traces))]
        for place, event in sorted(runs[0].items(), key=lambda one: one[1].sequence):
            events = [event, *(run[place] for run in runs[1:] if place in run)]
            if len(events) == len(runs) and all(_is_real(one.value) for one in events):
                yield tuple(events)

    def made_from(self, verdict: Verdict, point: int) -> dict[Key, Event]:
        """By place, the last binding before the step at each site that ran once, or that builds up a value."""
        evidence = self.evidence
        known = evidence.alignment.stops(point).union(*(one.held_at for one in evidence.alignment.matches.values()))
        lineage = Provenance(evidence.scene.sites, evidence.forced[point].events)
        own = set() if verdict.match is None else {*verdict.match.origins, *verdict.match.held_at}
        event = None if verdict.match is None else verdict.match.events[point]
        own |= set() if event is None else {event.place}
        found = lineage.locals_of([one for one in lineage.events if one.place in own], known)
        times: dict[int, list[Event]] = {}
        for one in sorted(found.values(), key=lambda one: one.sequence):
            times.setdefault(one.site, []).append(one)
        name = "" if verdict.match is None else verdict.match.bound_as
        kept = [each[-1] for site, each in times.items() if self._may_be(site, len(each), name)]
        return {one.place: one for one in kept if one.role == "own" and not self._is_start(one)}

    def _may_be(self, number: int, times: int, name: str) -> bool:
        site = self.evidence.scene.sites[number]
        if name in site.names:
            return False  # the step itself, not complete yet
        literal = site.kind in ("assign", "unpack") and site.literal
        return site.kind in _MADE and not literal and (times == 1 or site.kind in CHANGES)

    def _is_start(self, event: Event) -> bool:
        """Whether this is a start value that something is added to, or put into, later."""
        zeros = isinstance(event.value, Value) and not any(event.value.numbers())
        return zeros and self.evidence.scene.sites[event.site].kind == "assign"

    def _is_quantity(self, local: _Local) -> bool:
        reference = self.evidence.scene.reference
        at = [{**p.inputs, **values} for p, values in zip(reference.points, reference.values, strict=True)]
        return any(_holds(local, [one[name] for one in at]) for name in at[0])

    def _is_result_put_in(self, name: str, local: _Local, value: Intermediate) -> bool:
        """Whether this is the right value of the step itself, for a local that the step did not only pass on: a line
        that subtracts the mean of its local, say, gives that value back whatever else is wrong."""
        right = [values[name] for values in self.evidence.scene.reference.values]
        if not all(same(one, other) for one, other in zip(value.values, right, strict=True)):
            return False
        own = [commits.get(name) for commits in self.evidence.commits]
        return not all(one is not None and same(event.value, one) for event, one in zip(local, own, strict=True))

    def _is_mended(self, name: str, local: _Local, value: Intermediate) -> bool:
        """Whether the step is right with the value in place of the local, and all that was right stays so."""
        order = (POINT, *(point for point in range(len(local)) if point != POINT))
        return all(self.is_right_with(point, name, local[point], value.values[point]) for point in order)

    def is_right_with(self, point: int, name: str, local: Event, value: Value) -> bool:
        """Whether a step is right at a point with a value in place of a local, and all that was right stays so."""
        scene, evidence = self.evidence.scene, self.evidence
        teacher = Teacher(scene, evidence.alignment, point, whole=evidence.misshapen, differs_from_start=True)
        shape = local.value.shape if isinstance(local.value, Value) else value.shape
        put = replace(value, shape=shape)

        def decide(event: Event) -> Value | None:
            own = teacher.decide(event)
            return put if event.place == local.place else own

        inputs = scene.reference.points[point].inputs
        stops = teacher.stops | {local.place}
        order = Order(inputs, evidence.decisions, stops, teacher.reshaped, teacher.supplied, evidence.until)
        self.left -= 1
        self.session.run(order, decide)
        right = scene.reference.values[point]
        before = evidence.commits[point]
        return all(
            self._is_right(point, one, teacher.commits.get(one))
            for one in right
            if one == name or self._is_right(point, one, before.get(one))
        )

    def _is_right(self, point: int, name: str, value: Observed | None) -> bool:
        scene = self.evidence.scene
        right = scene.reference.values[point][name]
        return value is not None and compare(value, right, scene.measure(point, name)).right


def _of_shape(known: Sequence[Intermediate], local: _Local) -> Iterator[Intermediate]:
    """The values that a local may be meant to be, laid out in its shape."""
    own = local[0].value
    shape = own.shape if isinstance(own, Value) else ()
    yield from (one for one in known if _bare(one.values[0].shape) == _bare(shape))
    for one in known:
        yield from one.laid_out(shape)


def _is_real(value: Observed) -> bool:
    return isinstance(value, Value) and not value.dtype.startswith(("int", "uint", "complex", "tuple"))


def _holds(local: _Local, values: Sequence[Value]) -> bool:
    return all(same(event.value, value) for event, value in zip(local, values, strict=True))


def _alike(one: _Local, other: _Local) -> bool:
    return all(same(event.value, after.value) for event, after in zip(one, other, strict=True))


def _bare(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


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
    meant: LocalSearch
    deadline: float = field(init=False)
    found: dict[Key, bool | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.deadline = self.session.spent + SLOPE_SECONDS

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


def _numbers(event: Event) -> tuple[float, ...]:
    return tuple(event.value.numbers()) if isinstance(event.value, Value) else ()


def _order(event: Event) -> int:
    return event.sequence
