"""sqrt'(x) written as `1 / (2*x)`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, shown_by_local, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call, number
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces the root's argument with the root (a name or a call), in a step through that root."""
    before = value(edit.before, context)
    roots = [link for link in links(context) if link.operation == "sqrt" and link.argument == before]
    if edit.kind == "operand":
        return before is not None and any(link.statement.name == value(edit.after, context) for link in roots)
    match edit.after:
        case Call("sqrt", (inner,)) if edit.kind == "function":
            return inner is edit.before and bool(roots)
        case _:
            return False


RULE = Misconception(
    code="sqrt-derivative-root-missing",
    title="The derivative of the square root lacks the root",
    what="The derivative of sqrt(z) is 1 / (2 * sqrt(z)); this line divides by z.",
    why=(
        "sqrt'(x) = 1 / (2 * sqrt(x)). With r = sqrt(x), that is 1 / (2 * r): it is written with the value the root "
        "gave."
    ),
    instead="Put the value of the root in the place of its argument.",
    instructor="Confused with the derivative of log, or the root is lost on the way. Ask for the slope at 100.",
    recognises=recognises,
    hit=Example("elementary-chain", "dt", "dr / (2 * r)", "dr / (2 * t)"),
    miss=Example("elementary-chain", "dt", "dr / (2 * r)", "dr / r"),
    fits_values=shown_by_local(sqrt=lambda x, y: call("div", ONE, call("mul", number(2), x))),
)
