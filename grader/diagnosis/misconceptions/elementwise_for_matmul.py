"""`W.T * dz` instead of `W.T @ dz`."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether an elementwise product becomes a matrix product."""
    match edit.before, edit.after:
        case Call("mul"), Call("matmul"):
            return edit.kind == "operator"
        case _:
            return False


RULE = Misconception(
    code="elementwise-for-matmul",
    title="An elementwise product stands where a matrix product is needed",
    what="This multiplies entry by entry; a matrix product is needed.",
    why=(
        "In z = W @ h each entry of h acts on every entry of z, so the gradient by an entry of h is a sum over all "
        "entries of z. That sum is the matrix product; * takes none."
    ),
    instead="Use the matrix product.",
    instructor="Writing * for @ passes by broadcasting. Ask for the shape of the result.",
    recognises=recognises,
    hit=Example("recurrent", "dh0", "W.T @ dz1", "W.T * dz1"),
    miss=Example("recurrent", "dz1", "dh1 * (1 - h1**2)", "dh1 @ (1 - h1**2)"),
)
