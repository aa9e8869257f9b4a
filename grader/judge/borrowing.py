"""Which steps were taken from a differentiator: those that move when it is disturbed. How it is spelled is no matter.

A library's derivatives are scaled, one library at a time. A difference quotient gives itself away by noise: it moves by
that noise divided by its step, as no derivation does that is in its right senses. Since one may lose digits at some
numbers all the same, it must do so at every point, and must not by smooth noise (`runner.child.noise`).

Each is asked twice: with every step before it right (a step that is fed by a borrowed one is not borrowed itself), and
of the step's own last binding as it runs (a value that was only compared with it, and bound first, is not the step).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.judge.align import Alignment, Scene, answer_end
from grader.judge.compare import compare, distance, largest
from grader.judge.teacher import Teacher
from grader.model import Observed, Value
from grader.runner import wire
from grader.runner.session import Session
from grader.runner.types import Key, Order, Trace

SCALE = 1.375
"""What a library's derivatives are multiplied by to see which steps depend on them: exact in binary, no 1 and no 2."""

REASONS = {"torch": "autograd", "jax": "jax", "sympy": "sympy", "autograd": "autograd"}
"""A verdict's reason by the library that was scaled."""

NOISE = 1e-12
"""How far, relatively, every result of a noisy run is disturbed: far above rounding, far below any step's error."""

AMPLIFIED = 30.0
"""How many times the noise a difference quotient moves at least; with a step of 1e-3 it is some hundreds."""

BROKEN = 1e-2
"""What moves further does not depend on the noise: a comparison of what is no longer equal went the other way."""

SMOOTHER = 10.0
"""How many times more a difference quotient moves by noise than by smooth noise."""

EXACT = 1e-13
"""What is within this of autograd at every point was derived: it is not worth another run."""

FLOOR = 1e-2
"""Differences are relative to a value's largest entry, or to this share of the point's largest: a true 0 has none."""

Values = Mapping[str, Observed]


@dataclass(frozen=True, slots=True)
class Trials:
    """Further runs of a submission that has been aligned."""

    session: Session
    scene: Scene
    alignment: Alignment
    decisions: Mapping[Key, str]

    def forced(
        self, point: int, scales: Mapping[str, float] | None = None, noise: float = 0.0, exact: bool = False
    ) -> Values:
        """What each quantity's value was with every earlier one right."""
        teacher = Teacher(self.scene, self.alignment, point, exact)
        inputs = self.scene.reference.points[point].inputs
        order = Order(
            inputs, self.decisions, teacher.stops, supplied=teacher.supplied, scales=scales or {}, noise=noise
        )
        self.session.run(order, teacher.decide)
        return teacher.commits

    def natural(
        self, point: int, scales: Mapping[str, float] | None = None, noise: float = 0.0, smooth: bool = False
    ) -> Values:
        """What each quantity's own last binding held."""
        scene, inputs = self.scene, self.scene.reference.points[point].inputs
        until = answer_end(scene.exercise, scene.names, scene.sites, scene.traces[0])
        order = Order(inputs, self.decisions, until=until, scales=scales or {}, noise=noise, smooth=smooth)
        found = {event.place: event for event in self.session.run(order).events}
        values = {}
        for name, match in self.alignment.matches.items():
            own = match.events[point]
            event = None if own is None else found.get(own.place)
            if event is not None:
                values[name] = event.value if match.slot is None else match.slot.of(event).value
        return values

    def before(self, point: int) -> Values:
        """What `natural` gives where nothing is disturbed."""
        matches = self.alignment.matches.items()
        return {name: event.value for name, match in matches if (event := match.value_at(point)) is not None}


def borrowed(trials: Trials, forced: Sequence[Trace], commits: Sequence[Values]) -> Mapping[str, str]:
    """The reason by the name of each quantity that was taken from a differentiator."""
    used = {library for trace in (*trials.scene.traces, *forced) for library in trace.used}
    found: dict[str, str] = {}
    for library in wire.DIFFERENTIATORS:
        if library in used:
            found.update(dict.fromkeys(_scaled(trials, commits[-1], library) - found.keys(), REASONS[library]))
    suspects = _suspects(trials.scene, commits) - found.keys()
    if suspects:
        found.update(dict.fromkeys(_numerical(trials, suspects), "numerical"))
    return found


def _scaled(trials: Trials, unscaled: Values, library: str) -> frozenset[str]:
    """Quantities that differ at the last point once a library's derivatives are scaled."""
    last, scales = len(trials.scene.reference.points) - 1, {library: SCALE}

    def moved(before: Values, after: Values) -> frozenset[str]:
        return frozenset(
            name
            for name, value in after.items()
            if isinstance(was := before.get(name), Value)
            and not compare(value, was, trials.scene.measure(last, name)).right
        )

    found = moved(unscaled, trials.forced(last, scales))
    if found:
        before, after = trials.before(last), trials.natural(last, scales)
        found -= (before.keys() & after.keys()) - moved(before, after)
    return found


def _suspects(scene: Scene, commits: Sequence[Values]) -> frozenset[str]:
    """Steps that are right, in float64, and yet not to rounding."""
    dtypes = {event.value.dtype for trace in scene.traces for event in trace.events if isinstance(event.value, Value)}
    if dtypes & {"float32", "float16", "bfloat16"}:
        return frozenset()  # rounded so coarsely that noise may be lost or look large
    found = set()
    for step in scene.exercise.steps:
        values = [at.get(step.name) for at in commits]
        rights = [at[step.name] for at in scene.reference.values]
        if all(
            isinstance(value, Value) and value.size == right.size and distance(value, right)[0] <= EXACT * size
            for value, right, size in zip(values, rights, _sizes(scene, step.name), strict=True)
        ):
            continue  # as most
        if all(
            value is not None and compare(value, right, scene.measure(k, step.name)).right
            for k, (value, right) in enumerate(zip(values, rights, strict=True))
        ):
            found.add(step.name)
    return frozenset(found)


def _numerical(trials: Trials, suspects: frozenset[str]) -> frozenset[str]:
    """Those of the suspects that noise moves as it moves difference quotients."""
    scene = trials.scene
    last = len(scene.reference.points) - 1
    for point in reversed(range(last + 1)):
        if not suspects:
            return suspects
        still = trials.forced(point, exact=True)
        moves = _moves(scene, suspects, point, still, trials.forced(point, noise=NOISE, exact=True))
        suspects = frozenset(name for name, move in moves.items() if AMPLIFIED * NOISE < move < BROKEN)
    before = trials.before(last)
    rough = _moves(scene, suspects, last, before, trials.natural(last, noise=NOISE))
    smooth = _moves(scene, suspects, last, before, trials.natural(last, noise=NOISE, smooth=True))
    return frozenset(
        name for name in rough.keys() & smooth.keys() if rough[name] > max(AMPLIFIED * NOISE, SMOOTHER * smooth[name])
    )


def _moves(scene: Scene, names: frozenset[str], point: int, before: Values, after: Values) -> dict[str, float]:
    """By how much each moved, relative to its size. Those that are not there in both runs are left out."""
    found = {}
    for name in names:
        was, now, size = before.get(name), after.get(name), _sizes(scene, name)[point]
        if isinstance(was, Value) and isinstance(now, Value) and was.size == now.size and size:
            found[name] = distance(now, was)[0] / size
    return found


def _sizes(scene: Scene, name: str) -> list[float]:
    """Per point what differences of a quantity are measured by."""
    points = zip(scene.reference.values, scene.largest, strict=True)
    return [max(largest([at[name]]), FLOOR * most) for at, most in points]
