"""GELU differentiated as if its gate were constant."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.parts import ActivationUnit
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import call, times
from grader.formula.syntax import Expression
from grader.formula.vjp import normal_density, normal_share


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the derivative has only one of its two terms, or its second term lacks the factor x."""
    return any(
        step_values.is_worth(times(slope, up))
        for unit, up in step_values.units()
        if unit.kind == "gelu"
        for slope in _wrong(unit)
    )


def _wrong(unit: ActivationUnit) -> Iterator[Expression]:
    x = unit.argument
    yield normal_share(x)
    yield normal_density(x)
    yield times(x, normal_density(x))
    yield call("add", normal_share(x), normal_density(x))


RULE = Misconception(
    code="gelu-derivative-term-missing",
    title="The slope of GELU lacks a term",
    what="GELU is x times a function of x, so its slope has two terms; this line does not have both.",
    why=(
        "GELU(x) = x * Phi(x). The product rule gives Phi(x) + x * phi(x), with Phi the share of a normal "
        "distribution below x and phi its density."
    ),
    instead="Apply the product rule: Phi(x) + x * phi(x).",
    instructor=(
        "The gate is treated as a constant, as the mask of ReLU is. Ask what changes in x * Phi(x) when x moves."
    ),
    recognises=recognises,
    hit=Example(
        "units",
        "db",
        "c2 * (0.5 * (1 + erf(b / sqrt(2))) + b * np.exp(-b**2 / 2) / np.sqrt(2 * np.pi))",
        "c2 * 0.5 * (1 + erf(b / sqrt(2)))",
    ),
    miss=Example(
        "units", "db", "c2 * (0.5 * (1 + erf(b / sqrt(2))) + b * np.exp(-b**2 / 2) / np.sqrt(2 * np.pi))", "c2"
    ),
    fits_values=fits_values,
)
