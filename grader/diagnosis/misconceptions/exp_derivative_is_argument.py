"""exp'(x) written as x."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, shown_by_local, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces the argument of exp with its value, in a step through that exp."""
    before, after = value(edit.before, context), value(edit.after, context)
    if edit.kind != "operand" or before is None or after is None:
        return False
    wanted = ("exp", before, after)
    return any((link.operation, link.argument, link.statement.name) == wanted for link in links(context))


RULE = Misconception(
    code="exp-derivative-is-argument",
    title="The derivative of exp is written with its argument",
    what="The derivative of exp(z) is exp(z); this line has z.",
    why=(
        "exp is its own derivative: with e = exp(x), d(e)/d(x) = e. The slope at x is the value of exp there, not x "
        "itself."
    ),
    instead="Put the value of exp in the place of its argument.",
    instructor=(
        "The rule 'exp stays the same' is applied to the argument. Ask for the slope of exp at 0: it is 1, not 0."
    ),
    recognises=recognises,
    hit=Example("elementary-chain", "dx", "e * de", "x * de"),
    miss=Example("elementary-chain", "dx", "e * de", "s * de"),
    fits_values=shown_by_local(exp=lambda x, y: x),
)
