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
    variant: str | None = None,
) -> Result:
    """Grades one submission.

    `exercise` is an id of the collection, a path or an `Exercise`; `submission` a path or a `Submission`.
    `reveal` overrides the exercise's level; `secret` makes the probe points, and the given numbers of each `student`
    where an exercise has variants, a course's own. `variant` is the key of such numbers, as a handout names it.

    Raises `ExerciseError`, `SubmissionError`, `UsageError`, `EnvironmentProblem` and, where the fault is ours,
    `InternalError`."""
    started = time.perf_counter()
    if not isinstance(submission, Submission):
        submission = load_submission(Path(submission))
    # The child starts, and imports what the submission asks for, while this process imports and reads the exercise.
    with Session(libraries=slow_libraries(submission), directory=submission.directory) as session:
        from grader.grading import grade, load_exercise
        from grader.reference.variants import for_student

        loaded = for_student(load_exercise(exercise), student, secret, variant)
        return grade(session, loaded, submission, student, reveal or loaded.policy.reveal, secret, started)
