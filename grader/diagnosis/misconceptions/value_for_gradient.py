"""h2_raw instead of dh2_raw."""

from __future__ import annotations

from grader.diagnosis.misconceptions import derivative, links, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces a quantity with a derivative of it or by it that a link of this step needs."""
    before, pair = value(edit.before, context), derivative(edit.after, context)
    if edit.kind != "operand" or before is None or pair is None:
        return False
    asked = [link for link in links(context) if link.rest == pair]
    return any(before == (pair[0] if link.mode == "forward" else pair[1]) for link in asked)


RULE = Misconception(
    code="value-for-gradient",
    title="A value stands where its derivative is needed",
    what="This is a value of the program; its gradient is needed.",
    why=(
        "The chain rule multiplies a local derivative by the derivative that is handed on, not by the value of the "
        "quantity. Along the way back go gradients, and only the local factors are made of values."
    ),
    instead="Put the derivative in the place of the value.",
    instructor="The names differ by one letter (h2_raw, dh2_raw). Ask what arrives at this node on the way back.",
    recognises=recognises,
    hit=Example("tanh-chain", "dh1", "w_h * dh2_raw", "w_h * h2_raw"),
    miss=Example("tanh-chain", "dh1", "w_h * dh2_raw", "w_h * dh2"),
)
