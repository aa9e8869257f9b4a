"""Grade one submission in a session: everything except loading it and starting its process."""

from __future__ import annotations

import importlib
from dataclasses import replace

from grader import __version__
from grader.assemble import assemble
from grader.diagnosis.finding import Finding, needs_explaining
from grader.exercise.types import Exercise
from grader.incidents import proven, world_of
from grader.judge.error_propagation import with_causes
from grader.judge.evidence import observe
from grader.judge.naming import names_of
from grader.judge.verdicts import judge
from grader.model import Isolation, Problem, Result, Reveal, Submission
from grader.preparation import prepare
from grader.reference.cache import remembered
from grader.reference.points import given_inputs
from grader.runner.session import Session
from grader.submission.companion_files import with_files


def get_ready() -> None:
    """Import in advance the modules that the first explanation of a mistake would import."""
    from grader.diagnosis.catalogue import catalogue

    importlib.import_module("grader.explaining")
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
    session.prepare(setup)
    reference = remembered(exercise, secret)
    evidence = observe(session, exercise, reference, names, sites)
    world = world_of(session)
    verdicts = proven(with_causes(evidence, judge(evidence)), evidence, world)
    findings: dict[str, Finding] = {}
    shown, off = submission, {}
    if any(one.outcome == "missing" and one.reason == "not_bound" for one in verdicts):
        from grader.diagnosis import switched_off  # imported here: few submissions leave steps out

        if found := switched_off.conditions(evidence, verdicts, len(submission.cells)):
            session.renew()  # as it gives points, by a process that has been shown no right value
            on = switched_off.taken_as_true(submission, found)
            again, sites, names, on = prepare(exercise, on, names_of(exercise), given)
            session.prepare(again)
            after = observe(session, exercise, reference, names, sites)
            then = proven(with_causes(after, judge(after)), after, world)
            if off := switched_off.charges(found, verdicts, then) or {}:
                setup, submission, evidence, verdicts = again, on, after, then
            session.prepare(setup)
    if wrong := any(map(needs_explaining, verdicts)):
        from grader.explaining import Known, Reruns, explained, named

        raised = bool(evidence.scene.traces[0].raised)
        runs = Reruns(session, exercise, submission, setup, reference, given, world, raised)
        known = explained(Known(evidence, verdicts, findings), runs)
    session.renew()  # Nothing more is run: the next child can start now if more submissions follow.
    if wrong:
        known = named(known, submission)
        evidence, verdicts, findings = known.evidence, known.verdicts, known.findings
    if off:
        verdicts, findings = switched_off.charged(verdicts, findings, off)
    versions = _versions(reference.torch_version)
    return assemble(
        exercise,
        shown,
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


def names_asked(exercise: Exercise) -> frozenset[str]:
    """Lower-case names whose presence shows that a file answers the exercise."""
    return frozenset(step.name.partition("[")[0].lower() for step in (*exercise.steps, *exercise.forward_steps))


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
