"""s * g where softmax needs s * (g - sum(g * s))."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.catalogue import Example, Misconception
from grader.diagnosis.context import Context
from grader.diagnosis.edits import Edit
from grader.diagnosis.rule import Rule
from grader.formula.build import ONE, times
from grader.formula.syntax import Expression


def recognises(edit: Edit, context: Context) -> bool:
    """No small change adds the sum: it is known by its value alone."""
    return False


def predicts(rule: Rule) -> Iterator[Expression]:
    """The outputs times what arrives."""
    for term in rule.terms:
        if len(rule.terms) == 1 and term.activation is not None and term.activation[0] == "softmax":
            yield times(term.activation[2], term.upstream or ONE)


RULE = Misconception(
    code="softmax-sum-missing",
    title="The sum in the derivative of softmax is left out",
    what="What all outputs of softmax have in common, their sum, is left out of this derivative.",
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
