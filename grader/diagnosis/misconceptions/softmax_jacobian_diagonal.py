"""s * (1 - s) instead of the whole Jacobian of softmax."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call, times
from grader.formula.syntax import Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit turns the diagonal into the whole Jacobian; only the values show this mistake."""
    return False


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the derivative of each output by its own input, times the upstream gradient."""
    for term in rule.terms:
        if len(rule.terms) == 1 and term.activation is not None and term.activation[0] == "softmax":
            result = term.activation[2]
            yield times(call("mul", result, call("sub", ONE, result)), term.upstream or ONE)


RULE = Misconception(
    code="softmax-jacobian-diagonal",
    title="Only the diagonal of the Jacobian of softmax",
    what="Each input of softmax changes all of its outputs; this line counts only one of them.",
    why=(
        "The outputs of softmax share one sum: raising one input lowers all other outputs. s * (1 - s) is the diagonal "
        "of the Jacobian; the entries beside it are -s_i * s_j."
    ),
    instead="Subtract the weighted sum of what arrives: s * (g - sum(g * s)).",
    instructor=(
        "Carried over from the sigmoid, whose derivative looks the same. Ask what happens to the second probability "
        "when only the first score is raised."
    ),
    recognises=recognises,
    hit=Example("attended", "dz", "s * (ds - (ds * s).sum(axis=1, keepdims=True))", "s * (1 - s) * ds"),
    miss=Example("attended", "dz", "s * (ds - (ds * s).sum(axis=1, keepdims=True))", "s * (1 - ds)"),
    predicts=predicts,
)
