"""The exercise behind the pages of a class, with the right values that a student's page shows."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from grader.batch.job_key import digest_of
from grader.batch.secrets import own_secret
from grader.batch.store import Store
from grader.errors import EnvironmentProblem, ExerciseError, UsageError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.model import Result, Reveal
from grader.reference.cache import reference_for
from grader.reference.types import Reference
from grader.reference.variants import for_student


class PageExercise:
    """The exercise of a batch, read once for all pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        try:
            self._read: Exercise | None = named(store.about("path"))
        except (ExerciseError, UsageError):
            self._read = None

    @property
    def reveal(self) -> Reveal:
        """The reveal level for students; the lowest if the exercise file is missing or invalid."""
        return "location" if self._read is None else self._read.policy.shown

    @cached_property
    def exercise(self) -> Exercise | None:
        """The exercise as it was when the class was graded; None if its file is gone, or says something else now."""
        if self._read is None or digest_of(self._read) != self._store.about("digest"):
            return None
        return self._read

    @cached_property
    def _common(self) -> Reference | None:
        return None if self.exercise is None else _reference(self.exercise, self._secret)

    @cached_property
    def _secret(self) -> str:
        (_, _, database), *_ = self._store.query("PRAGMA database_list")
        return own_secret(Path(str(database)).parent)

    def shown_to(self, student: str, result: Result) -> tuple[Exercise | None, Reference | None]:
        """The exercise with the numbers of a student, and its right values at them; None for what is not known."""
        if self.exercise is None or not self.exercise.variants:
            return self.exercise, self._common
        try:
            # The numbers of a class that was graded with a course secret cannot be drawn here: `_agrees` tells.
            own = for_student(self.exercise, student, "")
        except (ExerciseError, EnvironmentProblem):
            return None, None
        reference = _reference(own, self._secret)
        return (own, reference) if reference is not None and _agrees(result, reference) else (None, None)


def _reference(exercise: Exercise, secret: str) -> Reference | None:
    """The right values. At the given numbers they are the same for every secret; grading cached them under its own."""
    try:
        return reference_for(exercise, secret)
    except (ExerciseError, EnvironmentProblem):
        return None


def _agrees(result: Result, reference: Reference) -> bool:
    """Whether a result was judged by these values, as far as it shows any."""
    seen = [step for step in result.steps if step.expected is not None and step.at is None]
    return bool(seen) and all(reference.values[0].get(step.name) == step.expected for step in seen)
