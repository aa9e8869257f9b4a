"""Two results are returned under each other's names."""

from __future__ import annotations

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no edit shows it; `grader.diagnosis.step_explainer` recognises two steps with exchanged values."""
    return False


RULE = Misconception(
    code="outputs-swapped",
    title="Two results are exchanged",
    what="This is the value of another result, and that result has this value.",
    why=(
        "Results that are returned or unpacked together are told apart by their order alone. Where both have the "
        "same shape, nothing complains when two of them change places."
    ),
    instead="Compare the order of the returned values with the order of the names they are given to.",
    instructor=(
        "Not a mistake in a derivative. Ask for the line that returns the results, beside the line that takes them."
    ),
    recognises=recognises,
    hit=Example("factors", "dq", "-e * p", "-e * q"),
    miss=Example("factors", "dq", "-e * p", "-e * q"),
)
