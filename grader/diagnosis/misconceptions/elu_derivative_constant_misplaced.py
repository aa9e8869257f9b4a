"""The constants of ELU or SELU are missing or misplaced in its derivative."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.parts import ActivationUnit
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call, number, times
from grader.formula.syntax import Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the derivative below 0 lacks constants of ELU or has them at other places than alpha * exp(x)."""
    return any(
        step_values.is_worth(times(slope, up))
        for unit, up in step_values.units()
        if unit.kind == "elu"
        for slope in _wrong(unit)
    )


def _wrong(unit: ActivationUnit) -> Iterator[Expression]:
    """Yield derivatives with alpha or the scale missing, added to the wrong part, or used where they do not belong."""
    x, y, alpha, scale = unit.argument, unit.result, unit.alpha, unit.scale
    grown, whole = call("exp", x), times(scale, alpha)
    above, positive = scale, call("gt", x, number(0))
    below = (
        y,
        times(scale, y),
        grown,
        times(scale, grown),
        times(alpha, grown),
        alpha,
        whole,
        call("add", y, ONE),
        call("add", y, alpha),
        times(alpha, call("add", y, ONE)),
        times(alpha, call("add", y, alpha)),
        times(scale, call("add", y, alpha)),
        times(whole, y),
        times(whole, call("add", y, ONE)),
        times(alpha, call("exp", y)),
        times(whole, call("exp", y)),
        call("sub", times(whole, grown), whole),
    )
    slope = times(whole, grown)
    yield call("where", positive, ONE, slope)
    for one in below:
        yield call("where", positive, above, one)


RULE = Misconception(
    code="elu-derivative-constant-misplaced",
    title="A constant stands at the wrong place in the slope of ELU",
    what="For negative inputs, a constant of ELU is missing from this slope or is in the wrong place.",
    why=(
        "Below 0, y = scale * alpha * (exp(x) - 1), and the slope is scale * alpha * exp(x), which is y + scale * "
        "alpha. Above 0 it is the scale."
    ),
    instead="Write the slope below 0 with exp(x), then with the output.",
    instructor=(
        "The slope is written with the output, from memory, for a scale or an alpha of 1. Ask for the slope at "
        "-0.001 when alpha is 2."
    ),
    recognises=recognises,
    hit=Example(
        "units", "da", "c1 * np.where(a > 0, 1, alpha * np.exp(a))", "c1 * np.where(a > 0, 1, alpha * (y1 + alpha))"
    ),
    miss=Example(
        "units", "da", "c1 * np.where(a > 0, 1, alpha * np.exp(a))", "-c1 * np.where(a > 0, 1, alpha * np.exp(a))"
    ),
    fits_values=fits_values,
)
