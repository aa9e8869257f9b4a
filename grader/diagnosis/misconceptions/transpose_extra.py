"""`W.T @ dh` instead of `W @ dh`."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit removes a transpose in a matrix product."""
    around = edit.ancestors
    match edit.before, edit.after:
        case Call("transpose_all", (inner,)), after if edit.kind == "transpose" and inner is after:
            return bool(around) and isinstance(around[0], Call) and around[0].operation == "matmul"
        case Call("matmul", (left, right)), Call("matmul", (new_left, new_right)) if edit.kind == "transpose":
            return (_is_of(left, new_left) and new_right is right) or (_is_of(right, new_right) and new_left is left)
        case _:
            return False


def _is_of(new: Expression, old: Expression) -> bool:
    return isinstance(new, Call) and new.operation == "transpose_all" and new.arguments[0] is old


RULE = Misconception(
    code="transpose-extra",
    title="A matrix is transposed that must not be",
    what="A matrix in this product is transposed; it belongs there as it is.",
    why=(
        "A product sums over one axis of the matrix, and transposing it picks the other axis. A tangent goes through "
        "z = W @ h as the value itself does, dz = W @ dh; a gradient sums over the axis that z runs along, which is "
        "W^T @ g, or g @ W without a transpose."
    ),
    instead="Leave the matrix as it is.",
    instructor=(
        "The transpose of the column convention carried over to forward mode or to row vectors. Let the student write"
        " one entry with indices."
    ),
    recognises=recognises,
    hit=Example("tangent", "dz_dw", "A @ h_dw", "A.T @ h_dw"),
    miss=Example("recurrent", "dh0", "W.T @ dz1", "W @ dz1"),
)
