"""(x**2)' written as `x`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import is_number, links, new_factor, shown_by_power
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import call, number
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing factor is 2 and the step goes through a square."""
    factor = new_factor(edit)
    if edit.kind != "missing_factor" or not isinstance(edit.after, Call) or edit.after.operation != "mul":
        return False
    twice = is_number(edit.after.arguments[0], 2) or (factor is not None and is_number(factor, 2))
    return twice and any(link.exponent == 2 for link in links(context))


RULE = Misconception(
    code="power-rule-factor-missing",
    title="The power rule lacks the exponent as a factor",
    what="The exponent has to stand in front as a factor; it is missing here.",
    why="(x^k)' = k * x^(k-1). x^2 is x * x, and by the product rule each of the two gives an x: together 2 * x.",
    instead="Multiply by the exponent.",
    instructor=(
        "Half of the power rule. For a square in a loss, students sometimes expect the 2 to be cancelled by a 1/2 "
        "that is not in this program."
    ),
    recognises=recognises,
    hit=Example("square", "dh", "2 * h * dq", "h * dq"),
    miss=Example("mean-square", "dP", "2 * (P - Y) / n", "(P - Y) / n"),
    fits_values=shown_by_power(lambda x, k: call("pow", x, number(k - 1))),
)
