"""`sum(axis=1)` instead of `sum(axis=1, keepdims=True)`."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit makes a reduction keep its axis."""
    return edit.kind == "kept_axis" and isinstance(edit.after, Call) and "keepdim" in dict(edit.after.options)


RULE = Misconception(
    code="axis-not-kept",
    title="The axis that is summed over is lost",
    what="The sum drops the axis it runs along, and the shape no longer fits.",
    why=(
        "(n, m) summed along its rows leaves n numbers. As (n, 1) they are one for each row again; as (n,) they are "
        "lined up with the columns by the next operation, which raises an error or, worse, goes through as (n, n)."
    ),
    instead="Keep the axis: keepdims=True in NumPy, keepdim=True in torch.",
    instructor="Often seen with a column that was stretched over rows in the forward pass. Ask for both shapes.",
    recognises=recognises,
    hit=Example("stretched", "dn", "(dp * c).sum(axis=1, keepdims=True)", "(dp * c).sum(axis=1)"),
    miss=Example("stretched", "dn", "(dp * c).sum(axis=1, keepdims=True)", "(dp * c).mean(axis=1, keepdims=True)"),
)
