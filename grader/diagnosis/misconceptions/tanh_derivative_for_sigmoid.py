"""sigmoid' written as `1 - s**2`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import (
    is_number,
    new_factor,
    one_minus,
    output_of,
    put_in,
    shown_by_slopes,
    squared,
    value,
)
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.vjp import SLOPES


def recognises(edit: Edit, context: Context) -> bool:
    """Whether `1 - s**2` becomes the sigmoid's derivative, or its 1 becomes s, for the output s of a sigmoid."""
    if edit.kind == "slope":
        return any(output_of(name, "sigmoid", context) for name in put_in(edit))
    around = edit.ancestors
    if not is_number(edit.before, 1) or edit.kind not in ("expression", "missing_factor") or not around:
        return False
    inner = one_minus(around[0])
    base = None if inner is None else squared(inner)
    factor = edit.after if edit.kind == "expression" else new_factor(edit)
    if base is None or factor is None or not output_of(base, "sigmoid", context):
        return False
    return value(factor, context) == value(base, context)


RULE = Misconception(
    code="tanh-derivative-for-sigmoid",
    title="The derivative of tanh is used for a sigmoid",
    what="This is the slope of tanh; the program has a sigmoid here.",
    why=(
        "1 - h^2 is the slope of tanh in terms of its output. The slope of a sigmoid in terms of its output is s * (1"
        " - s), which is s - s^2 and never more than 1/4."
    ),
    instead="Write the slope of the sigmoid.",
    instructor=(
        "The two rules are mixed up. Both are written with the output, and nothing else is common to them. Ask for "
        "the largest slope of each."
    ),
    recognises=recognises,
    hit=Example("sigmoid-unit", "dz", "s * (1 - s) * ds", "(1 - s**2) * ds"),
    miss=Example("sigmoid-unit", "dz", "s * (1 - s) * ds", "ds"),
    fits_values=shown_by_slopes(sigmoid=SLOPES["tanh"]),
)
