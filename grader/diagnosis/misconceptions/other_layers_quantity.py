"""A quantity of the right role from another layer: h2 instead of h1, w_y instead of w_h."""

from __future__ import annotations

from grader.diagnosis.misconceptions import derivative, links, neighbours, same_role, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces a quantity with one that has the same role elsewhere in the program."""
    if edit.kind != "operand":
        return False
    before, after = value(edit.before, context), value(edit.after, context)
    if before is not None and after is not None:
        if neighbours(before, after, context) or not same_role(before, after, context):
            return False
        if any(link.argument == before and after in link.partners for link in links(context)):
            return False
        return after in context.rule_quantities or any(
            after in (link.statement.name, link.argument, *link.partners) for link in links(context)
        )
    had, has = derivative(edit.before, context), derivative(edit.after, context)
    if had is None or has is None or not any(link.rest == has for link in links(context)):
        return False
    if had[0] == has[0]:
        return same_role(had[1], has[1], context) and not neighbours(had[1], has[1], context)
    return had[1] == has[1] and same_role(had[0], has[0], context) and not neighbours(had[0], has[0], context)


RULE = Misconception(
    code="other-layers-quantity",
    title="A quantity of another layer or time step is used",
    what="This is a value from another layer or line of the program.",
    why=(
        "Each step of the chain rule is local: it is made of the quantities of the very statement it goes through. "
        "The same role in another layer is another number."
    ),
    instead="Put the quantity of this layer in its place.",
    instructor=(
        "Usually a line copied from the neighbouring layer with one index left as it was. Let the student read the "
        "forward line of this step beside it."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h2**2) * dh1"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1_raw**2) * dh1"),
)
