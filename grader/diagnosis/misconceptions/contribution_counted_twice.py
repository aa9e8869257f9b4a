"""The same term occurs twice in one sum."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import dropped, links, made_of, summands, term_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.augmented_assignments import ADDED, SET
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import added
from grader.formula.syntax import Call, Expression, Number, walk


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit removes a statement that adds, or a summand that occurs twice and is a term of this step."""
    if edit.kind == "statement":
        return isinstance(edit.before, Call) and edit.before.operation in (ADDED, "again_sub", SET)
    gone = dropped(edit)
    if edit.kind != "extra_term" or gone is None or not isinstance(edit.before, Call) or edit.before.operation != "add":
        return False
    made = made_of(gone, context)
    if made is None or made not in [term_of(link) for link in links(context)]:
        return False
    whole = [edit.whole_before, *edit.ancestors]
    return any(sum(made_of(one, context) == made for one in summands(node)) > 1 for node in whole)


def predicts(rule: Rule) -> Iterator[Expression]:
    """Yield the sum with one of its terms added again, for each term that has no 1/2 which may have been forgotten."""
    if len(rule.terms) > 1:
        yield from (added([rule.formula, term.value]) for term in rule.terms if not _is_halved(term.value))


def _is_halved(node: Expression) -> bool:
    """Whether a number in a product is 1/2, or a divisor of 2."""
    for part in walk(node):
        match part:
            case Number(value=0.5 | -0.5) | Call("div", (_, Number(value=2))):
                return True
    return False


RULE = Misconception(
    code="contribution-counted-twice",
    title="A contribution is counted twice",
    what="The same term is counted more than once here.",
    why=(
        "Each path from a quantity to the output contributes one term to its derivative. A term that is added twice "
        "counts one path as two."
    ),
    instead="Keep each term once.",
    instructor=(
        "Often a line run twice with +=, or a term copied without its index being changed. Ask which path in the "
        "graph each term belongs to."
    ),
    recognises=recognises,
    hit=Example(
        "tanh-chain-reverse", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw + h1 * dh2_raw + h1 * dh2_raw"
    ),
    miss=Example("tanh-chain-reverse", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw + h1 * dh2_raw + h2"),
    predicts=predicts,
)
