"""The gain is multiplied after the sums over the features instead of before."""

from __future__ import annotations

from grader.diagnosis.misconceptions import shown_by_gain
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


RULE = Misconception(
    code="normalisation-gain-misplaced",
    title="The gain of a normalisation stands outside the sums",
    what="The gain (gamma) is multiplied in after the sums; it belongs inside them.",
    why=(
        "What arrives at xhat is gamma * dy, and the sums in the formula for dx run over that product. Where each "
        "entry has a gain of its own, it cannot be taken out of the sum."
    ),
    instead="Take gamma * dy inside the sums as well.",
    instructor=(
        "In batch normalisation the sums run over the examples and the gain may stand outside; in layer "
        "normalisation they run over the features, and it may not. Ask over which index the sum runs."
    ),
    recognises=recognises,
    hit=Example(
        "scaled",
        "dx",
        "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)",
        "gamma * (dy * r - x * r**3 * (dy * x).mean(axis=1, keepdims=True))",
    ),
    miss=Example(
        "scaled", "dx", "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)", "gamma * dy * r"
    ),
    fits_values=shown_by_gain(lambda gain: ONE, lambda value, gain: value * gain),
)
