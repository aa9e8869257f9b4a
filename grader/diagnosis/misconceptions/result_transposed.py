"""dP.T @ H instead of H.T @ dP."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.repair_search.subtree_edits import turned
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit transposes the whole line, which is a matrix product."""
    if not isinstance(edit.before, Call) or edit.before.operation != "matmul" or edit.ancestors:
        return False
    return edit.kind == "transpose" and edit.after == turned(edit.before)


RULE = Misconception(
    code="result-transposed",
    title="The result is the transpose of the gradient",
    what="This is the right gradient, but with rows and columns exchanged.",
    why=(
        "A gradient has the shape of what it is the gradient of. For P = H @ W the gradient by W is H^T @ dP; dP^T @ "
        "H is its transpose."
    ),
    instead="Swap the operands so that the result has the shape of the quantity.",
    instructor=(
        "The convention of another text (W stored the other way round) is mixed in. Compare the shape of the result "
        "with that of the weight."
    ),
    recognises=recognises,
    hit=Example("two-layers", "dW2", "H.T @ dP", "dP.T @ H"),
    miss=Example("recurrent", "dh0", "W.T @ dz1", "W @ dz1"),
)
