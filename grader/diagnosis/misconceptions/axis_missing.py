"""`sum()` instead of `sum(axis=0)`."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a sum or mean over all axes becomes one over an axis."""
    match edit.before, edit.after:
        case Call("sum" | "mean" as before, (inner,), had), Call(after, (other,), has):
            return edit.kind == "axis" and before == after and inner is other and not had and bool(has)
        case _:
            return False


RULE = Misconception(
    code="axis-missing",
    title="The sum runs over all axes",
    what="This sum runs over all axes and leaves a single number.",
    why=(
        "A gradient has the shape of its quantity. Only the axis along which the quantity was broadcast is summed "
        "over; the others stay."
    ),
    instead="Sum along the broadcast axis only.",
    instructor="sum() without an axis gives a scalar that broadcasts silently afterwards. Compare the shapes.",
    recognises=recognises,
    hit=Example("two-layers", "db1", "dZ1.sum(axis=0)", "dZ1.sum()"),
    miss=Example("two-layers", "db1", "dZ1.sum(axis=0)", "dZ1.sum(axis=1)"),
)
