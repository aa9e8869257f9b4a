"""`W @ da` instead of `W.T @ da`."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit transposes one operand of a matrix product."""
    if edit.kind != "transpose":
        return False
    match edit.before, edit.after:
        case Call("matmul", (left, right)), Call("matmul", (new_left, new_right)):
            return (_is_of(new_left, left) and new_right is right) or (_is_of(new_right, right) and new_left is left)
        case before, after:
            around = edit.ancestors
            inside = bool(around) and isinstance(around[0], Call) and around[0].operation == "matmul"
            return inside and _is_of(after, before)


def _is_of(new: Expression, old: Expression) -> bool:
    return isinstance(new, Call) and new.operation == "transpose_all" and new.arguments[0] is old


RULE = Misconception(
    code="transpose-missing",
    title="A transpose is missing",
    what="A matrix in this product has to be transposed.",
    why=(
        "A product W @ x passes each entry of x along a row of W to the output; on the way back the entries of the "
        "gradient are collected along the columns: the gradient by x is W^T times the gradient by the product."
    ),
    instead="Transpose the matrix.",
    instructor=(
        "Silent wherever the matrix is square. Let the student write the derivative for one entry with indices, or "
        "try it with a matrix that is not square."
    ),
    recognises=recognises,
    hit=Example("recurrent", "dh0", "W.T @ dz1", "W @ dz1"),
    miss=Example("two-layers", "dW2", "H.T @ dP", "dP.T @ H"),
)
