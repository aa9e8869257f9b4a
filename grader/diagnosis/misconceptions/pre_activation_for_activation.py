"""h1_raw instead of h1 as the factor of a product."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, one_minus, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context

ACTIVATIONS = frozenset(
    ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign", "softmax"]
) | {"tanh", "sigmoid", "hardtanh", "hardsigmoid", "hardswish", "logsigmoid"}
"""What is called an activation, and not `inv` or `exp`."""


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces a pre-activation with its activation, a factor in a product on this step's path."""
    before, after = value(edit.before, context), value(edit.after, context)
    if edit.kind != "operand" or before is None or after is None:
        return False
    operation, inner = context.activations.get(after, ("", ""))
    if inner != before or operation not in ACTIVATIONS:
        return False
    around = edit.ancestors
    if any(one_minus(one) is not None for one in around):
        return False
    return any(after in link.partners for link in links(context))


RULE = Misconception(
    code="pre-activation-for-activation",
    title="A pre-activation stands where the activation is read",
    what="This is the value before the activation; the value after it is needed.",
    why=(
        "In z2 = w * h1 the factor beside w is h1, the output of the activation. So the derivative by w is h1: what "
        "the activation was computed from acts on z2 only through it."
    ),
    instead="Put the activation in the place of the pre-activation.",
    instructor="The names are alike (h1, h1_raw). Let the student read the forward line of this step aloud.",
    recognises=recognises,
    hit=Example("tanh-chain", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw + h1_raw * dh2_raw"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1_raw**2) * dh1"),
)
