"""sqrt'(x) written as `1 / sqrt(x)`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import is_number, links, shown_by_local
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing factor is 1/2 (or 2 in a denominator) and the step goes through a square root."""
    if edit.kind != "missing_factor" or not isinstance(edit.after, Call):
        return False
    half = any(is_number(one, 0.5) for one in edit.after.arguments) and edit.after.operation == "mul"
    twice = edit.after.operation == "mul" and any(is_number(one, 2) for one in edit.after.arguments) and _below(edit)
    return (half or twice) and any(link.operation == "sqrt" for link in links(context))


def _below(edit: Edit) -> bool:
    around = edit.ancestors
    match around[0] if around else None:
        case Call("div", (_, divisor)):
            return divisor is edit.before
        case _:
            return False


RULE = Misconception(
    code="sqrt-derivative-half-missing",
    title="The derivative of the square root lacks its 1/2",
    what="The derivative of sqrt(z) is 1 / (2 * sqrt(z)); the factor 1/2 is missing here.",
    why=(
        "sqrt(x) is x^(1/2), so its derivative is 1/2 * x^(-1/2), which is 1 / (2 * sqrt(x)). The exponent 1/2 comes "
        "down as a factor."
    ),
    instead="Divide by 2 as well.",
    instructor="The exponent was lowered and not brought down. Let the student write the root as a power.",
    recognises=recognises,
    hit=Example("elementary-chain", "dt", "dr / (2 * r)", "dr / r"),
    miss=Example("elementary-chain", "dt", "dr / (2 * r)", "dr / (2 * t)"),
    fits_values=shown_by_local(sqrt=lambda x, y: call("div", ONE, y)),
)
