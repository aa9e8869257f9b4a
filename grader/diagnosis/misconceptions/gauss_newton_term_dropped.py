"""A second derivative without the term that contains the derivative of a local derivative."""

from __future__ import annotations

from typing import Any

from grader.diagnosis.chain_rule.chain import expanded
from grader.diagnosis.chain_rule.numbers import is_zero
from grader.diagnosis.chain_rule.rule import total_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import NOWHERE
from grader.formula.syntax import Derivative, Expression, Name, names
from grader.formula.vjp import jvp


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the second derivative without an upstream gradient times the change of a derivative."""
    match step_values.step.quantity:
        case Derivative(of=Derivative(of=Name() as of, by=Name() as first), by=Name() as second):
            pass
        case _:
            return False
    for step in step_values.derivation.exercise.forward_steps:
        through = Name(step.name, NOWHERE)
        if step.name == of.id or step.family is not None:
            continue
        terms = [_moved(step_values, of, through, (first, second), k) for k in step_values.points]
        if any(one is None or is_zero(one) for one in terms):
            continue
        if step_values.equals_right_plus(-1, terms):
            return True
    return False


def _moved(step_values: StepValues, of: Name, through: Name, by: tuple[Name, Name], point: int) -> Any:
    """Return d(of)/d(through) times the derivative of d(through)/d(first) by `second`, at a point."""
    derivation, (first, second) = step_values.derivation, by
    slope = expanded(derivation, total_of(through, first), asked=False)
    if slope is None:
        return None
    total: Any = 0.0
    for name in sorted(names(slope)):
        one = Name(name, NOWHERE)
        change: Expression | None = jvp(slope, slope, one, total_of(one, second))
        value = None if change is None else derivation.value(change, point)
        if value is None and name != second.id and not derivation.depends(one, second):
            value = 0.0
        if value is None:
            return None
        total = total + value
    upstream = derivation.derivative(total_of(of, through), point)
    return None if upstream is None else upstream * total


RULE = Misconception(
    code="gauss-newton-term-dropped",
    title="The second derivative lacks the term in which the slope moves",
    what="The slope changes too; the term for its change is missing in this second derivative.",
    why=(
        "With L = f(h(w)), d2L/dw2 = f'' * (dh/dw)**2 + f' * d2h/dw2. The first term alone is the Gauss-Newton "
        "approximation; the second one is there wherever h is not linear in w."
    ),
    instead="Differentiate the slope as well, and add its term.",
    instructor=(
        "The first derivative is a product, and one of its factors is treated as a constant. Ask which factors of "
        "dw move with w."
    ),
    recognises=recognises,
    hit=Example("curvature", "d2w", "2 * dh_dw**2 - 4 * r * h * (1 - h**2) * x**2", "2 * dh_dw**2"),
    miss=Example("curvature", "d2w", "2 * dh_dw**2 - 4 * r * h * (1 - h**2) * x**2", "4 * r * h * (1 - h**2) * x**2"),
    fits_values=fits_values,
)
