"""A weight is used twice, but only one use is counted."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import adds_a_term, is_told_apart, links, penalty_added
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing summand is a whole term other than that of a penalty, for an input that is read at several
    places."""
    if penalty_added(edit, context):
        return False
    terms = [link for link in links(context) if link.mode == "reverse"]
    inputs = {one.name for one in context.exercise.inputs}
    return adds_a_term(edit, context) and terms[0].argument in inputs


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the sum without one of its terms, for each term."""
    for term in rule.terms:
        rest = rule.without(term)
        if rest is not None and not is_told_apart(rule, term) and rule.by_is_given:
            yield rest


RULE = Misconception(
    code="shared-weight-contribution-missing",
    title="One use of a shared input is left out",
    what="This input is used in more than one place; this line counts only some of them.",
    why=(
        "A change of a shared input reaches the output along every path at once, so its derivative is the sum over "
        "all uses: for a weight used in two time steps, one term for each of them."
    ),
    instead="Add the term of the use that is missing.",
    instructor=(
        "The student follows one path back and stops. Ask in how many lines of the program the name is read, and let "
        "them mark each."
    ),
    recognises=recognises,
    hit=Example("tanh-chain-reverse", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw"),
    miss=Example("tanh-chain", "dh2raw_dwh", "h1 + w_h * dh1_dwh", "h1"),
    predicts=predicts,
)
