"""The local derivative alone, without the upstream gradient."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import derivative, links, new_factor
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Derivative, Expression, text


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing factor is the derivative of the output by a quantity that is computed from this one."""
    factor = new_factor(edit)
    pair = None if factor is None else derivative(factor, context)
    return pair is not None and any(link.mode == "reverse" and link.rest == pair for link in links(context))


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the local derivative alone, of a reverse-mode rule."""
    for term in rule.terms:
        local, upstream = term.local, term.upstream
        arrives = isinstance(upstream, Derivative) and text(upstream.of) == text(rule.of)
        if len(rule.terms) == 1 and arrives and local is not None:
            yield local


RULE = Misconception(
    code="upstream-missing",
    title="The gradient from above is missing",
    what="This is the derivative of this step alone; the gradient from the later steps is missing as a factor.",
    why=(
        "Going backwards, d(y)/d(x) = d(y)/d(z) * d(z)/d(x). The local derivative d(z)/d(x) alone says how z moves "
        "with x, not how y does."
    ),
    instead="Multiply the local derivative by the gradient that arrives from above.",
    instructor=(
        "Often seen where the gradient from above was 1 in an earlier exercise, so that leaving it out went "
        "unnoticed. Ask what this line gives if everything above is scaled by 3."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh2_raw", "(1 - h2**2) * dh2", "1 - h2**2"),
    miss=Example("tanh-chain", "dh1_dwh", "(1 - h1**2) * dh1raw_dwh", "1 - h1**2"),
    predicts=predicts,
)
