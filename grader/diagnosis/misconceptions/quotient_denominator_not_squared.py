"""(u/v)' with the denominator v instead of v**2."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, squared, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Name


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit squares, in a denominator, the denominator of the quotient on this step's path."""
    around = edit.ancestors
    if edit.kind != "power" or squared(edit.after) is not edit.before or not around:
        return False
    match around[0]:
        case Call("div", (_, divisor)) if divisor is edit.before:
            return any(_divides_by(link.statement.value, value(divisor, context)) for link in links(context))
        case _:
            return False


def _divides_by(node: object, name: str | None) -> bool:
    match node:
        case Call("div", (_, Name(id=divisor))):
            return divisor == name
        case _:
            return False


RULE = Misconception(
    code="quotient-denominator-not-squared",
    title="The denominator of the quotient rule is not squared",
    what="The quotient rule squares the denominator; here it is not squared.",
    why=(
        "(u / v)' = (u' * v - u * v') / v^2. By the denominator alone, the derivative of u / v is -u / v^2: 1 / v is "
        "v^(-1), and lowering the exponent gives v^(-2)."
    ),
    instead="Square the denominator.",
    instructor=(
        "The last piece of the quotient rule to be remembered. Let the student write u / v as u * v^(-1) and use the "
        "product rule."
    ),
    recognises=recognises,
    hit=Example("quotient", "dq_dw", "(du_dw * g - u * dg_dw) / g**2", "(du_dw * g - u * dg_dw) / g"),
    miss=Example("elementary-chain", "dg", "3 * g**2 * dc", "3 * g * dc"),
)
