"""The derivative of the data term alone, although the loss has a penalty."""

from __future__ import annotations

from grader.diagnosis.misconceptions import penalty_added
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.parts import without_penalty
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Assign


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing summand is the derivative of a penalty."""
    return penalty_added(edit, context)


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the derivative of the program with constant penalties."""

    def change(one: Assign) -> Assign:
        return without_penalty(one, step_values.derivation.exercise)

    return step_values.is_worth_in(change)


RULE = Misconception(
    code="regularisation-missing",
    title="The regularisation term is missing",
    what="The loss has a penalty on this parameter; the derivative of the penalty is missing here.",
    why=(
        "The loss is a sum of a data term and a penalty such as lam * sum(w**2), and the derivative of a sum is the"
        " sum of the derivatives. The penalty adds 2 * lam * w, whatever the data are."
    ),
    instead="Add the derivative of the penalty.",
    instructor=(
        "The gradient of the data term is copied from an exercise without weight decay. Ask which lines of the "
        "forward program read the parameter."
    ),
    recognises=recognises,
    hit=Example("penalised", "dw", "X.T @ de + 2 * lam * w", "X.T @ de"),
    miss=Example("penalised", "dw", "X.T @ de + 2 * lam * w", "2 * lam * w"),
    fits_values=fits_values,
)
