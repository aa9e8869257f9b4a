"""Works out the example of a misconception: its program, the chain rule, both lines and their values."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.meaning import value_of
from grader.diagnosis.chain_rule.numbers import as_number
from grader.diagnosis.expressions import name_of
from grader.diagnosis.recognition.catalogue import Example
from grader.exercise.load import find, load
from grader.exercise.types import Exercise, Step
from grader.formula.parse import expression_of
from grader.formula.syntax import FormulaError
from grader.judge.matching.compare import compare, largest, measure
from grader.model import Value
from grader.reference.cache import reference_for
from grader.syntax_trees import tree_of

OWN = Path(__file__).parents[1] / "examples"
"""The directory of small exercises written for the examples; they belong to no course."""


@dataclass(frozen=True, slots=True)
class Worked:
    """`program` is the forward pass, `asked` the step. `wrong` and `right` are the two lines; their values are computed
    at `inputs`, where they differ. The wrong line's value is None if it cannot be evaluated without running it."""

    program: tuple[str, ...]
    asked: str
    rule: str | None
    inputs: tuple[tuple[str, Value], ...]
    wrong: str
    wrong_value: Value | None
    right: str
    right_value: Value


def exercise_of(example: Example) -> Exercise:
    own = OWN / f"{example.exercise}.yaml"
    return load(own if own.exists() else find(example.exercise))


def worked(example: Example) -> Worked:
    """Return the example with its numbers. Raises `EnvironmentProblem` if they are not cached and torch is missing."""
    exercise = exercise_of(example)
    step = next(one for one in exercise.steps if one.name == example.step)
    reference = reference_for(exercise)
    measures = tuple(
        measure(exercise.policy.tolerance, False, largest(list(at.values())), frozenset()) for at in reference.values
    )
    rule = Derivation(exercise, reference, measures).rule(step, _names_in(example.right))
    values = [
        _value(step, example.wrong, point.inputs, at)
        for point, at in zip(reference.points, reference.values, strict=True)
    ]
    telling = (
        k
        for k, value in enumerate(values)
        if value is not None and not compare(value, reference.values[k][step.name], measures[k]).right
    )
    at = next(telling, 0)
    return Worked(
        tuple(line for line in exercise.program_text.splitlines() if line.strip()),
        f"{step.name} = {step.text}",
        rule.as_text({}) if rule is not None and rule.known else None,
        tuple(reference.points[at].inputs.items()),
        f"{step.name} = {example.wrong}",
        values[at],
        f"{step.name} = {example.right}",
        reference.values[at][step.name],
    )


def _names_in(source: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(tree_of(source)) if isinstance(node, ast.Name))


def _value(step: Step, line: str, inputs: Mapping[str, Value], values: Mapping[str, Value]) -> Value | None:
    """Return the value of a line with everything before it right; of several statements the last one binds the step."""
    source = f"{step.name} = {line}"
    statement = tree_of(source).body[-1]
    if not isinstance(statement, ast.Assign):
        return None
    try:
        formula = expression_of(source, statement.value, name_of, frozenset())
    except FormulaError:
        return None
    held = {name: as_number(value) for name, value in (*inputs.items(), *values.items())}
    return _as_value(value_of(formula, held, NumpyMeaning()))


def _as_value(number: Any) -> Value | None:
    if number is None:
        return None
    import numpy

    array = numpy.asarray(number, dtype="<f8")
    return Value(array.shape, array.tobytes())
