"""tanh' written with the pre-activation: `1 - h_raw**2`."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import one_minus, shown_by_slopes, squared, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, times
from grader.formula.syntax import Expression
from grader.formula.vjp import SLOPES


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces a pre-activation with its tanh in `1 - x**2`."""
    before, after = value(edit.before, context), value(edit.after, context)
    if edit.kind != "operand" or after is None or context.activations.get(after) != ("tanh", before):
        return False
    around = edit.ancestors
    return len(around) > 1 and squared(around[0]) is not None and one_minus(around[1]) is around[0]


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the derivative with the pre-activation in place of the output."""
    for term in rule.terms:
        if len(rule.terms) == 1 and term.activation is not None and term.activation[0] == "tanh":
            yield times(SLOPES["tanh"](term.activation[1], term.activation[1]), term.upstream or ONE)


RULE = Misconception(
    code="tanh-derivative-on-pre-activation",
    title="The derivative of tanh is taken at the pre-activation",
    what="This squares what goes into tanh; the derivative of tanh is 1 - (output of tanh)**2.",
    why=(
        "tanh'(x) = 1 - tanh(x)^2. With h = tanh(h_raw) the derivative of h by h_raw is 1 - h^2: it is written with "
        "the value tanh gave. 1 - h_raw^2 squares the argument instead, and is negative as soon as |h_raw| > 1."
    ),
    instead="Put the activation where the pre-activation stands.",
    instructor=(
        "The commonest real mistake in this material: the rule is remembered as '1 minus x squared' and x is taken "
        "for the argument. Ask for the derivative at a large argument: it must go to 0, 1 - h_raw^2 goes to minus "
        "infinity."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_dwh", "(1 - h1**2) * dh1raw_dwh", "(1 - h1_raw**2) * dh1raw_dwh"),
    miss=Example("tanh-chain-reverse", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw + h1_raw * dh2_raw"),
    predicts=predicts,
    fits_values=shown_by_slopes(tanh=lambda x, y: SLOPES["tanh"](x, x)),
)
