"""2 * (p - y) without its factor 2, or with another factor 2."""

from __future__ import annotations

from grader.diagnosis.misconceptions import (
    is_number,
    links,
    new_factor,
    squared,
    wrong_constant_in_summand,
)
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Expression, Number, walk


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the line is off by a factor 2 or 1/2, and the step goes through a statement with a square inside."""
    if (factor := new_factor(edit)) is not None:
        off = is_number(factor, 2) or is_number(factor, 0.5)
    elif edit.kind == "constant" and isinstance(edit.before, Number) and isinstance(edit.after, Number):
        around = edit.ancestors
        scaled = bool(around) and isinstance(around[0], Call) and around[0].operation in ("mul", "div")
        off = scaled and edit.before.value in (2 * edit.after.value, edit.after.value / 2)
    else:
        return False
    return off and not wrong_constant_in_summand(edit, context) and _is_of_a_square(context)


def _is_of_a_square(context: Context) -> bool:
    """Whether the step goes through a statement with a square inside."""
    return any(_squares_inside(link.statement.value) and link.exponent is None for link in links(context))


def _squares_inside(node: Expression) -> bool:
    calls = (inner for inner in walk(node) if isinstance(inner, Call) and inner.operation in ("pow", "square"))
    return any(squared(inner) is not None for inner in calls)


RULE = Misconception(
    code="factor-two",
    title="The factor 2 of a squared error is wrong",
    what="A factor 2 is missing here, or there is one too many.",
    why=(
        "The derivative of (p - y)^2 by p is 2 * (p - y). The 2 disappears only where the loss is defined with a 1/2 "
        "in front, and appears nowhere else."
    ),
    instead="Compare with the loss of this program, and set the factor 2 accordingly.",
    instructor=(
        "Textbooks put 1/2 in front of the squared error to be rid of the 2; students carry the result over to a loss"
        " without it, or the other way round."
    ),
    recognises=recognises,
    hit=Example("mean-square", "dP", "2 * (P - Y) / n", "(P - Y) / n"),
    miss=Example("square", "dh", "2 * h * dq", "h * dq"),
)
