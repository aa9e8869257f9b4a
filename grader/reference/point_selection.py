"""Choose the draw of probe points: the first one at which nothing hides a mistake, otherwise the least bad one.

A wrong formula goes unnoticed at a saturated function, if only one side of a kink is used, if two quantities are nearly
equal, and if one is nearly 0 or 1. The choice depends only on the exercise and the secret, never on timing; of equally
good draws the first is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from torch import Tensor

from grader.errors import ExerciseError
from grader.exercise.types import Exercise
from grader.formula.evaluate import Environment
from grader.formula.syntax import Place
from grader.reference.points import Point, draw_points
from grader.reference.value_monitor import ValueMonitor

ATTEMPTS = 20
"""Maximum number of draws if values at the probe points are not finite."""

CANDIDATES = 8
"""Number of draws that are compared to choose the best."""

NUMBERS = 100_000
"""Maximum count of random numbers for this comparison: in a large exercise, drawing them dominates the cost."""

NEAR = 1e-2
"""Relative distance below which numbers are confused in float16, and nearly so in float32."""

TINY, HUGE = 1e-5, 1e5
"""Range of magnitudes within which neither rounding nor the tolerance matters."""

Run = Callable[[Point, ValueMonitor], Environment]
"""Evaluates the program at a point and returns the values of its names."""


def draws(exercise: Exercise, secret: str, run: Run) -> Iterator[tuple[int, tuple[Point, ...]]]:
    """Yield the draws of probe points with their numbers, in the order in which to try them."""
    numbers = exercise.probe_points * sum(math.prod(one.shape) for one in exercise.inputs if not one.fixed)
    candidates = max(1, min(CANDIDATES, NUMBERS // max(numbers, 1)))
    waiting: list[tuple[float, int, tuple[Point, ...]]] = []
    for attempt in range(ATTEMPTS):
        points = draw_points(exercise, secret, attempt)
        bad = penalty(exercise, points[1:], run) if candidates > 1 else 0.0
        if bad == 0:
            yield attempt, points
        else:
            waiting.append((bad, attempt, points))
        if attempt + 1 in (candidates, ATTEMPTS):
            yield from ((number, drawn) for _, number, drawn in sorted(waiting, key=lambda one: one[:2]))
            waiting = []


def penalty(exercise: Exercise, probes: Sequence[Point], run: Run) -> float:
    """How much these probes hide; 0 is best, infinite if a value is not finite."""
    total = 0.0
    below: dict[Place, set[bool]] = {}
    for probe in probes:
        watch = ValueMonitor()
        try:
            held = run(probe, watch)
        except ExerciseError:
            # The same fault is reported when the reference values are computed.
            return math.inf
        total += sum(one.share for one in watch.saturations if one.share > 0.5)
        for side in watch.sides:
            below.setdefault(side.place, set()).update({True} if side.below else (), {False} if side.above else ())
        total += _of_values(exercise, probe, held)
    return total + sum(len(seen) < 2 for seen in below.values())


def _of_values(exercise: Exercise, probe: Point, held: Environment) -> float:
    """How much the values at one probe hide by their magnitude or by coinciding."""
    given = {one.name for one in exercise.inputs}
    scalars = [probe.inputs[one.name].numbers()[0] for one in exercise.inputs if not one.fixed and not one.shape]
    made = [value for name, value in held.values.items() if name not in given]
    made += [value for members in held.elements.values() for value in members.values()]
    total = 0
    for value in made:
        if not isinstance(value, Tensor) or not value.is_floating_point() or not value.numel():
            continue
        largest = value.detach().abs().max().item()
        if not math.isfinite(largest):
            return math.inf
        total += largest != 0 and not TINY < largest < HUGE
        if not value.shape:
            scalars.append(value.item())
    return total + _coincidences(scalars)


def _coincidences(numbers: Sequence[float]) -> int:
    """How many numbers are close to 0, 1 or -1, or close to the next larger one."""
    # An exact 0 is inherent: behind a relu, or without a path to it.
    order = sorted(number for number in numbers if number != 0)
    special = sum(abs(number) < NEAR or abs(abs(number) - 1) < NEAR for number in order)
    pairs = sum(abs(b - a) < NEAR * max(abs(a), abs(b)) for a, b in pairwise(order))
    return special + pairs
