"""1/n is applied at two places of the chain."""

from __future__ import annotations

from grader.diagnosis.misconceptions import counts, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Index


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the removed divisor is a fixed integer input, or a statement that divides by a length is removed."""
    match edit.before:
        case Call("again_div", (Call("length") | Index(base=Call("shape_of")), *_)):
            return edit.kind == "statement"
        case Call("div", (left, divisor)) if edit.kind == "extra_factor" and edit.after is left:
            name = value(divisor, context)
            return any(one.name == name and one.whole and one.fixed for one in context.exercise.inputs)
        case _:
            return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the right ones divided by an n that the program also divides by."""
    return any(map(step_values.equals_right_over, counts(step_values)))


RULE = Misconception(
    code="extra-one-over-n",
    title="The 1/n of a mean is applied once too often",
    what="This line divides by the number of examples once too often.",
    why=(
        "The 1/n of a mean enters the chain once, where the mean is taken. Everything that is computed from that "
        "gradient carries it already."
    ),
    instead="Leave the division out of this line.",
    instructor="1/m is applied in dZ and again in dW. Ask at which line of the program the mean is taken.",
    recognises=recognises,
    hit=Example("two-layers", "dW2", "H.T @ dP", "H.T @ dP / n"),
    miss=Example("mean-square", "dP", "2 * (P - Y) / n", "2 * (P - Y)"),
    fits_values=fits_values,
)
