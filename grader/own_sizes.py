"""Grade a submission at the sizes that it fixes itself, where the exercise allows that: `N, D = 64, 100`.

A size of 1 is not followed, since it makes a mean equal a sum, nor one that is assigned several numbers: for these the
exercise's own hold."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

from grader.errors import ExerciseError
from grader.exercise.given import constants
from grader.exercise.load import at_sizes
from grader.exercise.types import Exercise
from grader.model import Submission
from grader.preparation import PreparedExercise
from grader.syntax_trees import tree_of

LARGEST = 250_000
"""How many numbers all inputs may have together at the sizes of a submission."""


def sized(prepared: PreparedExercise, submission: Submission) -> PreparedExercise:
    """The exercise at the sizes of a submission; as it is where the submission fixes none that can be followed."""
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
