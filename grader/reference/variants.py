"""Given numbers of individual students: drawn from the exercise's ranges, by a key of course secret and student.

The student may know the key. It draws the same numbers everywhere, in a handout, in the student's own check and in
grading, and reveals nothing about the secret. Numbers that hide mistakes (see `degenerate`) are drawn again."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace

from grader.disk_cache import code_digest, path_of, read, write
from grader.errors import EnvironmentProblem, ExerciseError, Fault
from grader.exercise.types import Exercise
from grader.model import Value
from grader.reference.degenerate import coincidences
from grader.reference.points import rounded_draw

ATTEMPTS = 200
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
    for attempt in range(ATTEMPTS):
        made = replace(exercise, variant=_drawn(exercise, key, attempt))
        if not _complaints(made):
            write(place, json.dumps(attempt).encode())
            return made
    found = f"no fit numbers in {ATTEMPTS} draws (the last: {'; '.join(_complaints(made))})"
    raise ExerciseError((Fault(exercise.path, 0, 0, "variants", found, "wider ranges, or ranges away from 0 and 1"),))


def _attempt(stored: bytes | None) -> int | None:
    try:
        attempt = None if stored is None else json.loads(stored)
    except ValueError:
        return None
    return attempt if type(attempt) is int and 0 <= attempt < ATTEMPTS else None


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
