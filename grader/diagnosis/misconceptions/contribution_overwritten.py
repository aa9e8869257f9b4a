"""`=` instead of `+=`."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.augmented_assignments import ADDED
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit adds the value to the old value of the name."""
    if edit.kind != "accumulation" or not isinstance(edit.after, Call):
        return False
    return edit.after.operation == ADDED and edit.after.arguments[0] is edit.before


RULE = Misconception(
    code="contribution-overwritten",
    title="A contribution is overwritten",
    what="This line replaces what the variable held; it has to add to it.",
    why=(
        "A quantity that is used in several places collects one term from each of them. The equals sign starts anew "
        "and keeps the last term only."
    ),
    instead="Add to what is there: += in the place of =.",
    instructor=(
        "Frequent in loops over time and in hand-written backward passes. Ask what the name is worth before and after"
        " this line."
    ),
    recognises=recognises,
    hit=Example("tanh-chain-reverse", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h1 * dh2_raw; dw_h = h0 * dh1_raw"),
    miss=Example("tanh-chain-reverse", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h1 * dh2_raw; dw_h -= h0 * dh1_raw"),
)
