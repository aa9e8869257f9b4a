"""h[t] instead of h[t-1]."""

from __future__ import annotations

from grader.diagnosis.chain_rule.numbers import shape_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.parts import are_neighbours_in_time, is_over_time
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Index, Name, walk


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit shifts a single time index by one; indices into a table do not count."""
    if edit.kind != "index" or not isinstance(edit.before, Index) or not isinstance(edit.after, Index):
        return False
    read = (part for key in edit.before.keys for part in walk(key) if isinstance(part, Name))
    if any(shape_of(context.names[0].get(name.id)) for name in read):
        return False
    return is_over_time(edit.before.base, context) or are_neighbours_in_time(edit.before, edit.after, context)


RULE = Misconception(
    code="time-index-off-by-one",
    title="The time index is off by one",
    what="This is the value of the time step before or after the one that is needed.",
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
    hit=Example("listed", "dw", "d1 * hs[0] + d2 * hs[1]", "d1 * hs[0] + d2 * hs[2]"),
    miss=Example("listed", "dw", "d1 * hs[0] + d2 * hs[1]", "-(d1 * hs[0] + d2 * hs[1])"),
)
