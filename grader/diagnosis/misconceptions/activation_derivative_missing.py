"""The upstream gradient is passed on unchanged: the derivative of the activation is missing."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import links, new_divisor, new_factor, shown_by_slopes, slope_of, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE
from grader.formula.syntax import Expression
from grader.formula.vjp import SLOPES


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing factor is the derivative of the activation on this step's path."""
    factor, divisor = new_factor(edit), new_divisor(edit)
    for link in links(context):
        if factor is not None and slope_of(factor, context) == link.statement.name:
            return True
        if factor is not None and link.operation == "exp" and value(factor, context) == link.statement.name:
            return True
        if divisor is not None and link.operation == "log" and value(divisor, context) == link.argument:
            return True
    return False


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the upstream gradient alone."""
    for term in rule.terms:
        through = term.activation is not None and term.activation[0] in SLOPES
        if len(rule.terms) == 1 and term.upstream is not None and through:
            yield term.upstream


RULE = Misconception(
    code="activation-derivative-missing",
    title="The local derivative of an activation is missing",
    what="This gradient goes through an activation; the slope of that activation is missing.",
    why=(
        "By the chain rule each function on the way contributes its own slope as a factor: d(y)/d(z) = d(y)/d(h) * "
        "d(h)/d(z) where h is a function of z. Only the identity has the slope 1 everywhere."
    ),
    instead="Multiply by the slope of the activation at this point.",
    instructor=(
        "The line copies what arrived. Often the student sees a step 'through' the activation as mere renaming. Ask "
        "how much h moves when z moves a little, in the flat part of the curve."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh2_raw", "(1 - h2**2) * dh2", "dh2"),
    miss=Example("tanh-chain", "dh1", "w_h * dh2_raw", "dh2_raw"),
    predicts=predicts,
    fits_values=shown_by_slopes(**dict.fromkeys(("tanh", "sigmoid", "relu"), lambda x, y: ONE)),
)
