"""(x**3)' written as `3 * x**3`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import is_base, links, shown_by_power
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_search.subtree_edits import signed_number
from grader.diagnosis.step.context import Context
from grader.formula.build import call, number
from grader.formula.syntax import Call, Expression, Number


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit lowers the exponent of the power on this step's path by one."""
    for link in links(context):
        match edit.before:
            case Call("pow", (base, exponent)) if edit.kind == "power" and worth(exponent) == link.exponent:
                lowered = edit.after
            case Number(value=had) if edit.kind == "constant" and link.exponent == had:
                around = edit.ancestors
                lowered = edit.after
                if not around or not isinstance(around[0], Call) or around[0].operation != "pow":
                    continue
                if around[0].arguments[1] is not edit.before:
                    continue
                base = around[0].arguments[0]
            case _:
                continue
        if link.exponent is None or not is_base(base, link, context):
            continue
        match lowered:
            case Call("pow", (_, now)) | (Number() as now) if worth(now) == link.exponent - 1:
                return True
            case _ if lowered is base and link.exponent == 2:
                return True
    return False


def worth(exponent: Expression) -> float | None:
    """Return the value of an exponent that is a typed number or a fraction of two, `-1/2`; None for others."""
    match exponent:
        case Call("div", (top, bottom)):
            above, below = signed_number(top), signed_number(bottom)
            return above / below if above is not None and below else None
        case _:
            return signed_number(exponent)


RULE = Misconception(
    code="power-rule-exponent-kept",
    title="The power rule leaves the exponent as it was",
    what="The exponent has not gone down by one.",
    why=(
        "(x^k)' = k * x^(k-1). A derivative of a power grows one degree more slowly than the power: the exponent "
        "comes down as a factor, and one less of it stays above."
    ),
    instead="Lower the exponent by one.",
    instructor=(
        "One half of the power rule is done. Ask for the derivative of x^2 and read off what happened to its exponent."
    ),
    recognises=recognises,
    hit=Example("elementary-chain", "dg", "3 * g**2 * dc", "3 * g**3 * dc"),
    miss=Example("elementary-chain", "dg", "3 * g**2 * dc", "3 * g * dc"),
    fits_values=shown_by_power(lambda x, k: call("mul", number(k), call("pow", x, number(k)))),
)
