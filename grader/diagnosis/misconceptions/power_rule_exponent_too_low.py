"""(x**3)' written as `3 * x`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, shown_by_power, squared, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import call, number


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit squares the argument of the power on this step's path, whose exponent is 3."""
    base = squared(edit.after)
    if edit.kind != "power" or base is not edit.before:
        return False
    return any(link.exponent == 3 and link.argument == value(base, context) for link in links(context))


RULE = Misconception(
    code="power-rule-exponent-too-low",
    title="The power rule lowers the exponent too far",
    what="The exponent left in this derivative is too small.",
    why="(x^k)' = k * x^(k-1). The exponent goes down by exactly one: the derivative of x^3 is 3 * x^2.",
    instead="Keep one less than the exponent of the power.",
    instructor=(
        "Often the rule for the square, 2 * x, carried over to higher powers. Ask for the degree of the derivative."
    ),
    recognises=recognises,
    hit=Example("elementary-chain", "dg", "3 * g**2 * dc", "3 * g * dc"),
    miss=Example("elementary-chain", "dg", "3 * g**2 * dc", "3 * g**3 * dc"),
    fits_values=shown_by_power(lambda x, k: call("mul", number(k), call("pow", x, number(k - 2)))),
)
