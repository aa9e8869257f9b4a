"""Forward mode stops after the outer derivative."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import derivative, links, new_factor
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Derivative, Expression, text


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing factor is the derivative of a quantity that this one is computed from."""
    factor = new_factor(edit)
    pair = None if factor is None else derivative(factor, context)
    return pair is not None and any(link.mode == "forward" and link.rest == pair for link in links(context))


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the outer derivative alone, of a forward-mode rule."""
    for term in rule.terms:
        outer, inner = term.local, term.upstream
        follows = isinstance(inner, Derivative) and text(inner.of) != text(rule.of)
        if len(rule.terms) == 1 and follows and outer is not None:
            yield outer


RULE = Misconception(
    code="inner-derivative-missing",
    title="The derivative of what is inside is missing",
    what="Only the outer function is differentiated here; the derivative of what is inside is missing.",
    why=(
        "The chain rule has two factors: the outer derivative at the inner value, times the derivative of the inner "
        "function. d(h)/d(w) = d(h)/d(z) * d(z)/d(w) where h is computed from z and z from w."
    ),
    instead="Multiply by the derivative of the inner quantity.",
    instructor=(
        "The classic omission of forward mode: the chain rule is broken off after its first factor. Ask what the "
        "inner quantity does when the weight moves."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_dwh", "(1 - h1**2) * dh1raw_dwh", "1 - h1**2"),
    miss=Example("tanh-chain", "dh2_raw", "(1 - h2**2) * dh2", "1 - h2**2"),
    predicts=predicts,
)
