"""Grade one submission in a session, everything except loading it and starting its process: exercise and submission are
adapted to each other, run, judged and explained.

Adapted are: which of several answers the submission is meant for, the sizes that it fixes itself where the exercise
allows that (`N, D = 64, 100`), and the order in which the cells of a notebook were run. A size of 1 is not followed,
since it makes a mean equal a sum, nor one that is assigned several numbers: for these the exercise's own hold.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.assemble import Circumstances, Judged, assemble
from grader.diagnosis.finding import Finding, needs_explaining, with_carried
from grader.errors import ExerciseError
from grader.exercise.types import Exercise, Step
from grader.incidents import incidents_of, unjudged_by_incidents
from grader.judge.evidence import Evidence, observe, rightness
from grader.judge.score import missing_by_one_line
from grader.judge.shared_mistakes.error_propagation import with_causes
from grader.judge.verdicts import Verdict, judge
from grader.model import RIGHT, Cell, GradingRequest, Isolation, Problem, Result, Submission
from grader.preparation import PreparedExercise, PreparedSubmission, prepare
from grader.runner.session import Session
from grader.runner.types import Setup
from grader.submission.companion_files import with_files, with_modules_as_cells
from grader.syntax_trees import tree_of

if TYPE_CHECKING:
    from grader.diagnosis.lines_not_run import Condition, UnreadableLine


LARGEST_INPUTS = 250_000
"""How many numbers all inputs may have together at the sizes of a submission."""


TOP_TO_BOTTOM = "the notebook is graded top to bottom"

AS_RUN = "the notebook is graded in the order in which its cells were run"


def get_ready() -> None:
    """Import in advance the modules that the first explanation of a mistake would import."""
    from grader.diagnosis.recognition.catalogue import catalogue

    importlib.import_module("grader.mistakes")
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
        from grader.mistakes import Reruns, SubmissionFacts, find_mistakes, with_named_changes

        known = find_mistakes(
            SubmissionFacts(evidence, verdicts, findings),
            Reruns(session, prepared, run.submission, run.setup, incidents, raised),
        )
    session.renew()  # Nothing more is run: what it used is free for others.
    if wrong:
        known = with_named_changes(known, run.submission)
        evidence, verdicts, findings = known.evidence, known.verdicts, known.findings
    if unread is not None:
        from grader.diagnosis import lines_not_run

        verdicts = lines_not_run.with_unreadable_line_charged(verdicts, *unread)
    if off:
        from grader.diagnosis.lines_not_run import with_condition_charged

        verdicts, findings = with_condition_charged(verdicts, findings, off)
    verdicts, findings = with_carried(
        missing_by_one_line(verdicts, _unread(run.submission, verdicts)), verdicts, findings
    )
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
    verdicts = unjudged_by_incidents(with_causes(evidence, judge(evidence)), evidence, incidents_of(session))
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
    from grader.diagnosis import lines_not_run  # imported here: few submissions leave steps out

    found = lines_not_run.conditions(run.evidence, run.verdicts, len(run.submission.cells))
    if not found:
        return run, {}
    session.renew()  # as it gives points, by a process that has been shown no right value
    on = lines_not_run.taken_as_true(run.submission, found)
    switched_on = _judged(session, prepared, prepare(prepared.exercise, on, prepared.names, prepared.given))
    off = lines_not_run.charges(found, run.verdicts, switched_on.verdicts)
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
    from grader.diagnosis import lines_not_run  # imported here: few submissions cannot be read

    found = lines_not_run.unreadable_line(run.submission)
    if found is None:
        return run, None
    best: tuple[GradedRun, list[str]] = (run, [])
    for readable in lines_not_run.readable(run.submission, found):
        session.renew()  # as it gives points, by a process that has been shown no right value
        again = _judged(session, prepared, prepare(prepared.exercise, readable, prepared.names, prepared.given))
        names = lines_not_run.gained(run.verdicts, again.verdicts)
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


def fitting(session: Session, prepared: PreparedExercise, submission: Submission) -> PreparedExercise:
    """The exercise with the answer that a submission is meant for: of those whose functions it has, the one with which
    most steps are right in natural runs, the first of equals."""
    exercise = prepared.exercise
    words = set(re.findall(r"\w+", "\n".join(cell.source for cell in submission.cells)))
    fit = [one for one in exercise.answers if _called(one) <= words] or list(exercise.answers)
    if len(fit) == 1:
        return prepared.asking(fit[0])
    most, chosen = (-1, -1), fit[0]
    for answer in fit:
        asking = prepared.asking(answer)
        made = prepare(asking.exercise, submission, asking.names, asking.given)
        if not made.submission.cells:
            break
        session.prepare(made.setup)
        right = rightness(session, asking.exercise, asking.reference, made.names, made.sites)
        if right > most:
            most, chosen = right, answer
        if right[0] == len(exercise.steps):
            break
    return prepared.asking(chosen)


def _called(answer: str) -> set[str]:
    """The functions and classes that an answer takes from a submission."""
    tree = tree_of(answer)
    own = {name for node in ast.walk(tree) for name in _bound(node)}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return {name for name in called - own if not hasattr(builtins, name)}


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name


def sized(prepared: PreparedExercise, submission: Submission) -> PreparedExercise:
    """The exercise at the sizes of a submission; as it is where the submission fixes none that can be followed."""
    from grader.exercise.given import constants  # imported here: few exercises follow a submission
    from grader.exercise.load import at_sizes

    exercise = prepared.exercise
    own = constants(exercise.inputs)
    chosen = {name: size for name, size in _fixed_in(submission, exercise).items() if size > 1}
    if all(own[name] == size for name, size in chosen.items()):
        return prepared
    try:
        made = at_sizes(exercise, chosen)
    except ExerciseError:
        return prepared
    # A loop over a size has other steps, of which others are worth something.
    same = [step.name for step in made.steps] == [step.name for step in exercise.steps]
    small = sum(math.prod(one.shape) for one in made.inputs) <= LARGEST_INPUTS
    return PreparedExercise(made, prepared.secret) if same and small else prepared


def _fixed_in(submission: Submission, exercise: Exercise) -> dict[str, int]:
    """The sizes that a submission assigns as a number at its top level, all the times to the same one."""
    names = {label: one.name for one in exercise.inputs for label in (one.name, *one.aliases)}
    found: dict[str, set[int]] = {}
    for cell in submission.cells:
        try:
            body = tree_of(cell.source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for statement in body:
            for label, value in _assigned(statement):
                if names.get(label) in exercise.sizes:
                    found.setdefault(names[label], set()).add(value)
    return {name: next(iter(values)) for name, values in found.items() if len(values) == 1}


def _assigned(statement: ast.stmt) -> Iterator[tuple[str, int]]:
    if not isinstance(statement, ast.Assign):
        return
    for target in statement.targets:
        match target, statement.value:
            case ast.Tuple(elts=parts), ast.Tuple(elts=values) if len(parts) == len(values):
                pairs = list(zip(parts, values, strict=True))
            case _, value:
                pairs = [(target, value)]
        for one, value in pairs:
            match one, value:
                case ast.Name(id=name), ast.Constant(value=int() as number) if not isinstance(number, bool):
                    yield name, number


def as_run(submission: Submission) -> Submission | None:
    """The submission with its cells in the order of their saved execution counts; None if that is their order. A cell
    without a count stays behind the cell above it."""
    if not any(problem.kind == "order" for problem in submission.problems):
        return None
    groups: list[list[Cell]] = []
    for cell in submission.cells:
        if cell.execution_count is None and groups:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    groups.sort(key=lambda group: group[0].execution_count or 0)
    problems = tuple(
        replace(one, message=one.message.replace(TOP_TO_BOTTOM, AS_RUN)) if one.kind == "order" else one
        for one in submission.problems
    )
    return replace(submission, cells=tuple(cell for group in groups for cell in group), problems=problems)
