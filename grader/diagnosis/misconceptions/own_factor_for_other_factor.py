"""d(w*x)/d(x) written as x."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, neighbours, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces a factor of a product with its partner, in a link by that same factor."""
    before, after = value(edit.before, context), value(edit.after, context)
    if edit.kind != "operand" or before is None or after is None or neighbours(before, after, context):
        return False
    return any(link.argument == before and after in link.partners for link in links(context))


RULE = Misconception(
    code="own-factor-for-other-factor",
    title="The factor itself stands where the other factor belongs",
    what="The derivative of a * b by a is b; this line has a.",
    why=(
        "In z = w * x the derivative of z by x is w, and by w it is x: each factor's derivative is the other one. "
        "Holding w still, z grows by w for each unit of x."
    ),
    instead="Put the other factor of the product in its place.",
    instructor=(
        "The two factors are swapped. It goes unnoticed where both have the same shape and size. Ask which of the two"
        " is held still in this derivative."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1", "w_h * dh2_raw", "h1 * dh2_raw"),
    miss=Example("tanh-chain", "dh1", "w_h * dh2_raw", "w_y * dh2_raw"),
)
