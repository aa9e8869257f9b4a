"""Detect given numbers that hide mistakes: if a value is 0 or 1, or two values coincide, wrong formulas come out right.

Only effects of the numbers count: a derivative that is 0 at every point is a property of the exercise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from grader.exercise.types import Exercise
from grader.formula.syntax import Call, statements
from grader.model import Value
from grader.reference.types import Reference

CLOSE = 1e-3
"""Relative distance below which two numbers look the same to a student who rounds."""

FLAT = 1e-3
"""A slope below this counts as saturated: whatever is multiplied by it is lost."""

_SLOPES: Mapping[str, Callable[[float], float]] = {
    "tanh": lambda y: 1 - y * y,
    "sigmoid": lambda y: y * (1 - y),
    "relu": lambda y: 1.0 if y > 0 else 0.0,
}
"""Derivatives of functions that saturate, in terms of their output."""


def coincidences(exercise: Exercise, reference: Reference) -> tuple[str, ...]:
    """What makes the numbers of the given point unsuitable, each in a few words."""
    return tuple(
        dict.fromkeys((*_special(exercise, reference), *_alike(exercise, reference), *_flat(exercise, reference)))
    )


def _scalars(exercise: Exercise, reference: Reference) -> dict[str, tuple[float, ...]]:
    """Every quantity that is a single number, with its value at each point; without fixed inputs and indices."""
    varied = {name for name, _ in exercise.variants}
    names = [one.name for one in exercise.inputs if not one.fixed or one.name in varied]
    found = {name: tuple(point.inputs[name] for point in reference.points) for name in names}
    for step in (*exercise.forward_steps, *exercise.steps):
        found[step.name] = tuple(at[step.name] for at in reference.values)
    return {
        name: tuple(value.numbers()[0] for value in values)
        for name, values in found.items()
        if all(value.size == 1 for value in values)
    }


def _special(exercise: Exercise, reference: Reference) -> Iterator[str]:
    for name, values in _scalars(exercise, reference).items():
        for special in (0.0, 1.0, -1.0):
            if _same(values[0], special) and not all(_same(value, special) for value in values[1:]):
                yield f"`{name}` is {special:g}"


def _alike(exercise: Exercise, reference: Reference) -> Iterator[str]:
    """Pairs of values that are equal up to sign, or inverse to each other, at the given point and not at all others."""
    scalars = _scalars(exercise, reference)
    for (one, left), (other, right) in combinations(scalars.items(), 2):
        if _related(left, right, lambda a, b: abs(abs(a) - abs(b)) <= CLOSE * max(abs(a), abs(b))):
            yield f"`{one}` and `{other}` have the same size"
        if one in _inputs(exercise) and other in _inputs(exercise) and _related(left, right, _are_inverse):
            yield f"`{one}` is 1 / `{other}`"


def _inputs(exercise: Exercise) -> frozenset[str]:
    return frozenset(one.name for one in exercise.inputs)


def _are_inverse(a: float, b: float) -> bool:
    return _same(abs(a * b), 1.0)


def _related(left: tuple[float, ...], right: tuple[float, ...], holds: Callable[[float, float], bool]) -> bool:
    return holds(left[0], right[0]) and not all(holds(a, b) for a, b in zip(left[1:], right[1:], strict=True))


def _same(value: float, special: float) -> bool:
    return abs(value - special) <= CLOSE


def _flat(exercise: Exercise, reference: Reference) -> Iterator[str]:
    """Functions that are saturated, so that the slope is lost, at more than half of the entries."""
    values = reference.values[0]
    for statement in statements(exercise.program):
        results = [value for name, value in values.items() if name.split("[")[0] == statement.name]
        if isinstance(statement.value, Call) and statement.value.operation in _SLOPES:
            slope = _SLOPES[statement.value.operation]
            if any(_mostly_flat(value, slope) for value in results):
                yield f"`{statement.value.operation}` in `{statement.name}` is saturated"


def _mostly_flat(value: Value, slope: Callable[[float], float]) -> bool:
    numbers = value.numbers()
    return 2 * sum(slope(number) < FLAT for number in numbers) > len(numbers)
