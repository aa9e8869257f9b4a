"""Only one term of `w*dh + h*dw` is present."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, made_of, term_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the missing summand is a term of the product rule in forward mode."""
    if edit.kind not in ("missing_term", "missing_product") or not isinstance(edit.after, Call):
        return False
    if edit.after.operation != "add":
        return False
    terms = [link for link in links(context) if link.mode == "forward" and link.partners]
    added = made_of(edit.after.arguments[1], context)
    return len(terms) > 1 and added in [term_of(link) for link in terms]


RULE = Misconception(
    code="product-rule-term-missing",
    title="One term of the product rule is missing",
    what="Both factors of this product depend on the variable; only one of them is differentiated here.",
    why=(
        "(w * h)' = w' * h + w * h'. A factor that depends on the variable, openly or hidden in what it is computed "
        "from, adds a term of its own."
    ),
    instead="Add the term in which the other factor is differentiated.",
    instructor=(
        "In w * h with h computed from w, either the open w or the hidden one is forgotten. Ask whether h would stay "
        "the same if w were changed."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dh2raw_dwh", "h1 + w_h * dh1_dwh", "h1"),
    miss=Example("tanh-chain-reverse", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw"),
)
