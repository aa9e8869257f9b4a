"""The backward pass divides by the derivative of the activation: `1 / (1 - h**2)`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import shown_by_slopes, slope_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call
from grader.formula.syntax import Call
from grader.formula.vjp import SLOPES


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a division by the derivative of an activation becomes a multiplication."""
    match edit.before:
        case Call("div", (_, divisor)) if edit.kind == "operator":
            times = isinstance(edit.after, Call) and edit.after.operation == "mul"
            return times and slope_of(divisor, context) is not None
        case _:
            return False


RULE = Misconception(
    code="activation-derivative-inverted",
    title="The local derivative of an activation is inverted",
    what="The chain rule multiplies by the slope of the activation; this line divides by it.",
    why=(
        "The chain rule multiplies: d(y)/d(z) = d(y)/d(h) * d(h)/d(z). Dividing by d(h)/d(z) is the derivative of the"
        " inverse function, and grows without bound where the activation is flat."
    ),
    instead="Multiply by the slope of the activation.",
    instructor=(
        "1 / (1 - h^2) is the derivative of the inverse of tanh at h. It comes from a table of derivatives read on "
        "the wrong line, or from going backwards being taken for inverting."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "dh1 / (1 - h1**2)"),
    miss=Example("tanh-chain", "dh1", "w_h * dh2_raw", "dh2_raw / w_h"),
    fits_values=shown_by_slopes(
        tanh=lambda x, y: call("div", ONE, SLOPES["tanh"](x, y)),
        sigmoid=lambda x, y: call("div", ONE, SLOPES["sigmoid"](x, y)),
    ),
)
