"""A constant factor such as 2 or 1/2 is wrong in one summand; the others are right."""

from __future__ import annotations

from grader.diagnosis.misconceptions import counts, shares_of_summands, wrong_constant_in_summand
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit changes or inserts a number inside one of several summands."""
    return wrong_constant_in_summand(edit, context)


def fits_values(step_values: StepValues) -> bool:
    """Whether one summand of the derivative is multiplied by a constant other than 0, 1, 2 and -1. A length shows a sum
    for a mean."""
    known = {0.0, 1.0, 2.0, -1.0, *map(float, counts(step_values))}
    return any(share not in known for share, _ in shares_of_summands(step_values))


RULE = Misconception(
    code="summand-constant-wrong",
    title="The constant of one summand is wrong",
    what="A constant factor is wrong in one term of this derivative; the other terms are right.",
    why=(
        "Each summand of a derivative has a constant of its own: the 2 of a square, the 1/2 in front of a penalty, "
        "the 1/n of a mean. A constant that is right in one summand says nothing of the next one."
    ),
    instead="Differentiate this summand by itself and compare the constant.",
    instructor=(
        "Mostly the 2 of a squared penalty, or a 1/2 in front of a bracket applied to its first summand alone. Ask "
        "for the derivative of that summand when everything else is 0."
    ),
    recognises=recognises,
    hit=Example("penalised", "dw", "X.T @ de + 2 * lam * w", "X.T @ de + lam * w"),
    miss=Example("penalised", "dw", "X.T @ de + 2 * lam * w", "2 * (X.T @ de + 2 * lam * w)"),
    fits_values=fits_values,
)
