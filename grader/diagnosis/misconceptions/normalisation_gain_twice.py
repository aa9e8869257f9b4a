"""The gain of a normalisation is multiplied at two places."""

from __future__ import annotations

from grader.diagnosis.misconceptions import shown_by_gain
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import call


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


RULE = Misconception(
    code="normalisation-gain-twice",
    title="The gain of a normalisation is counted twice",
    what="The gain (gamma) of the normalisation is in this derivative twice.",
    why=(
        "In y = gamma * xhat what arrives at xhat is gamma * dy: the gain is a factor once. Where an earlier line "
        "has multiplied by it, it is in there already."
    ),
    instead="Keep the gain at one of the two places.",
    instructor=(
        "Often dxhat = gamma * dy on one line and gamma again in the formula for dx that is taken from a book. Ask "
        "what dx is if gamma is doubled."
    ),
    recognises=recognises,
    hit=Example(
        "scaled",
        "dx",
        "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)",
        "gamma**2 * dy * r - x * r**3 * (gamma**2 * dy * x).mean(axis=1, keepdims=True)",
    ),
    miss=Example(
        "scaled", "dx", "gamma * dy * r - x * r**3 * (gamma * dy * x).mean(axis=1, keepdims=True)", "gamma * dy"
    ),
    fits_values=shown_by_gain(lambda gain: call("mul", gain, gain)),
)
