"""(u/v)' with the plus of the product rule."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, product, squared
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Expression, text


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the plus between the two terms of the numerator becomes a minus, in a step through a quotient."""
    around = edit.ancestors
    sums = [one for one in (edit.before, *around) if isinstance(one, Call) and one.operation == "add"]
    over = [one for one in around if isinstance(one, Call) and one.operation == "div"]
    if edit.kind not in ("sign", "operator") or len(sums) != 1 or not over or not _is_above(sums[0], over[0]):
        return False
    if edit.kind == "operator" and not (edit.before is sums[0] and isinstance(edit.after, Call)):
        return False
    if edit.kind == "operator" and isinstance(edit.after, Call) and edit.after.operation != "sub":
        return False
    if edit.kind == "sign" and edit.before is sums[0]:
        return False
    if _is_quotient_rule(sums[0], over[0]):
        return True
    forward = [link for link in links(context) if link.mode == "forward"]
    return any(isinstance(link.statement.value, Call) and link.statement.value.operation == "div" for link in forward)


def _is_above(node: Expression, quotient: Call) -> bool:
    """Whether a sum is the numerator, or a factor of it."""
    return any(one is node for one in product(quotient.arguments[0]))


def _is_quotient_rule(node: Expression, quotient: Call) -> bool:
    """Whether the denominator is a square v**2 and the sum has two products, at least one of them with factor v."""
    base = squared(quotient.arguments[1])
    match node:
        case Call("add", (left, right)) if base is not None:
            terms = [[text(factor) for factor in product(one)] for one in (left, right)]
            return any(text(base) in factors for factors in terms) and all(len(factors) > 1 for factors in terms)
        case _:
            return False


RULE = Misconception(
    code="quotient-rule-with-plus",
    title="The quotient rule has a plus",
    what="The quotient rule subtracts its second term; here it is added.",
    why=(
        "(u / v)' = (u' * v - u * v') / v^2. A growing denominator makes the quotient smaller, so its term is "
        "subtracted."
    ),
    instead="Subtract the term with the derivative of the denominator.",
    instructor="The product rule carried over. Ask what happens to u / v when only v grows.",
    recognises=recognises,
    hit=Example("quotient", "dq_dw", "(du_dw * g - u * dg_dw) / g**2", "(du_dw * g + u * dg_dw) / g**2"),
    miss=Example("quotient", "dq_dw", "(du_dw * g - u * dg_dw) / g**2", "(u * dg_dw - du_dw * g) / g**2"),
)
