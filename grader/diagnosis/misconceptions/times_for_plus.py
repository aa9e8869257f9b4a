"""`(h0*dh1_raw) * (h1*dh2_raw)` instead of a sum over two paths."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, made_of, term_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a product of two terms of this step becomes their sum."""
    match edit.before, edit.after:
        case Call("mul", (left, right)), Call("add") if edit.kind == "operator":
            terms = {term_of(link) for link in links(context)}
            return len(terms) > 1 and made_of(left, context) in terms and made_of(right, context) in terms
        case _:
            return False


RULE = Misconception(
    code="times-for-plus",
    title="A product stands where contributions are to be added",
    what="Two terms are multiplied here; they have to be added.",
    why=(
        "Along one path the factors multiply; over different paths the contributions add. A quantity that acts in two"
        " ways moves the output by the sum of both effects."
    ),
    instead="Add the two.",
    instructor="Multiply along a path, add over paths: let the student say it while pointing at the graph.",
    recognises=recognises,
    hit=Example("tanh-chain", "dh2raw_dwh", "h1 + w_h * dh1_dwh", "h1 * (w_h * dh1_dwh)"),
    miss=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1**2) + dh1"),
)
