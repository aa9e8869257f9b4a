"""`h0*dh1_raw - h1*dh2_raw` instead of a sum over two paths."""

from __future__ import annotations

from grader.diagnosis.misconceptions import ancestors, links, made_of, shares_of_summands, term_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.sight import Sight
from grader.diagnosis.repair_search.edits import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a minus between two terms of a step with several links becomes a plus."""
    terms = {term_of(link) for link in links(context) if link.partners}
    around = ancestors(edit)
    if len(terms) < 2:
        return False
    match edit.before, edit.after:
        case Call("sub", (_, right)), Call("add") if edit.kind == "operator":
            return not around and made_of(right, context) in terms
        case _:
            return False


def shows(sight: Sight) -> bool:
    """Whether one positive summand of the derivative is subtracted."""
    return (-1.0, 1) in shares_of_summands(sight)


RULE = Misconception(
    code="contribution-subtracted",
    title="A contribution is subtracted where contributions add",
    what="One term of this derivative is subtracted; it has to be added.",
    why=(
        "The terms of the chain rule, one for each path, are added. A term that is negative has its sign inside it; "
        "the sum itself never takes a minus."
    ),
    instead="Add the term.",
    instructor=(
        "Mostly a slip, sometimes the quotient rule remembered for the product rule. Ask for the reason of the minus."
    ),
    recognises=recognises,
    hit=Example("tanh-chain", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "h0 * dh1_raw - h1 * dh2_raw"),
    miss=Example("tanh-chain", "dw_h", "h0 * dh1_raw + h1 * dh2_raw", "-(h0 * dh1_raw + h1 * dh2_raw)"),
    shows=shows,
)
