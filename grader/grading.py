"""Grade one submission in a session: everything except loading it and starting its process."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.adaptation import as_run, fitting, sized
from grader.assemble import Circumstances, Judged, assemble
from grader.diagnosis.finding import Finding, carried_by, needs_explaining
from grader.exercise.types import Exercise, Step
from grader.incidents import incidents_of, proven
from grader.judge.evidence import Evidence, observe
from grader.judge.score import never_made
from grader.judge.shared_mistakes.error_propagation import with_causes
from grader.judge.verdicts import Verdict, judge
from grader.model import RIGHT, Cell, GradingRequest, Isolation, Problem, Result, Submission
from grader.preparation import PreparedExercise, PreparedSubmission, prepare
from grader.runner.session import Session
from grader.runner.types import Setup
from grader.submission.companion_files import with_files
from grader.submission.companion_modules import with_modules_as_cells

if TYPE_CHECKING:
    from grader.diagnosis.switched_off import Condition
    from grader.diagnosis.unreadable_lines import UnreadableLine


def get_ready() -> None:
    """Import in advance the modules that the first explanation of a mistake would import."""
    from grader.diagnosis.recognition.catalogue import catalogue

    importlib.import_module("grader.explaining")
    catalogue()


def grade(session: Session, prepared: PreparedExercise, submission: Submission, request: GradingRequest) -> Result:
    """Run a submission in a session of its own and return its result."""
    submission = with_files(submission, names_asked(prepared.exercise))
    if prepared.exercise.sizes:
        prepared = sized(prepared, submission)
    if prepared.exercise.answers:
        prepared = fitting(session, prepared, submission)
    exercise = prepared.exercise
    made = prepare(exercise, submission, prepared.names, prepared.given)
    if not made.submission.cells:
        return assemble(exercise, made.submission, None, Circumstances(request, session.isolation))
    run = _judged(session, prepared, made)
    incidents = incidents_of(session)
    run = _read_best(session, prepared, run)
    submission = run.submission
    run, unread = _with_line_readable(session, prepared, run)
    off: dict[str, Condition] = {}
    if any(one.outcome == "missing" and one.reason == "not_bound" for one in run.verdicts):
        run, off = _with_conditions_true(session, prepared, run)
    evidence, verdicts, findings = run.evidence, run.verdicts, dict[str, Finding]()
    raised = bool(evidence.scene.raised)
    if wrong := any(needs_explaining(one) or (raised and one.reason == "not_bound") for one in verdicts):
        from grader.explaining import Reruns, SubmissionFacts, explained, named

        known = explained(
            SubmissionFacts(evidence, verdicts, findings),
            Reruns(session, prepared, run.submission, run.setup, incidents, raised),
        )
    session.renew()  # Nothing more is run: what it used is free for others.
    if wrong:
        known = named(known, run.submission)
        evidence, verdicts, findings = known.evidence, known.verdicts, known.findings
    if unread is not None:
        from grader.diagnosis import unreadable_lines

        verdicts = unreadable_lines.charged(verdicts, *unread)
    if off:
        from grader.diagnosis.switched_off import charged

        verdicts, findings = charged(verdicts, findings, off)
    verdicts, findings = carried_by(never_made(verdicts, _unread(run.submission, verdicts)), verdicts, findings)
    judged = Judged(evidence, verdicts, findings, incidents, session.output)
    how = Circumstances(request, session.isolation, prepared.reference.torch_version, bool(prepared.secret))
    return assemble(exercise, submission, judged, how)


def _unread(submission: Submission, verdicts: Sequence[Verdict]) -> frozenset[int]:
    """The sites of verdicts whose line could not be read: a blank stands in its place."""
    sites = (one.site for one in verdicts if one.site is not None and one.site.cell < len(submission.cells))
    return frozenset(
        site.number for site in sites if site.blank and _is_replaced(submission.cells[site.cell], site.statement[0])
    )


def _is_replaced(cell: Cell, line: int) -> bool:
    """Whether another line runs than was typed."""
    return cell.source.split("\n")[line - 1].strip() != cell.text.split("\n")[line - 1].strip()


@dataclass(frozen=True, slots=True)
class GradedRun:
    """A submission as it was run: what the child was given, what was seen, and what it is worth."""

    setup: Setup
    submission: Submission
    evidence: Evidence
    verdicts: tuple[Verdict, ...]


def _judged(session: Session, prepared: PreparedExercise, made: PreparedSubmission) -> GradedRun:
    """Run a submission and judge what it bound."""
    session.prepare(made.setup)
    evidence = observe(session, prepared.exercise, prepared.reference, made.names, made.sites)
    verdicts = proven(with_causes(evidence, judge(evidence)), evidence, incidents_of(session))
    return GradedRun(made.setup, made.submission, evidence, verdicts)


def _read_best(session: Session, prepared: PreparedExercise, run: GradedRun) -> GradedRun:
    """The run, or that of the submission read in another way: with the cells of a notebook in the order in which they
    were run, if more steps are right in that; with the modules beside it as cells, if more quantities are."""
    steps = prepared.exercise.steps
    run = _better(session, prepared, run, as_run(run.submission), steps)
    forward = prepared.exercise.forward_steps
    return _better(session, prepared, run, with_modules_as_cells(run.submission), (*forward, *steps))


def _better(
    session: Session, prepared: PreparedExercise, run: GradedRun, other: Submission | None, asked: Sequence[Step]
) -> GradedRun:
    """The run, or that of `other`, if more of what is asked is right in that."""
    right = _right_of(asked, run.verdicts)
    if right == len(asked) or other is None:
        return run
    session.renew()  # as it gives points, by a process that has been shown no right value
    again = _judged(session, prepared, prepare(prepared.exercise, other, prepared.names, prepared.given))
    if _right_of(asked, again.verdicts) > right:
        return again
    session.prepare(run.setup)
    return run


def _right_of(asked: Sequence[Step], verdicts: Sequence[Verdict]) -> int:
    names = {step.name for step in asked}
    return sum(one.step.name in names and one.outcome in RIGHT for one in verdicts)


def _with_conditions_true(
    session: Session, prepared: PreparedExercise, run: GradedRun
) -> tuple[GradedRun, dict[str, Condition]]:
    """The run with conditions true that kept steps from being bound, and the step that each of them costs; the same run
    and nothing where there is none, or where that does not make such steps right."""
    from grader.diagnosis import switched_off  # imported here: few submissions leave steps out

    found = switched_off.conditions(run.evidence, run.verdicts, len(run.submission.cells))
    if not found:
        return run, {}
    session.renew()  # as it gives points, by a process that has been shown no right value
    on = switched_off.taken_as_true(run.submission, found)
    switched_on = _judged(session, prepared, prepare(prepared.exercise, on, prepared.names, prepared.given))
    off = switched_off.charges(found, run.verdicts, switched_on.verdicts)
    chosen = run if off is None else switched_on
    session.prepare(chosen.setup)
    return chosen, off or {}


def _with_line_readable(
    session: Session, prepared: PreparedExercise, run: GradedRun
) -> tuple[GradedRun, tuple[UnreadableLine, list[str]] | None]:
    """The run with a line readable that could not be read, and the steps that this makes right; the same run and None
    where the line costs one step or none."""
    asked = prepared.exercise.steps
    if _right_of(asked, run.verdicts) > len(asked) - 2 or not any(
        problem.kind == "syntax" for problem in run.submission.problems
    ):
        return run, None
    from grader.diagnosis import unreadable_lines  # imported here: few submissions cannot be read

    found = unreadable_lines.unreadable_line(run.submission)
    if found is None:
        return run, None
    best: tuple[GradedRun, list[str]] = (run, [])
    for readable in unreadable_lines.readable(run.submission, found):
        session.renew()  # as it gives points, by a process that has been shown no right value
        again = _judged(session, prepared, prepare(prepared.exercise, readable, prepared.names, prepared.given))
        names = unreadable_lines.gained(run.verdicts, again.verdicts)
        best = max(best, (again, names), key=lambda one: len(one[1]))
        if _right_of(asked, best[0].verdicts) == len(asked) or not session.has_time:
            break
    chosen, names = best if len(best[1]) > 1 else (run, [])
    session.prepare(chosen.setup)
    return chosen, (found, names) if names else None


def names_asked(exercise: Exercise) -> frozenset[str]:
    """Lower-case names whose presence shows that a file answers the exercise."""
    return frozenset(step.name.partition("[")[0].lower() for step in (*exercise.steps, *exercise.forward_steps))


def set_aside(
    exercise: Exercise, submission: Submission, request: GradingRequest, isolation: Isolation, reason: str
) -> Result:
    """The result of a submission whose runs were interrupted from outside twice, the second time when it was run alone:
    nothing is judged, and no points are lost."""
    told = f"it could not be judged: {reason}, twice; nothing was decided about it"
    noted = replace(submission, problems=(*submission.problems, Problem("killed", told)))
    return assemble(exercise, noted, None, Circumstances(request, isolation))
