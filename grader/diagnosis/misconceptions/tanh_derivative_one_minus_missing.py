"""tanh' written as `h**2`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import output_of, shown_by_slopes, squared
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import call, number


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the square of the output of a tanh becomes 1 minus that square."""
    base = squared(edit.before)
    return edit.kind == "complement" and base is not None and output_of(base, "tanh", context)


RULE = Misconception(
    code="tanh-derivative-one-minus-missing",
    title="The derivative of tanh lacks its 1",
    what="This is the square of tanh's output; the slope of tanh is 1 minus that.",
    why="tanh'(x) = 1 - tanh(x)^2. The slope must be largest, namely 1, at 0. The square of tanh is 0 there.",
    instead="Subtract the square from 1.",
    instructor="The rule is remembered as 'the square of the output'. Ask for the slope of tanh at 0.",
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "h1**2 * dh1"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1) * dh1"),
    fits_values=shown_by_slopes(tanh=lambda x, y: call("pow", y, number(2))),
)
