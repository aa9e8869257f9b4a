"""Given numbers of individual students: drawn from the exercise's ranges, by a key of course secret and student.

The student may know the key. It draws the same numbers everywhere, in a handout, in the student's own check and in
grading, and reveals nothing about the secret. Numbers that hide mistakes are drawn again.

Numbers hide mistakes if a value is 0 or 1, or two values coincide: wrong formulas come out right. Only effects of the
numbers count: a derivative that is 0 at every point is a property of the exercise.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

from grader.disk_cache import code_digest, path_of, read, write
from grader.errors import EnvironmentProblem, ExerciseError, Fault
from grader.exercise.types import Exercise
from grader.formula.syntax import Call, statements
from grader.model import Value
from grader.reference.points import Reference, rounded_draw

SAME_TO_STUDENT_RTOL = 1e-3
"""Relative distance below which two numbers look the same to a student who rounds."""

MIN_SLOPE = 1e-3
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
        if _related(left, right, lambda a, b: abs(abs(a) - abs(b)) <= SAME_TO_STUDENT_RTOL * max(abs(a), abs(b))):
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
    return abs(value - special) <= SAME_TO_STUDENT_RTOL


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
    return 2 * sum(slope(number) < MIN_SLOPE for number in numbers) > len(numbers)


MAX_DRAWS = 200
"""Maximum number of draws before the ranges are reported to contain no suitable numbers."""


def variant_key(exercise: Exercise, student: str, secret: str = "") -> str:
    """The key of a student's numbers: ten hexadecimal digits."""
    message = f"{exercise.id}\0{student}".encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode("utf-8", "surrogatepass"), message, hashlib.sha256).hexdigest()[:10]


def for_student(exercise: Exercise, student: str | None, secret: str = "", key: str | None = None) -> Exercise:
    """The exercise with the numbers of a key, otherwise of a student; with those of the file if both are None.

    Raises the same errors as `with_variant`."""
    if key is None and student is not None and exercise.variants:
        key = variant_key(exercise, student, secret)
    return exercise if key is None else with_variant(exercise, key)


def with_variant(exercise: Exercise, key: str) -> Exercise:
    """The exercise with the given numbers of a key; unchanged if it has no `variants`.

    Raises `ExerciseError` if the ranges contain no suitable numbers, `EnvironmentProblem` if torch is missing."""
    if not exercise.variants:
        return exercise
    place = path_of(
        "variant", exercise.digest, exercise.id, key, code_digest("exercise", "formula", "reference", "model")
    )
    known = _attempt(read(place))
    if known is not None:
        return replace(exercise, variant=_drawn(exercise, key, known))
    for attempt in range(MAX_DRAWS):
        made = replace(exercise, variant=_drawn(exercise, key, attempt))
        if not _complaints(made):
            write(place, json.dumps(attempt).encode())
            return made
    found = f"no fit numbers in {MAX_DRAWS} draws (the last: {'; '.join(_complaints(made))})"
    raise ExerciseError((Fault(exercise.path, 0, 0, "variants", found, "wider ranges, or ranges away from 0 and 1"),))


def _attempt(stored: bytes | None) -> int | None:
    try:
        attempt = None if stored is None else json.loads(stored)
    except ValueError:
        return None
    return attempt if type(attempt) is int and 0 <= attempt < MAX_DRAWS else None


def _drawn(exercise: Exercise, key: str, attempt: int) -> tuple[tuple[str, Value], ...]:
    made = []
    for name, draw in exercise.variants:
        seed = hashlib.sha256(f"{exercise.id}\0{name}\0{key}\0{attempt}".encode("utf-8", "surrogatepass")).hexdigest()
        one = exercise.input(name)
        value = rounded_draw(one, draw, seed)
        made.append((name, Value(value.shape, value.data, "int64" if one.whole else "float64")))
    return tuple(made)


def _complaints(exercise: Exercise) -> tuple[str, ...]:
    """Why the numbers of a variant are unsuitable; empty if they are fine."""
    try:
        from grader.reference.autograd import build
    except (ImportError, OSError) as error:
        raise EnvironmentProblem(
            f"the variants of {exercise.id} need torch, which cannot be imported ({error})"
        ) from error
    try:
        reference = build(exercise)
    except ExerciseError as error:
        # Not finite at these numbers; a program that cannot be evaluated is not finite at any numbers.
        return (str(error),)
    return coincidences(exercise, reference)
