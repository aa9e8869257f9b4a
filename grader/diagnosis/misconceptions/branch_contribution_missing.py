"""A quantity feeds two others, but only one contribution is counted."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import adds_a_term, is_told_apart, links
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing summand is a whole term, for a computed quantity that is read at several places."""
    terms = [link for link in links(context) if link.mode == "reverse"]
    inputs = {one.name for one in context.exercise.inputs}
    return adds_a_term(edit, context) and terms[0].argument not in inputs


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the sum without one of its terms, for each term."""
    for term in rule.terms:
        rest = rule.without(term)
        if rest is not None and not is_told_apart(rule, term) and not rule.by_is_given:
            yield rest


RULE = Misconception(
    code="branch-contribution-missing",
    title="One branch is left out",
    what="More than one line of the program uses this value; this gradient counts only some of them.",
    why=(
        "A change of a quantity reaches the output through everything that is computed from it. Its derivative is the"
        " sum of what comes back along each branch."
    ),
    instead="Add what comes back along the other branch.",
    instructor=(
        "Fan-out in the forward program is a sum on the way back. Ask which lines read the quantity; each sends back "
        "a part. Overwriting with = instead of adding with += looks the same."
    ),
    recognises=recognises,
    hit=Example("branches", "dh", "a * dp + b * dq", "a * dp"),
    miss=Example("tanh-chain-reverse", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw"),
    predicts=predicts,
)
