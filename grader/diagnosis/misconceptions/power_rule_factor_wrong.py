"""(x**3)' written as `2 * x**2`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import is_number, links, shown_by_power
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import call, number
from grader.formula.syntax import Call, Number


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a constant factor becomes the exponent of the power on this step's path."""
    around = edit.ancestors
    if edit.kind != "constant" or not isinstance(edit.after, Number) or not around or not isinstance(around[0], Call):
        return False
    if around[0].operation != "mul" or is_number(edit.before, 1):
        return False
    return any(link.exponent == edit.after.value for link in links(context))


RULE = Misconception(
    code="power-rule-factor-wrong",
    title="The power rule has another number than the exponent as its factor",
    what="The number in front is not the exponent of the power that was differentiated.",
    why="(x^k)' = k * x^(k-1). The factor is the exponent the power had before it was differentiated: 3 for x^3.",
    instead="Put the exponent of the power in front.",
    instructor=(
        "Mostly the lowered exponent is written in front as well. Ask for the derivative of x^3 as that of x * x * x."
    ),
    recognises=recognises,
    hit=Example("elementary-chain", "dg", "3 * g**2 * dc", "2 * g**2 * dc"),
    miss=Example("elementary-chain", "dg", "3 * g**2 * dc", "3 * g**3 * dc"),
    fits_values=shown_by_power(
        lambda x, k: call("mul", number(k - 1), call("pow", x, number(k - 1))) if k != 2 else number(0)
    ),
)
