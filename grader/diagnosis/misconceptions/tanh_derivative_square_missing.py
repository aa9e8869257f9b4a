"""tanh' written as `1 - h`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import one_minus, output_of, shown_by_slopes, squared
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether h in `1 - h` becomes its square, for the output h of a tanh."""
    around = edit.ancestors
    if edit.kind != "power" or not around or one_minus(around[0]) is not edit.before:
        return False
    return squared(edit.after) is edit.before and output_of(edit.before, "tanh", context)


RULE = Misconception(
    code="tanh-derivative-square-missing",
    title="The square in the derivative of tanh is missing",
    what="The slope of tanh has the square of its output; here the output is not squared.",
    why=(
        "tanh'(x) = 1 - tanh(x)^2. The slope must be 1 at 0 and go to 0 at both ends, where tanh is 1 and -1. 1 - h "
        "is 2 at the lower end."
    ),
    instead="Square the activation.",
    instructor="Half remembered from the sigmoid, s * (1 - s). Ask for the slope at a large negative argument.",
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1) * dh1"),
    miss=Example("elementary-chain", "dg", "3 * g**2 * dc", "3 * g * dc"),
    fits_values=shown_by_slopes(tanh=lambda x, y: call("sub", ONE, y)),
)
