"""h[t] for h[t-1]."""

from __future__ import annotations

from grader.diagnosis.catalogue import Example, Misconception
from grader.diagnosis.context import Context
from grader.diagnosis.edits import Edit
from grader.formula.syntax import Index


def recognises(edit: Edit, context: Context) -> bool:
    """An index is moved by one."""
    return edit.kind == "index" and isinstance(edit.before, Index) and isinstance(edit.after, Index)


RULE = Misconception(
    code="time-index-off-by-one",
    title="The time index is off by one",
    what="The value of a neighbouring time step stands here.",
    why=(
        "a[t] is computed from h[t-1] and h[t] from a[t]: each step of the chain rule uses the time index the forward"
        " line has at this place. A list that also holds the initial state is shifted by one."
    ),
    instead="Shift the index by one.",
    instructor=(
        "Write the forward line of the same time step beside the backward one and compare the indices one by one. An "
        "index of -1 silently reads the last entry."
    ),
    recognises=recognises,
    hit=Example("listed", "dw2", "d2 * hs[1]", "d2 * hs[2]"),
    miss=Example("listed", "dw2", "d2 * hs[1]", "-d2 * hs[1]"),
)
