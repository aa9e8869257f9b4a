"""s * g instead of s * (g - sum(g * s)) for softmax."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, times
from grader.formula.syntax import Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit adds the sum; only the values show this mistake."""
    return False


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the outputs times the upstream gradient."""
    for term in rule.terms:
        if len(rule.terms) == 1 and term.activation is not None and term.activation[0] == "softmax":
            yield times(term.activation[2], term.upstream or ONE)


RULE = Misconception(
    code="softmax-sum-missing",
    title="The sum in the derivative of softmax is left out",
    what="All outputs of softmax are divided by one sum; the derivative through that sum is missing.",
    why=(
        "Each exponential is divided by the sum of all of them. Through that sum every input takes a little from every "
        "output; on the way back this is the same number for a whole row, sum(g * s)."
    ),
    instead="Subtract the weighted sum of what arrives from it: s * (g - sum(g * s)).",
    instructor=(
        "The derivative of exp is kept and the division forgotten. Ask for the sum of the outputs, and what it says of "
        "the sum of their derivatives."
    ),
    recognises=recognises,
    hit=Example("attended", "dz", "s * (ds - (ds * s).sum(axis=1, keepdims=True))", "s * ds"),
    miss=Example("attended", "dz", "s * (ds - (ds * s).sum(axis=1, keepdims=True))", "s + ds"),
    predicts=predicts,
)
