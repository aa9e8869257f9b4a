"""`sum(axis=1)` instead of `sum(axis=0)`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import further_axes
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, walk


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a sum or mean over one axis becomes one over another, possibly by a transpose inside it."""
    around = edit.ancestors
    match edit.before, edit.after:
        case Call("sum" | "mean" as before, (inner,), had), Call(after, (other,), has) if edit.kind == "axis":
            if further_axes(edit):
                return False  # nothing is summed that should not be: a sum is missing
            if before == after and isinstance(inner, Call) and inner.operation == before and other in walk(inner):
                return bool(has)  # `x.sum(axis=0).sum(axis=0)`
            return before == after and inner is other and bool(had) and bool(has) and had != has
        case before, Call("transpose_all", (inner,)) if edit.kind == "transpose" and inner is before and around:
            outer = around[0]
            return isinstance(outer, Call) and outer.operation in ("sum", "mean") and bool(outer.options)
        case _:
            return False


RULE = Misconception(
    code="wrong-axis",
    title="The sum runs along the wrong axis",
    what="This adds up along the wrong axis.",
    why=(
        "A quantity that was broadcast along the rows gets its gradient by summing over the rows, which is axis 0; "
        "summing over axis 1 adds up entries that belong to different weights."
    ),
    instead="Sum along the axis the quantity was broadcast along.",
    instructor=(
        "Ask for the shape of the quantity and that of the result; where the array is square nothing else shows it."
    ),
    recognises=recognises,
    hit=Example("two-layers", "db1", "dZ1.sum(axis=0)", "dZ1.sum(axis=1)"),
    miss=Example("two-layers", "db1", "dZ1.sum(axis=0)", "dZ1.sum()"),
)
