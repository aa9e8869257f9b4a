"""(a**x)' written as `x * a**(x - 1)`."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call, times
from grader.formula.syntax import Call, Expression, Index, Name, text


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit turns a power into an exponential; only the values show this mistake."""
    return False


def _wrong(rule: Rule) -> Iterator[Expression]:
    """Yield the power rule applied to the exponential, also with base and exponent swapped."""
    for term in rule.terms[:1] if len(rule.terms) == 1 else ():
        match term.statement.value:
            case Call("pow", (base, Name() | Index() as exponent)) if text(exponent) == text(rule.by):
                for below, above in ((base, exponent), (exponent, base)):
                    slope = times(above, call("pow", below, call("sub", above, ONE)))
                    yield times(slope, term.upstream or ONE)
            case Call("exp", (Name() | Index() as exponent,)) if text(exponent) == text(rule.by):
                yield times(times(exponent, call("exp", call("sub", exponent, ONE))), term.upstream or ONE)


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are those of one of these formulas."""
    return step_values.rule is not None and any(map(step_values.is_worth, _wrong(step_values.rule)))


RULE = Misconception(
    code="power-rule-on-exponential",
    title="The power rule is applied to an exponential",
    what="The variable is in the exponent here, so the power rule does not apply.",
    why=(
        "The power rule is for x**k, where the base moves. Where the exponent moves, (a**x)' = a**x * log(a), and "
        "e**x is its own derivative."
    ),
    instead="Differentiate a**x as a**x * log(a).",
    instructor=(
        "Both are written with **. Ask which of the two, base or exponent, is the variable, and whether 2**x and "
        "x**2 grow alike."
    ),
    recognises=recognises,
    hit=Example("growth", "dx", "y * log(a) * dy", "x * a**(x - 1) * dy"),
    miss=Example("growth", "dx", "y * log(a) * dy", "y * dy"),
    fits_values=fits_values,
)
