"""The backward pass of a normalisation ignores the gain."""

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
    code="normalisation-gain-missing",
    title="The gain of a normalisation is missing",
    what="The gain (gamma) of the normalisation is missing in this derivative.",
    why=(
        "In y = gamma * xhat what arrives at xhat is gamma * dy. Every place of the formula for dx in which dy "
        "stands, inside the sums as well, is made of gamma * dy."
    ),
    instead="Take gamma * dy in the place of dy, at every place.",
    instructor=(
        "The formula is copied from a normalisation without a gain, or gamma was 1 when it was tried. Ask for the "
        "derivative by xhat first."
    ),
    recognises=recognises,
    hit=Example(
        "scaled",
        "dx",
        "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)",
        "dy * r - x * r**3 * (dy * x).mean(axis=1, keepdims=True)",
    ),
    miss=Example(
        "scaled", "dx", "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)", "gamma * dy * r"
    ),
    fits_values=shown_by_gain(lambda gain: ONE),
)
