"""Grade many files with one exercise: everything they share is prepared once."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache

from grader.batch.jobs import laid_down, unpacked
from grader.batch.secrets import Secrets
from grader.course import section_of
from grader.errors import SubmissionError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.grading import get_ready
from grader.model import Problem, Result, Submission
from grader.pipeline import check
from grader.preparation import PreparedExercise
from grader.reference.variants import for_student
from grader.runner.protocols import Children
from grader.submission.load import load_bytes
from grader.temp_folders import TempFolder

LATEST = 8
"""For how many students an exercise with numbers of their own stays prepared: most hand in one file after another."""


class ExerciseGrader:
    """Grades files with one exercise. Use as a context manager: leaving it ends `children`."""

    def __init__(self, exercise: Exercise | str, secrets: Secrets, children: Children) -> None:
        self.exercise = named(exercise)
        get_ready()  # import now, while torch is being imported for the first child
        self._secrets = secrets
        self._children = children
        self._prepared = lru_cache(maxsize=LATEST)(self._prepared_for)

    def __enter__(self) -> ExerciseGrader:
        return self

    def __exit__(self, *_: object) -> None:
        self._children.close()

    def mark(self, student: str, file: str, content: bytes) -> Result:
        """Grade one file, which may be a packed `Bundle`. The result names no student: several may have handed in the
        same file.

        Raises `ExerciseError`, `EnvironmentProblem` and `InternalError`."""
        bundle = unpacked(content)
        try:
            submission = load_bytes(bundle.content, file)
        except SubmissionError as error:
            submission = Submission(file, (), (Problem("unreadable", str(error)),))
        submission = section_of(submission, self.exercise.id)
        prepared = self._prepared(student if self.exercise.variants else None)
        with ExitStack() as stack:
            if bundle.beside:
                scratch = TempFolder()
                stack.callback(scratch.close)
                submission = replace(submission, beside=laid_down(bundle.beside, scratch))
            return check(prepared, submission, reveal="values", children=self._children)

    def prepare(self) -> None:
        """Compute in advance what all students share: the right values, or, where each has numbers of their own, what
        computes them. Raises `ExerciseError` and `EnvironmentProblem`."""
        _ = self._prepared(None).reference

    def _prepared_for(self, student: str | None) -> PreparedExercise:
        return PreparedExercise(for_student(self.exercise, student, self._secrets.numbers), self._secrets.points)
