"""A bias gradient keeps the broadcast shape."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edits import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit puts a sum around an expression."""
    match edit.after:
        case Call("sum", (inner,)):
            return edit.kind == "reduction" and inner is edit.before
        case _:
            return False


RULE = Misconception(
    code="sum-missing",
    title="A sum over a broadcast axis is missing",
    what="This value is used in every row or column; its gradient has to be summed over them.",
    why=(
        "A bias that is added to every row is used once for each of them. Its gradient is the sum of what comes back "
        "from all rows, and has the shape of the bias."
    ),
    instead="Sum over the axis the quantity was broadcast along.",
    instructor=(
        "Broadcasting forwards is a sum backwards. The shape gives it away: compare it with that of the quantity."
    ),
    recognises=recognises,
    hit=Example("two-layers", "db1", "dZ1.sum(axis=0)", "dZ1"),
    miss=Example("two-layers", "db1", "dZ1.sum(axis=0)", "dZ1.mean(axis=0)"),
)
