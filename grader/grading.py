"""Grade one submission in a session: everything except loading it and starting its process."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from grader import __version__
from grader.assemble import assemble
from grader.diagnosis.finding import (
    Finding,
    carried_by,
    mended_at,
    needs_explaining,
    needs_running,
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
from grader.model import Isolation, Observed, Problem, Result, Reveal, Submission
from grader.preparation import prepare
from grader.reference.cache import remembered
from grader.reference.points import given_inputs
from grader.reference.types import Reference
from grader.runner.protocols import Interrupted
from grader.runner.session import Session
from grader.runner.types import Order, Setup, Sites
from grader.submission.companion_files import with_files

if TYPE_CHECKING:
    from grader.diagnosis.repair_by_running import Running  # only needed if a step is wrong
    from grader.diagnosis.trials import Trial

PATIENCE = 3.0
"""Seconds for all runs of a submission together; above that, repairs are not verified by a further run."""


def get_ready() -> None:
    """Import in advance the modules that the first explanation of a mistake would import."""
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
    """Run a submission in a session of its own and return its result. `started` is the time at which the work began, in
    seconds of `time.perf_counter`."""
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
            return ()  # the repair produced invalid Python, so no step is right
        session.prepare(again)
        fewer = replace(reference, points=reference.points[:points], values=reference.values[:points])
        seen = look(session, exercise, fewer, names, sites)
        return () if _raises(seen) and not _raises(evidence) else judge(seen)

    def rerun(changed: Submission) -> tuple[Verdict, ...]:
        # Evaluation has verified the repair at all points: one point besides the given one shows that the code runs.
        return seen_at(2, changed, observe_unwatched)

    def tried(changed: Submission) -> tuple[Verdict, ...]:
        return seen_at(1, changed, glimpse)

    def proven_everywhere(changed: Submission) -> tuple[Verdict, ...]:
        return seen_at(len(reference.points), changed, observe_unwatched)

    def seen(trial: Trial) -> list[Observed]:
        asking = replace(exercise, answer=trial.answer)
        again, sites, _, _ = prepare(asking, trial.submission, names_of(exercise), given)
        session.prepare(again)
        events = session.run(Order(reference.points[0].inputs)).events
        return [event.value for event in events if sites[event.site].names == (trial.result,)]

    def running_of() -> Running:
        from grader.diagnosis.repair_by_running import Running

        right = reference.values[0]
        return Running(tried, proven_everywhere, seen, lambda: session.spent, right, exercise.answer or "")

    session.prepare(setup)
    reference = remembered(exercise, secret)
    evidence = observe(session, exercise, reference, names, sites)
    world = world_of(session)
    verdicts = proven(with_causes(evidence, judge(evidence)), evidence, world)
    findings: dict[str, Finding] = {}
    if any(needs_explaining(verdict) for verdict in verdicts):
        # Slow set-up code has run once; do not run it again only to verify a repair.
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
        pointed = patient and not evidence.scene.guarded
        if pointed:
            verdicts, findings = _pointed(session, setup, evidence, submission, verdicts, findings)
        if patient and spoilt is None:
            verdicts, findings = _repaired_by_running(submission, verdicts, findings, running_of)
        if pointed:
            verdicts, findings = _by_single_locals(session, setup, evidence, verdicts, findings)
        if spoilt is not None:
            verdicts, findings = told_once(spoilt, alone, verdicts, findings)
            if patient:
                verdicts, findings = _repaired_by_running(submission, verdicts, findings, running_of)
    session.renew()  # Nothing more is run: the next child can start now if more submissions follow.
    if findings:
        from grader.diagnosis.named_changes import named_by_change

        findings = named_by_change(submission, findings)
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
    """Add what the lines of the wrong steps show. Repairs are verified by running them only if `patient`."""
    from grader.diagnosis.diagnose import diagnose  # only needed if there is something to explain

    findings = diagnose(session, evidence, submission, verdicts, rerun if patient else None)
    verdicts, findings = _sharing(session, submission, verdicts, findings, rerun)
    from grader.judge.shared import repeated

    return carried_by(repeated(evidence, verdicts, mended_at(findings)), verdicts, findings)


def _repaired_by_running(
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    findings: dict[str, Finding],
    running_of: Callable[[], Running],
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Add repairs of lines that the diagnosis cannot parse; on an error, return verdicts and findings unchanged."""
    if not any(needs_running(one, findings) for one in verdicts):
        return verdicts, findings
    from grader.diagnosis.repair_by_running import repaired_by_running

    try:
        found = repaired_by_running(submission, verdicts, findings, running_of())
    except Interrupted:
        raise
    except Exception as error:  # whatever it is, the student must still get the verdict
        warnings.warn(f"no repair was tried: {error!r}", ExplanationFailed, stacklevel=2)
        return verdicts, findings
    carried = {name: one.mended_by for name, one in found.items() if one.mended_by and name in findings}
    return carried_by(carried, verdicts, found)


