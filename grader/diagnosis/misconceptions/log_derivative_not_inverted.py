"""log'(x) written as x."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, shown_by_local, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Name


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the argument of log is inverted, or multiplication by it becomes division."""
    match edit.before:
        case Name() if edit.kind == "inverse":
            inner = value(edit.before, context)
        case Call("mul", (_, right)) if edit.kind == "operator":
            inner = value(right, context) if isinstance(edit.after, Call) and edit.after.operation == "div" else None
        case _:
            return False
    return inner is not None and any(link.operation == "log" and link.argument == inner for link in links(context))


RULE = Misconception(
    code="log-derivative-not-inverted",
    title="The derivative of log is not inverted",
    what="The derivative of log(z) is 1 / z; this line multiplies by z.",
    why="log'(x) = 1 / x. A logarithm rises ever more slowly, so its slope falls as x grows.",
    instead="Divide by the argument.",
    instructor="The reciprocal is forgotten. Ask whether log is steeper at 1 or at 100.",
    recognises=recognises,
    hit=Example("elementary-chain", "ds", "dl / s", "dl * s"),
    miss=Example("elementary-chain", "ds", "dl / s", "dl / l"),
    fits_values=shown_by_local(log=lambda x, y: x),
)
