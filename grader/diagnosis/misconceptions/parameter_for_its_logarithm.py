"""The derivative by a parameter instead of that by its logarithm."""

from __future__ import annotations

from grader.diagnosis.misconceptions import new_factor, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import NOWHERE, call, number, times
from grader.formula.syntax import Call, Derivative, Expression, Name, walk


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing factor is exp of the parameter, which is a logarithm by its name."""
    factor, by = new_factor(edit), context.step.quantity
    name = by.by.id if isinstance(by, Derivative) and isinstance(by.by, Name) else ""
    if factor is None or not _is_logarithm(name):
        return False
    match context.derivation.program(Name(value(factor, context) or "", NOWHERE)) or factor:
        case Call("exp", (Name(id=inner),)):
            return inner == name or value(Name(inner, NOWHERE), context) == name
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the derivative by exp of the parameter, or by the root or square of that."""
    if (
        step_values.pair is None
        or not isinstance(step_values.pair[1], Name)
        or not _is_logarithm(step_values.pair[1].id)
    ):
        return False
    by = step_values.pair[1]
    if not any(
        isinstance(node, Call) and node.operation == "exp" for one in step_values.passed for node in walk(one.value)
    ):
        return False
    slopes = ([step_values.derivation.value(slope, k) for k in step_values.points] for slope in _slopes(by))
    return any(map(step_values.equals_right_over, slopes))


def _is_logarithm(name: str) -> bool:
    return "log" in name.lower() or name.lower().startswith("ln")


def _slopes(by: Name) -> tuple[Expression, ...]:
    """Return the derivatives of exp(x), exp(x / 2) and exp(2 * x)."""
    half, twice = call("exp", call("div", by, number(2))), call("exp", call("mul", by, number(2)))
    return call("exp", by), call("div", half, number(2)), times(number(2), twice)


RULE = Misconception(
    code="parameter-for-its-logarithm",
    title="The derivative is by the parameter, not by its logarithm",
    what="This is the derivative by the parameter itself; the one by its logarithm is asked for.",
    why=(
        "With s = log(v) the program reads v = exp(s), and d(v)/d(s) = v: the derivative by s is the derivative by "
        "v times v."
    ),
    instead="Multiply by the derivative of exp(s) by s.",
    instructor=(
        "The formula is taken from a book that differentiates by the variance or the scale. Ask what the program "
        "does with the parameter first."
    ),
    recognises=recognises,
    hit=Example("gaussian", "dlogvar", "0.5 - 0.5 * q * p", "(0.5 - 0.5 * q * p) * p"),
    miss=Example("gaussian", "dlogvar", "0.5 - 0.5 * q * p", "0.5 - q * p"),
    fits_values=fits_values,
)
