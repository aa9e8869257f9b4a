"""The picture of a derivative: a quantity as a function of another one, with its true and its claimed tangent."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.diagnosis.chain_rule.meaning import ScalarMeaning, StudentMeaning
from grader.diagnosis.chain_rule.numbers import as_number
from grader.diagnosis.chain_rule.rule import target_of
from grader.formula.evaluate import Environment, EvaluationError, execute
from grader.formula.syntax import Assign, Derivative, Expression, text
from grader.model import StepResult, Value

SAMPLES = 161
"""Number of points of a curve, over the whole width."""

STEP = 1e-5
"""Half the distance of the two values whose quotient is the numerical slope, relative to the scale."""


@dataclass(frozen=True, slots=True)
class Tangent:
    """`curve` are the points (x, f(x)) around `x`; slopes are at `x`: of autograd, of the student, and numerical."""

    of: Expression
    by: Expression
    x: float
    y: float
    curve: tuple[tuple[float, float], ...]
    true: float
    claimed: float
    numerical: float


def tangent(
    step: StepResult, quantity: Expression, program: Sequence[Assign], inputs: Mapping[str, Value]
) -> Tangent | None:
    """The picture of a step d(of)/d(by) between single numbers, at `inputs`; None if it is no such step, or a value is
    missing. `program` has loops unrolled."""
    if not isinstance(quantity, Derivative) or quantity.via is not None or quantity.partial:
        return None
    claimed, true = _number(step.got), _number(step.expected)
    if claimed is None or true is None or not math.isfinite(claimed) or any(value.shape for value in inputs.values()):
        return None
    start = _at(quantity.by, None, quantity.by, program, inputs)
    here = None if start is None else _at(quantity.of, None, quantity.by, program, inputs)
    if start is None or here is None:
        return None
    scale = max(abs(start), 0.5)
    apart = STEP * scale
    ends = [_at(quantity.of, start + side * apart, quantity.by, program, inputs) for side in (1, -1)]
    points = [start + 1.6 * scale * (2 * k / (SAMPLES - 1) - 1) for k in range(SAMPLES)]
    values = [(x, _at(quantity.of, x, quantity.by, program, inputs)) for x in points]
    curve = tuple((x, y) for x, y in values if y is not None and math.isfinite(y))
    if ends[0] is None or ends[1] is None or len(curve) < SAMPLES // 2:
        return None
    numerical = (ends[0] - ends[1]) / (2 * apart)
    return Tangent(quantity.of, quantity.by, start, here, curve, true, claimed, numerical)


def _number(value: object) -> float | None:
    return float(as_number(value)) if isinstance(value, Value) and value.shape == () else None


def _at(
    wanted: Expression, put: float | None, by: Expression, program: Sequence[Assign], inputs: Mapping[str, Value]
) -> float | None:
    """The value of `wanted` if `by` has the value `put`, None: its own; None if the program has no value there."""
    environment = Environment({name: as_number(value) for name, value in inputs.items()})
    meaning: StudentMeaning = ScalarMeaning()
    if put is not None and text(by) in environment.values:
        environment.values[text(by)] = put
    try:
        for statement in program:
            execute(statement, environment, meaning)
            if put is not None and text(target_of(statement)) == text(by):
                _set(statement, put, environment)
        return float(_get(wanted, environment))
    except (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError):
        return None


def _set(statement: Assign, put: float, environment: Environment) -> None:
    match statement.keys:
        case ():
            environment.values[statement.name] = put
        case _:
            elements = environment.elements[statement.name]
            elements[next(index for index in elements if text(target_of(statement)).endswith(f"[{index}]"))] = put


def _get(wanted: Expression, environment: Environment) -> float:
    name, bracket, rest = text(wanted).partition("[")
    if not bracket:
        return float(environment.values[name])
    return float(environment.elements[name][int(rest.removesuffix("]"))])
