"""A bias gradient keeps the broadcast shape."""

from __future__ import annotations

from grader.diagnosis.misconceptions import further_axes
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Expression, Index


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit puts a sum around an expression, or lets a sum run over further axes."""
    match edit.after:
        case Call("sum", (inner,)) if edit.kind == "reduction":
            return inner is edit.before
        case Call("sum", (inner,)) if edit.kind == "axis" and _is_one_entry(edit.before, inner):
            return True
        case _:
            return further_axes(edit)


def _is_one_entry(before: Expression, whole: Expression) -> bool:
    """Whether a sum runs over an entry of `whole`, as `x[0].sum()` does."""
    match before:
        case Call("sum", (Index(base=base),)):
            return base is whole
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
