"""Grades one file after another with one exercise: what they share is made ready once."""

from __future__ import annotations

import time
from functools import lru_cache

from grader.errors import SubmissionError
from grader.exercise.types import Exercise
from grader.grading import grade, load_exercise
from grader.model import Problem, Result, Submission
from grader.reference.variants import for_student
from grader.runner.session import Session
from grader.submission.imports import slow_libraries
from grader.submission.load import load_bytes


class Marker:
    """Use as a context manager: leaving it ends every process that ran submissions."""

    def __init__(self, exercise: str, secret: str, mode: str) -> None:
        self.exercise = load_exercise(exercise)
        self._secret = secret
        self._mode = mode
        self._own = lru_cache(maxsize=64)(self._numbers_of)

    def __enter__(self) -> Marker:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def mark(self, student: str, file: str, content: bytes) -> Result:
        """The result of one file. It names no student: others may have handed in the same.

        Raises `ExerciseError`, `EnvironmentProblem` and `InternalError`."""
        started = time.perf_counter()
        try:
            submission = load_bytes(content, file)
        except SubmissionError as error:
            submission = Submission(file, (), (Problem("unreadable", str(error)),))
        exercise = self._own(student if self.exercise.variants else None)
        with Session(libraries=slow_libraries(submission)) as session:
            return grade(session, exercise, submission, None, "values", self._secret, started)

    def _numbers_of(self, student: str | None) -> Exercise:
        return for_student(self.exercise, student, self._secret)
