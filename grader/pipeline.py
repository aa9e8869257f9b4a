"""The whole, as one sentence: load, run as written, run with the truth fed in, judge, explain, assemble."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grader.model import Result, Reveal, Submission
from grader.runner.session import Session
from grader.submission.imports import slow_libraries
from grader.submission.load import load as load_submission

if TYPE_CHECKING:
    from grader.exercise.types import Exercise


def check(
    exercise: Exercise | str | os.PathLike[str],
    submission: Submission | str | os.PathLike[str],
    *,
    student: str | None = None,
    reveal: Reveal | None = None,
    secret: str = "",
) -> Result:
    """Grades one submission.

    `exercise` is an id of the collection, a path or an `Exercise`; `submission` a path or a `Submission`.
    `reveal` overrides the exercise's level; `secret` makes the probe points a course's own.

    Raises `ExerciseError`, `SubmissionError`, `UsageError`, `EnvironmentProblem` and, where the fault is ours,
    `InternalError`."""
    started = time.perf_counter()
    if not isinstance(submission, Submission):
        submission = load_submission(Path(submission))
    # The child starts, and imports what the submission asks for, while this process imports and reads the exercise.
    with Session(libraries=slow_libraries(submission), directory=submission.directory) as session:
        from grader.grading import grade, load_exercise

        loaded = load_exercise(exercise)
        return grade(session, loaded, submission, student, reveal or loaded.policy.reveal, secret, started)
