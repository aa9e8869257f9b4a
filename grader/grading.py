"""Grading one submission in a session: everything but loading it and starting its process."""

from __future__ import annotations

import importlib
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
from grader.judge.error_propagation import with_causes
from grader.judge.evidence import Evidence, glimpse, observe
from grader.judge.naming import Names, names_of
from grader.judge.verdicts import Verdict, judge
from grader.model import Isolation, Problem, Result, Reveal, Submission
from grader.preparation import prepare
from grader.reference.cache import remembered
from grader.reference.points import given_inputs
from grader.reference.types import Reference
from grader.runner.protocols import Interrupted
from grader.runner.session import Session
from grader.runner.types import Setup, Sites
from grader.submission.companion_files import with_files

PATIENCE = 3.0
"""Seconds of CPU all runs of a submission may have taken for its repairs to be proven by running it once more."""


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

    def seen_at(points: int, changed: Submission, look: Callable[..., Evidence]) -> tuple[Verdict, ...]:
        try:
            again, sites, names, _ = prepare(exercise, changed, names_of(exercise), given)
        except SyntaxError:
            return ()  # what a change made of it is no Python: nothing is right by it
        session.prepare(again)
        fewer = replace(reference, points=reference.points[:points], values=reference.values[:points])
        seen = look(session, exercise, fewer, names, sites)
        return () if _raises(seen) and not _raises(evidence) else judge(seen)

    def rerun(changed: Submission) -> tuple[Verdict, ...]:
        # Evaluation has proven it at every point: one point besides the given one shows that it runs.
        return seen_at(2, changed, observe_unwatched)

    def tried(changed: Submission) -> tuple[Verdict, ...]:
        return seen_at(1, changed, glimpse)

    def proven_everywhere(changed: Submission) -> tuple[Verdict, ...]:
        return seen_at(len(reference.points), changed, observe_unwatched)

    session.prepare(setup)
    reference = remembered(exercise, secret)
    evidence = observe(session, exercise, reference, names, sites)
    world = world_of(session)
    verdicts = proven(with_causes(evidence, judge(evidence)), evidence, world)
    findings: dict[str, Finding] = {}
    if any(needs_explaining(verdict) for verdict in verdicts):
        # Slow set-up has run once, and is not run again for a repair's sake.
        patient = session.spent < PATIENCE and not session.left_out
        verdicts, findings = _explained(session, evidence, submission, verdicts, rerun, patient)
        alone, spoilt = verdicts, None
        if patient and sum(verdict.outcome == "wrong" for verdict in verdicts) > 1:
            from grader.diagnosis.forward_locals import spoilt_by_locals, told_once

            session.prepare(setup)
            spoilt = spoilt_by_locals(session, evidence, verdicts)
        if spoilt is not None:
            evidence, mended = spoilt.evidence, spoilt
            verdicts = proven(with_causes(evidence, judge(evidence)), evidence, world)
            verdicts, findings = _explained(
                session, evidence, submission, verdicts, lambda one: mended.with_locals(rerun(one)), patient
            )
        if patient and sum(verdict.outcome == "wrong" for verdict in verdicts) > 1:
            session.prepare(setup)
            from grader.judge.shared import shared_locals

            mistakes = shared_locals(session, evidence, verdicts)
            verdicts, findings = shared_once(mistakes, evidence.scene.sites, verdicts, findings)
        if patient and not evidence.scene.guarded:
            verdicts, findings = _pointed(session, setup, evidence, submission, (verdicts, findings), rerun)
        if spoilt is not None:
            verdicts, findings = told_once(spoilt, alone, verdicts, findings)
        if patient and any(one.outcome == "wrong" and findings[one.step.name].text is None for one in verdicts):
            findings = _repaired_by_running(session, submission, verdicts, findings, tried, proven_everywhere)
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


def _explained(
    session: Session,
    evidence: Evidence,
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    rerun: Callable[[Submission], tuple[Verdict, ...]],
    patient: bool,
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Verdicts and findings with what is found out about wrong steps by looking at their lines. Only `patient`ly are
    repairs proven by running them."""
    from grader.diagnosis.diagnose import diagnose  # only where there is something to explain

    findings = diagnose(session, evidence, submission, verdicts, rerun if patient else None)
    verdicts, findings = _sharing(session, submission, verdicts, findings, rerun)
    from grader.judge.shared import repeated

    return carried_by(repeated(evidence, verdicts, mended_at(findings)), verdicts, findings)


def _repaired_by_running(
    session: Session,
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    findings: dict[str, Finding],
    tried: Callable[[Submission], Sequence[Verdict]],
    proven_everywhere: Callable[[Submission], Sequence[Verdict]],
) -> dict[str, Finding]:
    """The findings with repairs of lines that cannot be read; those there were, where trying them failed."""
    from grader.diagnosis.repair_by_running import repaired_by_running

    try:
        return repaired_by_running(submission, verdicts, findings, tried, proven_everywhere, lambda: session.spent)
    except Interrupted:
        raise
    except Exception as error:  # whatever it is, the student has a verdict and is to see it
        warnings.warn(f"no repair was tried: {error!r}", ExplanationFailed, stacklevel=2)
        return findings


def observe_unwatched(
    session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites
) -> Evidence:
    """All runs of a changed submission, which nobody is to explain."""
    return observe(session, exercise, reference, names, sites, watched=False)


def _raises(evidence: Evidence) -> bool:
    """Whether a submission raised at the student's own numbers. A change that makes it raise mends nothing."""
    return bool(evidence.scene.traces[0].raised)


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
    found: tuple[tuple[Verdict, ...], dict[str, Finding]],
    rerun: Callable[[Submission], Sequence[Verdict]],
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Verdicts and findings with the lines where values were made wrong, which takes runs that count for nothing."""
    verdicts, findings = found
    from grader.blame.guilty_line import is_unexplained, is_wrong, with_guilty_lines

    if not any(map(is_wrong, verdicts)):
        return verdicts, findings
    session.prepare(setup)
    try:
        verdicts, findings = with_guilty_lines(session, evidence, submission, verdicts, findings)
        if sum(one.outcome == "wrong" for one in verdicts) > 1:
            from grader.diagnosis.called_for_several import lines_written_anew

            session.prepare(setup)
            verdicts, findings = lines_written_anew(session, evidence, submission, (verdicts, findings), rerun)
        if not (left := [verdict for verdict in verdicts if is_wrong(verdict) and is_unexplained(verdict, findings)]):
            return verdicts, findings
        session.prepare(setup)
        from grader.judge.shared import single_locals

        mistakes = single_locals(session, evidence, left)
        return shared_once(mistakes, evidence.scene.sites, verdicts, findings)
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
