"""The derivative of an activation is applied again after it has already been used."""

from __future__ import annotations

from grader.diagnosis.misconceptions import dropped, slope_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the removed factor is the derivative of an activation."""
    gone = dropped(edit)
    return edit.kind == "extra_factor" and gone is not None and slope_of(gone, context) is not None


RULE = Misconception(
    code="activation-derivative-extra",
    title="The local derivative of an activation is applied once too often",
    what="The slope of the activation is multiplied in once too often.",
    why=(
        "Each function on the way contributes its slope once, at the step that goes through it. Where the value that "
        "arrives has already been multiplied by it, or the step does not go through the activation, it must not stand"
        " here."
    ),
    instead="Take the slope of the activation out of this line.",
    instructor=(
        "Usually two steps are done in one line and then one of them again in the next. Ask which quantity the "
        "incoming gradient belongs to, the one before or the one after the activation."
    ),
    recognises=recognises,
    hit=Example("two-layers", "dH", "dP @ W2.T", "dP @ W2.T * (1 - H**2)"),
    miss=Example("tanh-chain", "dh1", "w_h * dh2_raw", "w_h * dh2_raw * h1"),
)
