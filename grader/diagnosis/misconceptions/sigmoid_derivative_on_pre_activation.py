"""sigmoid' written with the pre-activation: `z * (1 - z)`."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import one_minus, product, shown_by_slopes, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, times
from grader.formula.syntax import Call, Expression
from grader.formula.vjp import SLOPES


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces a pre-activation with its sigmoid in a product `x * (1 - x)`."""
    before, after = value(edit.before, context), value(edit.after, context)
    if edit.kind != "operand" or after is None or context.activations.get(after) != ("sigmoid", before):
        return False
    wholes = [one for one in edit.ancestors if isinstance(one, Call) and one.operation == "mul"]
    for factors in map(product, wholes):
        rests = [rest for rest in map(one_minus, factors) if rest is not None]
        inner = [rest for rest in rests if value(rest, context) in (before, after)]
        outer = [one for one in factors if value(one, context) in (before, after)]
        if inner and outer and any(one is edit.before for one in (*inner, *outer)):
            return True
    return False


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the derivative with the pre-activation in place of the output."""
    for term in rule.terms:
        if len(rule.terms) == 1 and term.activation is not None and term.activation[0] == "sigmoid":
            yield times(SLOPES["sigmoid"](term.activation[1], term.activation[1]), term.upstream or ONE)


RULE = Misconception(
    code="sigmoid-derivative-on-pre-activation",
    title="The derivative of the sigmoid is taken at the pre-activation",
    what="The slope of the sigmoid is written with its output; this line uses its input.",
    why=(
        "s'(x) = s(x) * (1 - s(x)). With s = sigmoid(z) the derivative of s by z is s * (1 - s), made of the value "
        "the sigmoid gave. z * (1 - z) is no slope of a sigmoid: it can be negative, and a sigmoid always rises."
    ),
    instead="Put the output of the sigmoid in both places of the local derivative.",
    instructor=(
        "The sigmoid twin of 1 - h_raw^2, often from a helper sigmoid_prime(a) that expects the output and is called "
        "with the input, or the other way round. Ask for the sign of z * (1 - z) at z = 2."
    ),
    recognises=recognises,
    hit=Example("sigmoid-unit", "dz", "s * (1 - s) * ds", "z * (1 - z) * ds"),
    miss=Example("sigmoid-unit", "dz", "s * (1 - s) * ds", "-s * (1 - s) * ds"),
    predicts=predicts,
    fits_values=shown_by_slopes(sigmoid=lambda x, y: SLOPES["sigmoid"](x, x)),
)
