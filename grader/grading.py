"""Grading one submission in a session: everything but loading it and starting its process."""

from __future__ import annotations

import importlib
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace

from grader import __version__
from grader.assemble import assemble
from grader.diagnosis.finding import (
    Finding,
    carried_by,
    mended_at,
    needs_explaining,
    one_mistake_each,
    shared_changes,
    shared_once,
)
from grader.errors import ExplanationFailed
from grader.exercise.types import Exercise
from grader.incidents import proven, world_of
from grader.judge.causes import with_causes
from grader.judge.naming import names_of
from grader.judge.shared import repeated, shared_locals
from grader.judge.trial import Evidence, observe
from grader.judge.verdicts import Verdict, judge
from grader.model import Isolation, Problem, Result, Reveal, Submission
from grader.preparation import prepare
from grader.reference.cache import remembered
from grader.reference.points import given_inputs
from grader.runner.contract import Interrupted
from grader.runner.session import Session
from grader.runner.types import Setup
from grader.submission.beside import with_files

PATIENCE = 3.0
"""Seconds all runs of a submission may have taken for its repairs to be proven by running it once more."""


def get_ready() -> None:
    """Imports what is imported otherwise when there is a first mistake to be explained."""
    from grader.diagnosis.catalogue import catalogue

    importlib.import_module("grader.diagnosis.diagnose")
    catalogue()


def grade(
    session: Session,
    exercise: Exercise,
    submission: Submission,
    student: str | None,
    reveal: Reveal,
    secret: str,
    started: float,
) -> Result:
    """The result of running a submission in a session of its own; `started` is when the work began, in seconds of
    `time.perf_counter`."""
    given = given_inputs(exercise)
    submission = with_files(submission, names_asked(exercise))
    setup, sites, names, submission = prepare(exercise, submission, names_of(exercise), given)
    if not submission.cells:
        return assemble(
            exercise, submission, None, (), {}, "", student, reveal, _versions(""), started, session.isolation
        )

    def rerun(changed: Submission) -> tuple[Verdict, ...]:
        again, sites, names, _ = prepare(exercise, changed, names_of(exercise), given)
        session.prepare(again)
        # Evaluation has proven it at every point: one point besides the given one shows that it runs.
        fewer = replace(reference, points=reference.points[:2], values=reference.values[:2])
        return judge(observe(session, exercise, fewer, names, sites, watched=False))

    session.prepare(setup)
    reference = remembered(exercise, secret)
    begun = time.perf_counter()
    evidence = observe(session, exercise, reference, names, sites)
    running = time.perf_counter() - begun
    world = world_of(session)
    verdicts = proven(with_causes(evidence, judge(evidence)), evidence, world)
    findings: dict[str, Finding] = {}
    if any(needs_explaining(verdict) for verdict in verdicts):
        from grader.diagnosis.diagnose import diagnose  # only where there is something to explain

        # Slow set-up has run once, and is not run again for a repair's sake.
        patient = running < PATIENCE and not session.left_out
        findings = diagnose(session, evidence, submission, verdicts, rerun if patient else None)
        verdicts, findings = _sharing(session, submission, verdicts, findings, rerun)
        verdicts, findings = carried_by(repeated(evidence, verdicts, mended_at(findings)), verdicts, findings)
        if patient and sum(verdict.outcome == "wrong" for verdict in verdicts) > 1:
            session.prepare(setup)
            mistakes = shared_locals(session, evidence, verdicts)
            verdicts, findings = shared_once(mistakes, evidence.scene.sites, verdicts, findings)
        if patient and not evidence.scene.guarded:
            verdicts, findings = _pointed(session, setup, evidence, submission, verdicts, findings)
    session.renew()  # nothing more is run: where there are many to grade, the next child may come
    versions = _versions(reference.torch_version)
    return assemble(
        exercise,
        submission,
        evidence,
        verdicts,
        findings,
        session.output,
        student,
        reveal,
        versions,
        started,
        session.isolation,
        world,
    )


def _sharing(
    session: Session,
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    findings: dict[str, Finding],
    rerun: Callable[[Submission], Sequence[Verdict]],
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Verdicts and findings where one mistake behind several steps costs one of them. As that gives points, it has to
    show in a process that has been shown no right value before, and cannot answer from memory."""
    from grader.diagnosis.diagnose import right_after

    shared = one_mistake_each(verdicts, findings)
    if not (changes := shared_changes(*shared)):
        return shared
    session.renew()
    right = right_after(set(changes.values()), submission, rerun)
    # The step that bears the mistake has to come out right with the others.
    lead = {one.step.name: one.caused_by[0] for one in shared[0] if one.step.name in changes}
    apart = frozenset(name for name in changes if not {name, lead[name]} <= right)
    return shared if not apart else one_mistake_each(verdicts, findings, apart)


def names_asked(exercise: Exercise) -> frozenset[str]:
    """The names that show that a file answers the exercise, in small letters."""
    return frozenset(step.name.partition("[")[0].lower() for step in (*exercise.steps, *exercise.forward_steps))


def _pointed(
    session: Session,
    setup: Setup,
    evidence: Evidence,
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    findings: dict[str, Finding],
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Verdicts and findings with the lines where values were made wrong, which takes runs that count for nothing."""
    from grader.blame.guilty import is_wrong, with_guilty_lines

    if not any(map(is_wrong, verdicts)):
        return verdicts, findings
    session.prepare(setup)
    try:
        return with_guilty_lines(session, evidence, submission, verdicts, findings)
    except Interrupted:
        raise
    except Exception as error:  # whatever it is, the student has a verdict and is to see it
        warnings.warn(f"no line was looked for: {error!r}", ExplanationFailed, stacklevel=2)
        return verdicts, findings


def set_aside(
    exercise: Exercise,
    submission: Submission,
    student: str | None,
    reveal: Reveal,
    isolation: Isolation,
    reason: str,
    started: float,
) -> Result:
    """The result of a submission whose runs were cut short from outside, and again when it was tried alone: it is
    not judged, and nothing is held against it."""
    told = f"it could not be judged: {reason}, twice; nothing was decided about it"
    noted = replace(submission, problems=(*submission.problems, Problem("killed", told)))
    return assemble(exercise, noted, None, (), {}, "", student, reveal, _versions(""), started, isolation)


def _versions(torch: str) -> tuple[tuple[str, str], ...]:
    return (("grader", __version__), *((("torch", torch),) if torch else ()))
