"""`dh @ (1 - h**2)` instead of `dh * (1 - h**2)`."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a matrix product becomes an elementwise product."""
    match edit.before, edit.after:
        case Call("matmul"), Call("mul"):
            return edit.kind == "operator"
        case _:
            return False


RULE = Misconception(
    code="matmul-for-elementwise",
    title="A matrix product stands where entries are to be multiplied one by one",
    what="This is a matrix product; the program acts on each entry by itself here.",
    why=(
        "A function that is applied entry by entry has a slope for each entry, and each entry of the gradient is "
        "multiplied by its own. @ would mix the entries and add them up."
    ),
    instead="Multiply entry by entry.",
    instructor=(
        "The habit of np.dot for everything that looks like a product. Ask which entries of z an entry of h depends on."
    ),
    recognises=recognises,
    hit=Example("recurrent", "dz1", "dh1 * (1 - h1**2)", "dh1 @ (1 - h1**2)"),
    miss=Example("recurrent", "dh0", "W.T @ dz1", "W.T * dz1"),
)
