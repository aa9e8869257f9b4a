"""tanh' written like the derivative of tan: `1 + h**2`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import is_number, one_minus, output_of, shown_by_slopes, squared
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call, number
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the plus in `1 + h**2` becomes a minus, for the output h of a tanh."""
    around = edit.ancestors
    if edit.kind == "sign" and around:
        return _is_plus(around[0], context) and squared(edit.before) is not None
    return edit.kind == "operator" and _is_plus(edit.before, context) and one_minus(edit.after) is not None


def _is_plus(node: object, context: Context) -> bool:
    match node:
        case Call("add", (one, other)) if is_number(one, 1):
            base = squared(other)
            return base is not None and output_of(base, "tanh", context)
        case _:
            return False


RULE = Misconception(
    code="tanh-derivative-with-plus",
    title="The derivative of tanh has a plus",
    what="The derivative of tanh has a minus here, not a plus.",
    why=(
        "tanh'(x) = 1 - tanh(x)^2. The curve is flattest where tanh is near 1 or -1, so the slope must fall there. 1 "
        "+ h^2 rises: it belongs to tan, whose derivative is 1 + tan^2."
    ),
    instead="Subtract the square from 1.",
    instructor="The rule for tan, 1 + tan^2, taken for that of tanh. Ask where the curve of tanh is flat.",
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 + h1**2) * dh1"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "-(1 - h1**2) * dh1"),
    fits_values=shown_by_slopes(tanh=lambda x, y: call("add", ONE, call("pow", y, number(2)))),
)
