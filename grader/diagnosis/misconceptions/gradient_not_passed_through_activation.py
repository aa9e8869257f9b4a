"""The gradient on the wrong side of an activation: `w_h * dh2` instead of `w_h * dh2_raw`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import derivative, links
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces a derivative on one side of an activation with that on the other, as a link needs."""
    before, after = derivative(edit.before, context), derivative(edit.after, context)
    if edit.kind != "operand" or before is None or after is None:
        return False
    for link in links(context):
        if link.rest != after:
            continue
        if link.mode == "reverse":
            far, near, same = before[1], after[1], before[0] == after[0]
        else:
            far, near, same = after[0], before[0], before[1] == after[1]
        if same and context.activations.get(far, ("", ""))[1] == near:
            return True
    return False


RULE = Misconception(
    code="gradient-not-passed-through-activation",
    title="The gradient used belongs to the other side of an activation",
    what="This is the gradient on one side of the activation; the one on the other side is needed.",
    why=(
        "Between this quantity and the one whose derivative is used here lies an activation. The chain rule goes link"
        " by link: the derivative that belongs here is the one at the near side of the activation, which already "
        "carries its slope."
    ),
    instead="Use the derivative of the quantity that is directly linked to this one.",
    instructor=(
        "The student skips a link of the chain, mostly because two names look alike (h and h_raw). Let them draw the "
        "graph and write the derivative beside each node."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1", "w_h * dh2_raw", "w_h * dh2"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1**2) * dh2"),
)
