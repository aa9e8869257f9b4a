"""The derivative of softplus is evaluated at its output, or is that of another function."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.parts import ActivationUnit
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call, times
from grader.formula.syntax import Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the derivative is the sigmoid of the output or of -x, the derivative of a sigmoid, or exp(x)."""
    return any(
        step_values.is_worth(times(slope, up))
        for unit, up in step_values.units()
        if unit.kind == "softplus"
        for slope in _wrong(unit)
    )


def _wrong(unit: ActivationUnit) -> Iterator[Expression]:
    x, gate = unit.argument, call("sigmoid", unit.argument)
    yield call("sigmoid", unit.result)
    yield call("sub", ONE, gate)
    yield times(gate, call("sub", ONE, gate))
    yield call("exp", x)
    yield call("div", ONE, call("add", ONE, call("exp", x)))


RULE = Misconception(
    code="softplus-derivative-not-sigmoid",
    title="The slope of softplus is not the sigmoid of its input",
    what="The slope of softplus is the sigmoid of its input; this line has another function.",
    why=(
        "softplus(x) = log(1 + exp(x)), and by the chain rule its slope is exp(x) / (1 + exp(x)), which is sigmoid(x)."
    ),
    instead="Write the slope as sigmoid(x).",
    instructor=(
        "Often the sigmoid taken at the output, or the slope of a sigmoid remembered for softplus. Ask what the "
        "slope is where x is large."
    ),
    recognises=recognises,
    hit=Example("units", "de", "c4 * sigmoid(e)", "c4 * sigmoid(e) * (1 - sigmoid(e))"),
    miss=Example("units", "de", "c4 * sigmoid(e)", "-c4 * sigmoid(e)"),
    fits_values=fits_values,
)
