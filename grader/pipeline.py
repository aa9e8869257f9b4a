"""The whole pipeline: load, run as written, run with true values substituted, judge, explain, assemble."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from grader.model import GradingRequest, Isolation, Result, Reveal, Submission
from grader.runner.process import Processes
from grader.runner.protocols import Children, Interrupted
from grader.runner.session import Session
from grader.submission.imports import libraries_needed
from grader.submission.load import load as load_submission

if TYPE_CHECKING:
    from grader.exercise.types import Exercise
    from grader.preparation import PreparedExercise


def check(
    exercise: PreparedExercise | Exercise | str | os.PathLike[str],
    submission: Submission | str | os.PathLike[str],
    *,
    student: str | None = None,
    reveal: Reveal | None = None,
    secret: str = "",
    variant: str | None = None,
    isolation: Isolation = "process",
    children: Children | None = None,
) -> Result:
    """Grade one submission.

    `exercise` is an id of the collection, a path or an `Exercise`; a `PreparedExercise`, which has its own secret and
    numbers, for many submissions. `submission` is a path or a `Submission`. `reveal` overrides the exercise's level.
    `secret` makes the probe points specific to a course, as well as the given numbers
    of each `student` if the exercise has variants; `variant` is the key of such numbers, as printed in a handout.
    `isolation` is the mode in which the submission runs; to grade many, pass reusable `children` (a
    `grader.runner.fork_servers.ForkServers`) instead. Raises `ExerciseError`, `SubmissionError`, `UsageError`,
    `EnvironmentProblem` and, for bugs of the grader, `InternalError`."""
    started = time.perf_counter()
    if not isinstance(submission, Submission):
        submission = load_submission(Path(submission))
    request = GradingRequest(student, reveal, started)

    def prepared() -> PreparedExercise:
        return _prepared(exercise, student, secret, variant)

    with contextlib.ExitStack() as stack:
        used = children if children is not None else stack.enter_context(_children(isolation))
        try:
            return _once(used, prepared, submission, request)
        except Interrupted:
            pass  # interrupted by the machine or by us: this says nothing about the submission
        alone = stack.enter_context(_children(used.isolation))
        try:
            return _once(alone, prepared, submission, request)
        except Interrupted as error:
            from grader.grading import set_aside

            return set_aside(prepared().exercise, submission, request, used.isolation, str(error))


def _once(
    children: Children, prepared: Callable[[], PreparedExercise], submission: Submission, request: GradingRequest
) -> Result:
    # The child starts, and imports what the submission needs, while this process imports and reads the exercise.
    with Session(None, libraries_needed(submission), None, children) as session:
        from grader.grading import grade

        return grade(session, prepared(), submission, request)


def _prepared(
    exercise: PreparedExercise | Exercise | str | os.PathLike[str],
    student: str | None,
    secret: str,
    variant: str | None,
) -> PreparedExercise:
    from grader.exercise.load import named
    from grader.preparation import PreparedExercise
    from grader.reference.variants import for_student

    if isinstance(exercise, PreparedExercise):
        return exercise
    return PreparedExercise(for_student(named(exercise), student, secret, variant), secret)


@contextlib.contextmanager
def _children(isolation: Isolation) -> Iterator[Children]:
    if isolation == "process":
        yield Processes()
        return
    from grader.runner.fork_servers import ForkServers
    from grader.runner.preloader_pool import PreloaderPool

    with ForkServers(PreloaderPool(isolation)) as fork_servers:
        yield fork_servers
