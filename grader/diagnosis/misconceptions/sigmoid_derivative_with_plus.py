"""sigmoid' written as `s * (1 + s)`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import is_number, one_minus, output_of, shown_by_slopes
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the plus in `1 + s` becomes a minus, for the output s of a sigmoid."""
    around = edit.ancestors
    place = around[0] if edit.kind == "sign" and around else edit.before
    match place:
        case Call("add", (one, other)) if is_number(one, 1) and edit.kind in ("sign", "operator"):
            return output_of(other, "sigmoid", context) and (other is edit.before or one_minus(edit.after) is not None)
        case _:
            return False


RULE = Misconception(
    code="sigmoid-derivative-with-plus",
    title="The derivative of the sigmoid has a plus",
    what="The slope of the sigmoid has 1 minus its output; here it is 1 plus its output.",
    why=(
        "s'(x) = s(x) * (1 - s(x)). The sigmoid is flat where it is near 1, so its slope must go to 0 there; s * (1 +"
        " s) goes to 2."
    ),
    instead="Subtract the output from 1.",
    instructor="A sign slip in a remembered rule. Ask for the slope where the sigmoid is close to 1.",
    recognises=recognises,
    hit=Example("sigmoid-unit", "dz", "s * (1 - s) * ds", "s * (1 + s) * ds"),
    miss=Example("sigmoid-unit", "dz", "s * (1 - s) * ds", "-s * (1 - s) * ds"),
    fits_values=shown_by_slopes(sigmoid=lambda x, y: call("mul", y, call("add", ONE, y))),
)
