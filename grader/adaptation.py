"""A prepared exercise and a submission adapted to each other: which of several answers the submission is meant for, the
sizes that it fixes itself where the exercise allows that (`N, D = 64, 100`), and the order in which the cells of a
notebook were run.

A size of 1 is not followed, since it makes a mean equal a sum, nor one that is assigned several numbers: for these the
exercise's own hold.
"""

from __future__ import annotations

import ast
import builtins
import math
import re
from collections.abc import Iterator
from dataclasses import replace

from grader.errors import ExerciseError
from grader.exercise.types import Exercise
from grader.judge.evidence import rightness
from grader.model import Cell, Submission
from grader.preparation import PreparedExercise, prepare
from grader.runner.session import Session
from grader.syntax_trees import tree_of


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


LARGEST = 250_000
"""How many numbers all inputs may have together at the sizes of a submission."""


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
    small = sum(math.prod(one.shape) for one in made.inputs) <= LARGEST
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


TOP_TO_BOTTOM = "the notebook is graded top to bottom"
AS_RUN = "the notebook is graded in the order in which its cells were run"


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
