"""A parameter is read after its gradient update."""

from __future__ import annotations

from typing import Any

from grader.diagnosis.chain_rule.chain import expanded
from grader.diagnosis.chain_rule.numbers import alike, is_zero, shape_of
from grader.diagnosis.chain_rule.rule import total_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import NOWHERE
from grader.formula.syntax import Derivative, Expression, Name, names, walk


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the derivative with one input moved along its gradient, by one rate for all points."""
    exercise = step_values.derivation.exercise
    formula = expanded(
        step_values.derivation, step_values.step.quantity if step_values.rule is None else step_values.rule.formula
    )
    if formula is None or exercise.output is None or not _is_changeable(step_values.step.quantity):
        return False
    output = Name(exercise.output, NOWHERE)
    for one in exercise.inputs:
        name = Name(one.name, NOWHERE)
        # Only what has a gradient is updated.
        movable = one.name in names(formula) and not one.whole and step_values.derivation.is_asked(output, name)
        if movable and _moves(step_values, formula, name, output):
            return True
    return False


def _is_changeable(quantity: Expression) -> bool:
    """Whether a step's quantity contains a derivative."""
    return any(isinstance(part, Derivative) for part in walk(quantity))


def _moves(step_values: StepValues, formula: Expression, name: Name, output: Name) -> bool:
    derivation = step_values.derivation
    slopes = [derivation.derivative(total_of(output, name), k) for k in step_values.points]
    starts = [derivation.value(name, k) for k in step_values.points]
    if any(value is None or is_zero(value) for value in slopes):
        return False
    rate = _rate(step_values, formula, name, slopes[0], starts[0])
    if rate is None or not 1e-7 < -rate < 10:  # gradients are subtracted
        return False
    return step_values.is_worth_with(lambda k: {name.id: starts[k] + rate * slopes[k]}, formula)


def _rate(step_values: StepValues, formula: Expression, name: Name, slope: Any, start: Any) -> float | None:
    """Return the rate of the update, estimated at the first point, if the formula is linear in the input there."""
    moved = step_values.derivation.value(formula, 0, {name.id: start + slope})
    if (
        moved is None
        or shape_of(moved) != shape_of(step_values.own[0])
        or shape_of(step_values.right[0]) != shape_of(moved)
    ):
        return None
    whole, part = moved - step_values.right[0], step_values.own[0] - step_values.right[0]
    square = (whole * whole).sum() if shape_of(whole) else whole * whole
    product = (whole * part).sum() if shape_of(whole) else whole * part
    rate = float(product / square) if square else None
    return rate if rate is not None and alike(part, whole * rate) else None


RULE = Misconception(
    code="updated-value-used",
    title="A value is read after it was updated",
    what="This line reads a parameter after its update; the gradient needs the value from before.",
    why=(
        "All derivatives of one step are taken at one point: the parameters the forward pass was run with. A "
        "parameter that has moved gives the gradient of another point."
    ),
    instead="Compute all gradients first, then update.",
    instructor=(
        "The update stands beside the gradient of the same parameter, one line too early. Ask which numbers the "
        "forward pass was run with."
    ),
    recognises=recognises,
    hit=Example("factors", "dq", "-e * p", "-e * (p - 0.1 * dp)"),
    miss=Example("factors", "dq", "-e * p", "-e * (p - 0.1 * q)"),
    fits_values=fits_values,
)
