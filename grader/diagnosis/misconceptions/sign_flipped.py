"""The right value with the opposite sign."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import flips_all, one_minus
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import negative
from grader.formula.syntax import Call, Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit flips the sign of the whole line."""
    turned = edit.kind == "order" and isinstance(edit.before, Call) and edit.before.operation == "sub"
    slope = one_minus(edit.after) is not None  # `h**2 - 1` is a tanh derivative with swapped operands
    return (edit.kind == "sign" or (turned and not slope)) and flips_all(edit)


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the negated right formula."""
    yield negative(rule.formula)


RULE = Misconception(
    code="sign-flipped",
    title="The sign is the wrong way round",
    what="This is the right value with the opposite sign.",
    why=(
        "A derivative is positive where the output grows with the quantity and negative where it falls. Each "
        "subtraction and each inverse on the way turns the sign once; here it is turned once too often or once too "
        "rarely."
    ),
    instead="Turn the sign of the line round.",
    instructor=(
        "Look at the differences in the forward program (P - Y): the sign depends on which of the two is meant. Ask "
        "whether the output rises or falls when this quantity is raised a little."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1", "w_h * dh2_raw", "-w_h * dh2_raw"),
    miss=Example("tanh-chain", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw - h1 * dh2_raw"),
    predicts=predicts,
)
