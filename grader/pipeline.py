"""The whole, as one sentence: load, run as written, run with the truth fed in, judge, explain, assemble."""

from __future__ import annotations

import os
import time
from pathlib import Path

from grader import __version__
from grader.assemble import assemble
from grader.errors import InternalError
from grader.exercise import load as exercises
from grader.exercise.types import Exercise
from grader.judge.causes import with_causes
from grader.judge.naming import names_of
from grader.judge.trial import observe
from grader.judge.verdicts import judge
from grader.model import Result, Reveal, Submission
from grader.preparation import prepare
from grader.reference.cache import reference_for
from grader.reference.points import draw_points
from grader.runner.session import Session
from grader.submission import load as submissions


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
    if not isinstance(exercise, Exercise):
        exercise = exercises.load(exercises.find(os.fspath(exercise)))
    if not isinstance(submission, Submission):
        submission = submissions.load(Path(submission))
    return grade(exercise, submission, student, reveal or exercise.policy.reveal, secret, started)


def grade(
    exercise: Exercise, submission: Submission, student: str | None, reveal: Reveal, secret: str, started: float
) -> Result:
    """`check` on loaded objects; `started` is when the work began, in seconds of `time.perf_counter`."""
    given = draw_points(exercise, secret)[0].inputs
    setup, sites, names, submission = prepare(exercise, submission, names_of(exercise), given)
    if not submission.cells:
        return assemble(exercise, submission, None, (), "", student, reveal, _versions(""), started)
    with Session(setup) as session:
        reference = reference_for(exercise, secret)
        evidence = observe(session, exercise, reference, names, sites)
        output = session.output
    if evidence.scene.traces[0].ended == "protocol" and not evidence.scene.traces[0].events:
        raise InternalError("the process that ran the submission sent nothing that could be read")
    verdicts = with_causes(evidence, judge(evidence))
    return assemble(
        exercise, submission, evidence, verdicts, output, student, reveal, _versions(reference.torch_version), started
    )


def _versions(torch: str) -> tuple[tuple[str, str], ...]:
    return (("grader", __version__), *((("torch", torch),) if torch else ()))
