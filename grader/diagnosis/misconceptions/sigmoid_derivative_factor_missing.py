"""sigmoid' written as `1 - s`."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, new_factor, one_minus, product, shown_by_slopes, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Whether s is missing beside `1 - s`, or `1 - s` beside s, for the output s of the sigmoid on this step's path."""
    factor = new_factor(edit)
    if factor is None:
        return False
    inner = one_minus(factor)
    if inner is not None:
        return _beside(edit, inner, context)
    held = value(factor, context)
    around = [one for one in (edit.before, *edit.ancestors) if not isinstance(one, Call) or one.operation == "mul"]
    rests = [one_minus(one) for whole in around for one in product(whole)]
    if held is None or not any(rest is not None and value(rest, context) == held for rest in rests):
        return False
    return any(link.operation == "sigmoid" and link.statement.name == held for link in links(context))


def _beside(edit: Edit, inner: Expression, context: Context) -> bool:
    """Whether `1 - s` is missing beside s."""
    held = value(inner, context)
    around = [one for one in (edit.before, *edit.ancestors) if not isinstance(one, Call) or one.operation == "mul"]
    there = any(value(one, context) == held for whole in around for one in product(whole))
    through = any(link.operation == "sigmoid" and link.statement.name == held for link in links(context))
    return held is not None and there and through


RULE = Misconception(
    code="sigmoid-derivative-factor-missing",
    title="The derivative of the sigmoid lacks one of its two factors",
    what="The slope of the sigmoid is s * (1 - s); only one of the two factors is here.",
    why=(
        "s'(x) = s(x) * (1 - s(x)). The sigmoid is flat at both ends: the factor 1 - s makes the slope vanish where s"
        " is near 1, the factor s where s is near 0."
    ),
    instead="Multiply by the output of the sigmoid as well.",
    instructor="Half remembered, often beside 1 - h^2 of tanh. Ask for the slope at a large negative argument.",
    recognises=recognises,
    hit=Example("sigmoid-unit", "dz", "s * (1 - s) * ds", "(1 - s) * ds"),
    miss=Example("sigmoid-unit", "dz", "s * (1 - s) * ds", "ds"),
    fits_values=shown_by_slopes(sigmoid=lambda x, y: y),
)
