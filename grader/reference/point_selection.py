"""Choose the draw of probe points: the first one at which nothing hides a mistake, otherwise the least bad one; by what
happens inside the program there: saturated functions, the sides of kinks that are used, and the values that get no
name.

A wrong formula goes unnoticed at a saturated function, if only one side of a kink is used, if two quantities are nearly
equal, and if one is nearly 0 or 1. The choice depends only on the exercise and the secret, never on timing; of equally
good draws the first is taken.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from torch import Tensor

from grader.errors import ExerciseError
from grader.exercise.types import Exercise
from grader.formula.evaluate import Environment, composed
from grader.formula.syntax import Assign, Call, Place, walk
from grader.reference.operations import TorchMeaning
from grader.reference.points import Point, draw_points

MAX_DRAWS = 20
"""Maximum number of draws if values at the probe points are not finite."""

COMPARED_DRAWS = 8
"""Number of draws that are compared to choose the best."""

MAX_COMPARED_NUMBERS = 100_000
"""Maximum count of random numbers for this comparison: in a large exercise, drawing them dominates the cost."""

CONFUSION_RTOL = 1e-2
"""Relative distance below which numbers are confused in float16, and nearly so in float32."""

TINY, HUGE = 1e-5, 1e5
"""Range of magnitudes within which neither rounding nor the tolerance matters."""

MIN_SLOPE = 1e-3
"""A tanh or a sigmoid with a slope below this is saturated: whatever is multiplied by it hardly matters."""

_SLOPES = {"tanh": lambda y: 1 - y * y, "sigmoid": lambda y: y * (1 - y)}

_KINKED_AT_ZERO = frozenset({"relu", "leaky_relu", "abs"})

_OF_TWO = frozenset({"maximum", "minimum", "max", "min"})

_OF_SCORES = frozenset({"softmax", "log_softmax", "logsumexp", "cross_entropy"})

_COMPARISONS = frozenset({"gt", "ge", "lt", "le"})


@dataclass(frozen=True, slots=True)
class Saturation:
    """A tanh or a sigmoid, and the share of its entries that are saturated (0 to 1)."""

    place: Place
    operation: str
    share: float


@dataclass(frozen=True, slots=True)
class Sides:
    """An operation with a kink, and on which of its sides entries were."""

    place: Place
    operation: str
    below: bool
    above: bool


class ValueMonitor(TorchMeaning):
    """Like `TorchMeaning`, and records saturation and kinks. `statement` is the statement being evaluated."""

    def __init__(self) -> None:
        self.statement: Assign | None = None
        self.saturations: list[Saturation] = []
        self.sides: list[Sides] = []

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        result = super().apply(operation, operands, options)
        if self.statement is not None and isinstance(result, Tensor) and result.numel():
            self._note(operation, operands, result.detach())
        return result

    def _note(self, operation: str, operands: list[Any], result: Tensor) -> None:
        if operation in _SLOPES:
            share = (_SLOPES[operation](result) < MIN_SLOPE).double().mean().item()
            self.saturations.append(Saturation(self._place(operation), operation, share))
            return
        # Only values that depend on the inputs: a constant mask can never be on the other side.
        if not any(isinstance(one, Tensor) and one.requires_grad for one in operands):
            return
        offset = _offset(operation, operands)
        if operation in _COMPARISONS:
            offset = result - 0.5
        if offset is not None:
            below, above = bool((offset < 0).any()), bool((offset > 0).any())
            self.sides.append(Sides(self._place(operation), operation, below, above))

    def _place(self, operation: str) -> Place:
        assert self.statement is not None
        calls = (node for node in walk(self.statement.value) if isinstance(node, Call) and node.operation == operation)
        return next((node.place for node in calls), self.statement.place)


class UnnamedValues(ValueMonitor):
    """Like `TorchMeaning`, and keeps every value that is computed on the way, `values`: also those inside an operation
    that is made of others, and those of a softmax from which the largest score is subtracted first."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[Tensor] = []

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        result = TorchMeaning.apply(self, operation, operands, options)
        if isinstance(result, Tensor) and result.is_floating_point():
            self.values.append(result.detach())
        with contextlib.suppress(Exception):  # such as options of a library's own: nothing is known of the inside
            if operation in _OF_SCORES:
                scores = operands[0].detach()
                classes = min(1, scores.dim() - 1) if operation == "cross_entropy" else -1
                self._shifted(scores, options.get("dim", classes))
            composed(operation, operands, options, self)
        return result

    def _shifted(self, scores: Tensor, axis: int) -> None:
        shifted = scores - scores.amax(axis, keepdim=True)
        for one in (scores, shifted):
            total = one.exp().sum(axis, keepdim=True)
            self.values += [one, one.exp(), total, one - total.log()]


def _offset(operation: str, operands: list[Any]) -> Tensor | None:
    """Distance of the entries from an operation's kink; None if it has no kink."""
    if operation in _KINKED_AT_ZERO:
        made: Tensor = operands[0].detach()
        return None if made.is_complex() else made
    if operation not in _OF_TWO or len(operands) < 2:
        return None
    # `maximum(x, 1e-8)` only guards against 0: the guard is not meant to be reached.
    if any(isinstance(one, int | float) and one != 0 for one in operands[:2]):
        return None
    left, right = (one.detach() if isinstance(one, Tensor) else one for one in operands[:2])
    difference: Tensor = left - right
    return difference


Run = Callable[[Point, ValueMonitor], Environment]

"""Evaluates the program at a point and returns the values of its names."""


def draws(exercise: Exercise, secret: str, run: Run) -> Iterator[tuple[int, tuple[Point, ...]]]:
    """Yield the draws of probe points with their numbers, in the order in which to try them."""
    numbers = exercise.probe_points * sum(math.prod(one.shape) for one in exercise.inputs if not one.fixed)
    candidates = max(1, min(COMPARED_DRAWS, MAX_COMPARED_NUMBERS // max(numbers, 1)))
    waiting: list[tuple[float, int, tuple[Point, ...]]] = []
    for attempt in range(MAX_DRAWS):
        points = draw_points(exercise, secret, attempt)
        bad = penalty(exercise, points[1:], run) if candidates > 1 else 0.0
        if bad == 0:
            yield attempt, points
        else:
            waiting.append((bad, attempt, points))
        if attempt + 1 in (candidates, MAX_DRAWS):
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
    special = sum(abs(number) < CONFUSION_RTOL or abs(abs(number) - 1) < CONFUSION_RTOL for number in order)
    pairs = sum(abs(b - a) < CONFUSION_RTOL * max(abs(a), abs(b)) for a, b in pairwise(order))
    return special + pairs
