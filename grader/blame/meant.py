"""Find a wrong local behind one wrong step, and what it was meant to be, by substituting candidate values for it.

A derivation goes through values that the exercise has no name for: a softmax, a one-hot matrix, a factor of the chain
rule. If the line of a wrong step cannot be repaired, each such value is substituted for each local that the step was
made from. The first local with which the step is right, while all that was right stays so, is where it went wrong.

This decides no points: it only finds the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from grader.diagnosis.chain_rule.chain import derivation_of
from grader.diagnosis.chain_rule.intermediates import Intermediate, intermediates
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

SECONDS = 2.0
"""CPU seconds that these runs may take together."""

MOST_LOCALS = 12
"""Locals examined, at most: those made first."""

POINT = 1
"""The point examined first: a probe, since at the given numbers much is right by chance."""

_MADE = ("assign", "unpack", "item", "entry", "returned", *CHANGES)
"""Kinds of sites at which a local gets its value, at once or step by step."""

_Local = tuple[Event, ...]
"""The bindings of one local: an event per point."""


@dataclass(slots=True)
class Meant:
    """Searches the wrong locals of one submission."""

    session: Session
    evidence: Evidence
    left: int = MOST_RUNS
    deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self.deadline = self.session.spent + SECONDS

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
        known = evidence.alignment.stops(point).union(*(one.seen for one in evidence.alignment.matches.values()))
        lineage = Provenance(evidence.scene.sites, evidence.forced[point].events)
        own = set() if verdict.match is None else {*verdict.match.origins, *verdict.match.seen}
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
        teacher = Teacher(scene, evidence.alignment, point, whole=evidence.misshapen, disturbed=True)
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
