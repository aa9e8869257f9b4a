"""`dW2` instead of `W2`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import derivative, is_in_place_of_upstream, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces a derivative of or by a quantity with the quantity itself."""
    pair, after = derivative(edit.before, context), value(edit.after, context)
    if edit.kind != "operand" or pair is None or after is None or is_in_place_of_upstream(edit, context):
        return False
    return after == pair[1] or (after == pair[0] and after != context.exercise.output)


RULE = Misconception(
    code="gradient-for-value",
    title="A derivative stands where the value itself is needed",
    what="This is a gradient; the value itself is needed.",
    why=(
        "A linear step passes the gradient on multiplied by the value of its other factor: dH = dP * W^T. The "
        "derivative of the loss by W says how W is to be changed; it plays no part in how H acts on the loss."
    ),
    instead="Put the value in the place of its derivative.",
    instructor=(
        "The names differ by one letter (W2, dW2). Ask what each of the two names stands for in the forward program."
    ),
    recognises=recognises,
    hit=Example("two-layers", "dH", "dP @ W2.T", "dP @ dW2.T"),
    miss=Example("tanh-chain", "dh1", "w_h * dh2_raw", "dw_y * dh2_raw"),
)
