"""SiLU differentiated as if its gate were constant, or as a sigmoid."""

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
    """Whether the derivative has only one of its two terms, or its second term lacks the factor x."""
    return any(
        step_values.is_worth(times(slope, up))
        for unit, up in step_values.units()
        if unit.kind == "silu"
        for slope in _wrong(unit)
    )


def _wrong(unit: ActivationUnit) -> Iterator[Expression]:
    x, gate = unit.argument, call("sigmoid", unit.argument)
    slope = times(gate, call("sub", ONE, gate))
    yield gate
    yield slope
    yield times(x, slope)
    yield call("add", gate, slope)


RULE = Misconception(
    code="silu-derivative-term-missing",
    title="The slope of SiLU lacks a term",
    what="SiLU is x times sigmoid(x), so its slope has two terms; this line does not have both.",
    why=(
        "SiLU(x) = x * s with s = sigmoid(x). The product rule gives s + x * s * (1 - s): the gate moves with x as "
        "well."
    ),
    instead="Apply the product rule: s + x * s * (1 - s).",
    instructor=(
        "The gate is treated as a constant, or the slope is that of the sigmoid alone. Ask what changes in x * s "
        "when x moves."
    ),
    recognises=recognises,
    hit=Example("units", "dk", "c3 * (g + k * g * (1 - g))", "c3 * g * (1 - g)"),
    miss=Example("units", "dk", "c3 * (g + k * g * (1 - g))", "c3 * k"),
    fits_values=fits_values,
)
