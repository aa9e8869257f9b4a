"""sqrt'(x) written as `sqrt(x) / 2`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, product, shown_by_local, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import call, number
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the root on this step's path is inverted, or multiplication by it becomes division."""
    roots = {link.statement.name for link in links(context) if link.operation == "sqrt"}
    match edit.before:
        case Call("mul", (_, right)) if edit.kind == "operator":
            inner = product(right) if isinstance(edit.after, Call) and edit.after.operation == "div" else ()
        case _ if edit.kind == "inverse":
            inner = product(edit.before)
        case _:
            return False
    return any(value(one, context) in roots for one in inner)


RULE = Misconception(
    code="sqrt-derivative-not-inverted",
    title="The derivative of the square root is not inverted",
    what="The derivative of sqrt(z) is 1 / (2 * sqrt(z)); this line multiplies by the root.",
    why="sqrt'(x) = 1 / (2 * sqrt(x)). The root rises ever more slowly, so its slope falls as x grows.",
    instead="Divide by the root.",
    instructor="The exponent went from 1/2 to 1/2 instead of -1/2. Ask whether the root is steeper at 1 or at 100.",
    recognises=recognises,
    hit=Example("elementary-chain", "dt", "dr / (2 * r)", "0.5 * dr * r"),
    miss=Example("elementary-chain", "dt", "dr / (2 * r)", "dr / r"),
    fits_values=shown_by_local(sqrt=lambda x, y: call("div", y, number(2))),
)
