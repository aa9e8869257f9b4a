"""The derivative of a sum instead of that of a mean."""

from __future__ import annotations

from grader.diagnosis.misconceptions import counts, new_divisor, pair_of, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Expression, Name, statements, text, walk


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing divisor is a fixed integer input that the program divides by."""
    divisor = new_divisor(edit)
    name = None if divisor is None else value(divisor, context)
    if name is None or not any(one.name == name and one.whole and one.fixed for one in context.exercise.inputs):
        return False
    pair = pair_of(context.step)
    of_the_output = pair is not None and pair[0] == context.exercise.output
    return of_the_output and any(_divides_by(one.value, name) for one in statements(context.exercise.program))


def _divides_by(node: Expression, name: str) -> bool:
    return any(
        isinstance(inner, Call)
        and inner.operation == "div"
        and isinstance(inner.arguments[1], Name)
        and inner.arguments[1].id == name
        for inner in walk(node)
    )


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are n times the right ones, for an n that the program divides by."""
    if step_values.pair is None or text(step_values.pair[0]) != step_values.derivation.exercise.output:
        return False
    return any(map(step_values.equals_right_times, counts(step_values)))


RULE = Misconception(
    code="missing-one-over-n",
    title="The 1/n of a mean is missing",
    what="The loss is a mean, and its factor 1/n is missing here.",
    why=(
        "The derivative of (1/n) * sum(...) keeps the factor 1/n: each single error moves the mean by only one n-th "
        "of what it moves the sum by."
    ),
    instead="Divide by the number of examples.",
    instructor=(
        "The factor is left out because it does not change the direction. Ask by how much the mean of 100 numbers "
        "moves when one of them grows by 1."
    ),
    recognises=recognises,
    hit=Example("mean-square", "dP", "2 * (P - Y) / n", "2 * (P - Y)"),
    miss=Example("mean-square", "dP", "2 * (P - Y) / n", "(P - Y) / n"),
    fits_values=fits_values,
)