def observe_unwatched(
    session: Session, exercise: Exercise, reference: Reference, names: Names, sites: Sites
) -> Evidence:
    """Run a changed submission at all points without watching it: its result is not explained."""
    return observe(session, exercise, reference, names, sites, watched=False)


def _raises(evidence: Evidence) -> bool:
    """Whether a submission raised at the student's own numbers. A change that makes it raise repairs nothing."""
    return bool(evidence.scene.traces[0].raised)


def _sharing(
    session: Session,
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    findings: dict[str, Finding],
    rerun: Callable[[Submission], Sequence[Verdict]],
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Charge a mistake that several steps share only once. As this gives points, it must be confirmed in a process that
    has not seen any right value and so cannot answer from memory."""
    from grader.diagnosis.diagnose import right_after

    shared = one_mistake_each(verdicts, findings)
    if not (changes := shared_changes(*shared)):
        return shared
    session.renew()
    right = right_after(set(changes.values()), submission, rerun)
    # The step that is charged with the mistake must come out right together with the others.
    lead = {one.step.name: one.caused_by[0] for one in shared[0] if one.step.name in changes}
    apart = frozenset(name for name in changes if not {name, lead[name]} <= right)
    return shared if not apart else one_mistake_each(verdicts, findings, apart)


def names_asked(exercise: Exercise) -> frozenset[str]:
    """Lower-case names whose presence shows that a file answers the exercise."""
    return frozenset(step.name.partition("[")[0].lower() for step in (*exercise.steps, *exercise.forward_steps))


def _pointed(
    session: Session,
    setup: Setup,
    evidence: Evidence,
    submission: Submission,
    verdicts: tuple[Verdict, ...],
    findings: dict[str, Finding],
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Add the lines where wrong values originate. This takes additional runs that do not count for the score."""
    from grader.blame.guilty_line import is_wrong, with_guilty_lines

    if not any(map(is_wrong, verdicts)):
        return verdicts, findings
    session.prepare(setup)
    try:
        return with_guilty_lines(session, evidence, submission, verdicts, findings)
    except Interrupted:
        raise
    except Exception as error:  # whatever it is, the student must still get the verdict
        warnings.warn(f"no line was looked for: {error!r}", ExplanationFailed, stacklevel=2)
        return verdicts, findings


def _by_single_locals(
    session: Session,
    setup: Setup,
    evidence: Evidence,
    verdicts: tuple[Verdict, ...],
    findings: dict[str, Finding],
) -> tuple[tuple[Verdict, ...], dict[str, Finding]]:
    """Attribute steps still unexplained to a local variable if setting it to its right value repairs them."""
    from grader.blame.guilty_line import is_unexplained, is_wrong

    if not (left := [verdict for verdict in verdicts if is_wrong(verdict) and is_unexplained(verdict, findings)]):
        return verdicts, findings
    from grader.judge.shared import single_locals

    session.prepare(setup)
    try:
        mistakes = single_locals(session, evidence, left)
        return shared_once(mistakes, evidence.scene.sites, verdicts, findings)
    except Interrupted:
        raise
    except Exception as error:  # whatever it is, the student must still get the verdict
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
    """The result of a submission whose runs were interrupted from outside twice, the second time when it was run alone:
    nothing is judged, and no points are lost."""
    told = f"it could not be judged: {reason}, twice; nothing was decided about it"
    noted = replace(submission, problems=(*submission.problems, Problem("killed", told)))
    return assemble(exercise, noted, None, (), {}, "", student, reveal, _versions(""), started, isolation)


def _versions(torch: str) -> tuple[tuple[str, str], ...]:
    return (("grader", __version__), *((("torch", torch),) if torch else ()))
