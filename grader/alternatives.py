"""Choose among the answers that an exercise accepts: names of functions, orders of arguments, layouts of caches."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from grader.judge.evidence import rightness
from grader.model import Submission
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
        setup, sites, names, runnable = prepare(asking.exercise, submission, asking.names, asking.given)
        if not runnable.cells:
            break
        session.prepare(setup)
        right = rightness(session, asking.exercise, asking.reference, names, sites)
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
