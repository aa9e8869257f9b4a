"""The derivative of an activation is evaluated at its output: `1 - tanh(h)**2`."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import shown_by_slopes, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call, times
from grader.formula.syntax import Call, Expression
from grader.formula.vjp import SLOPES


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces an activation's output with its argument inside a call of that activation."""
    before, after = value(edit.before, context), value(edit.after, context)
    around = edit.ancestors
    if edit.kind != "operand" or before is None or not around or not isinstance(around[0], Call):
        return False
    return after is not None and context.activations.get(before) == (around[0].operation, after)


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the derivative of the activation evaluated at its output."""
    for term in rule.terms:
        if len(rule.terms) == 1 and term.activation is not None and term.activation[0] in ("tanh", "sigmoid"):
            operation, _, result = term.activation
            yield times(SLOPES[operation](result, call(operation, result)), term.upstream or ONE)


RULE = Misconception(
    code="activation-applied-twice",
    title="An activation is applied to its own output",
    what="The activation is applied a second time here: this value has been through it already.",
    why=(
        "With h = tanh(h_raw), the derivative of h by h_raw is 1 - tanh(h_raw)^2, which is 1 - h^2. Writing 1 - "
        "tanh(h)^2 sends the value through tanh a second time; the program does that nowhere."
    ),
    instead="Apply the function to what went into it, or use the output as it is.",
    instructor=(
        "Typical of helpers that compute the derivative from the argument and are handed the output (`tanh(h, "
        "derivative=True)`). Ask what is stored in the variable that is handed over."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - tanh(h1)**2) * dh1"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - tanh(h2_raw)**2) * dh1"),
    predicts=predicts,
    fits_values=shown_by_slopes(
        tanh=lambda x, y: SLOPES["tanh"](y, call("tanh", y)),
        sigmoid=lambda x, y: SLOPES["sigmoid"](y, call("sigmoid", y)),
    ),
)
