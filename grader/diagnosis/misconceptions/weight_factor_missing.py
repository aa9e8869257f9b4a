"""A product passes the gradient on as if it were a sum: its other factor is missing."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, new_factor, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing factor is the other factor of a product in the program."""
    factor = new_factor(edit)
    held = None if factor is None else value(factor, context)
    return held is not None and any(held in link.partners for link in links(context))


RULE = Misconception(
    code="weight-factor-missing",
    title="The factor of a linear step is missing",
    what="The program multiplies by another factor here; that factor is missing in the derivative.",
    why=(
        "In z = w * x the derivative of z by one factor is the other factor. A change of x reaches z multiplied by w,"
        " so what arrives at z goes on to x multiplied by w as well."
    ),
    instead="Multiply by the other factor of the product.",
    instructor=(
        "A product is treated like a sum, which does pass the gradient on unchanged. Ask what happens to z when x "
        "grows by 1 and w is 10."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1", "w_h * dh2_raw", "dh2_raw"),
    miss=Example("tanh-chain", "dh2_raw", "(1 - h2**2) * dh2", "dh2"),
)
