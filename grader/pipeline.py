"""The whole pipeline: load, run as written, run with true values substituted, judge, explain, assemble."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from grader.model import GradingRequest, Isolation, Result, Reveal, Submission
from grader.runner.process import Processes
from grader.runner.protocols import Children, Interrupted
from grader.runner.session import Session
from grader.submission.imports import libraries_needed
from grader.submission.load import load as load_submission

if TYPE_CHECKING:
    from grader.exercise.types import Exercise
    from grader.preparation import PreparedExercise


class CheckOptions(TypedDict, total=False):
    """The options of `check`, each of which may be left out."""

    student: str | None
    """Whose submission it is: an exercise with variants has given numbers for each student."""

    reveal: Reveal | None
    """The reveal level in place of the exercise's own."""

    secret: str
    """Makes the probe points specific to a course, as well as the given numbers of each `student`; "" for neither."""

    variant: str | None
    """The key of given numbers, as printed in a handout."""

    isolation: Isolation
    """The mode in which the submission runs: "process" if left out."""

    children: Children | None
    """Reusable children (a `grader.runner.fork_servers.ForkServers`), to grade many submissions; they have a mode of
    their own."""


def check(
    exercise: PreparedExercise | Exercise | str | os.PathLike[str],
    submission: Submission | str | os.PathLike[str],
    **options: Unpack[CheckOptions],
) -> Result:
    """Grade one submission.

    `exercise` is an id of the collection, a path or an `Exercise`; a `PreparedExercise`, which has its own secret and
    numbers, for many submissions. `submission` is a path or a `Submission`. The options are those of `CheckOptions`.
    Raises `ExerciseError`, `SubmissionError`, `UsageError`, `EnvironmentProblem` and, for bugs of the grader,
    `InternalError`."""
    if unknown := options.keys() - CheckOptions.__annotations__:
        raise TypeError(f"check() got an unexpected keyword argument {min(unknown)!r}")
    started = time.perf_counter()
    if not isinstance(submission, Submission):
        submission = load_submission(Path(submission))
    request = GradingRequest(options.get("student"), options.get("reveal"), started)

    def prepared() -> PreparedExercise:
        return _prepared(exercise, options)

    with contextlib.ExitStack() as stack:
        children = options.get("children")
        used = children if children is not None else stack.enter_context(_children(options.get("isolation", "process")))
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
    exercise: PreparedExercise | Exercise | str | os.PathLike[str], options: CheckOptions
) -> PreparedExercise:
    from grader.exercise.load import named
    from grader.preparation import PreparedExercise
    from grader.reference.variants import for_student

    if isinstance(exercise, PreparedExercise):
        return exercise
    secret = options.get("secret", "")
    own = for_student(named(exercise), options.get("student"), secret, options.get("variant"))
    return PreparedExercise(own, secret)


@contextlib.contextmanager
def _children(isolation: Isolation) -> Iterator[Children]:
    if isolation == "process":
        yield Processes()
        return
    from grader.runner.fork_servers import ForkServers
    from grader.runner.preloader_pool import PreloaderPool

    with ForkServers(PreloaderPool(isolation)) as fork_servers:
        yield fork_servers
