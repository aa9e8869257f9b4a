"""The exercises of assignments, read once for all pages, and their right values."""

from __future__ import annotations

from functools import lru_cache

from grader.errors import EnvironmentProblem, ExerciseError
from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.reference.cache import reference_for
from grader.reference.types import Reference
from grader.reference.variants import for_student
from grader.service.store.tables import Assignment
from grader.service.work.task import student_key

KEPT = 64
"""How many exercises, and how many sets of right values, stay in memory."""


@lru_cache(KEPT)
def exercise_of(text: str) -> Exercise:
    """The exercise in a YAML text. Raises `ExerciseError`."""
    return loads(text, "exercise.yaml")


def own_exercise(assignment: Assignment, user_id: int) -> Exercise:
    """The exercise with the numbers of a student, as it is graded. Raises `ExerciseError` and `EnvironmentProblem`."""
    exercise = exercise_of(assignment.exercise)
    if not exercise.variants:
        return exercise
    return for_student(exercise, student_key(user_id), assignment.secret)


def reference_of(exercise: Exercise, assignment: Assignment) -> Reference | None:
    """The right values; None if they cannot be computed here."""
    try:
        return _reference(exercise, assignment.secret)
    except (ExerciseError, EnvironmentProblem):
        return None


@lru_cache(KEPT)
def _reference(exercise: Exercise, secret: str) -> Reference:
    return reference_for(exercise, secret)
