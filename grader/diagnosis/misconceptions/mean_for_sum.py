"""A mean instead of a sum in the backward pass."""

from __future__ import annotations

from grader.diagnosis.misconceptions import counts, sizes
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a mean becomes a sum over the same axis."""
    match edit.before, edit.after:
        case Call("mean", (inner,), options), Call("sum", (other,), others):
            return edit.kind == "reduction" and inner is other and options == others
        case _:
            return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the right ones divided by a size that the program never divides by."""
    others = sizes(step_values) - counts(step_values)
    return any(map(step_values.equals_right_over, others))


RULE = Misconception(
    code="mean-for-sum",
    title="A mean is taken where contributions are to be summed",
    what="A mean is taken here where a sum is needed.",
    why=(
        "What comes back from several uses adds up. A 1/n belongs to a gradient only where the loss itself contains "
        "it, and then it has already entered there."
    ),
    instead="Take the sum.",
    instructor="The mean of the loss is taken a second time. Ask at which line of the program the mean is taken.",
    recognises=recognises,
    hit=Example("two-layers", "db1", "dZ1.sum(axis=0)", "dZ1.mean(axis=0)"),
    miss=Example("two-layers", "db1", "dZ1.sum(axis=0)", "dZ1.sum(axis=1)"),
    fits_values=fits_values,
)
