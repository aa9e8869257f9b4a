"""tanh' written as `h * (1 - h)`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import output_of, put_in, shown_by_slopes
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.vjp import SLOPES


def recognises(edit: Edit, context: Context) -> bool:
    """Whether `h * (1 - h)` becomes `1 - h**2`, for the output h of a tanh."""
    return edit.kind == "slope" and any(output_of(name, "tanh", context) for name in put_in(edit))


RULE = Misconception(
    code="sigmoid-derivative-for-tanh",
    title="The derivative of a sigmoid is used for tanh",
    what="This is the slope of a sigmoid; the program has a tanh here.",
    why=(
        "s * (1 - s) is the slope of a sigmoid in terms of its output. The slope of tanh in terms of its output h is"
        " 1 - h^2, which is 1 where h is 0."
    ),
    instead="Write the slope of tanh.",
    instructor=(
        "The two rules are mixed up. Both are written with the output, and nothing else is common to them. Ask for the"
        " slope at 0 of each: 1/4 and 1."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "h1 * (1 - h1) * dh1"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1) * dh1"),
    fits_values=shown_by_slopes(tanh=SLOPES["sigmoid"]),
)
