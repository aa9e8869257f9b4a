"""`(1 - h**2) + dh` instead of a product."""

from __future__ import annotations

from grader.diagnosis.misconceptions import derivative, links, product
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a sum of a local factor and the derivative of a link becomes their product."""
    match edit.before, edit.after:
        case Call("add", (left, right)), Call("mul") if edit.kind == "operator":
            parts = [derivative(one, context) for one in (*product(left), *product(right))]
            return any(link.rest is not None and link.rest in parts for link in links(context))
        case _:
            return False


RULE = Misconception(
    code="plus-for-times",
    title="A plus stands where the chain rule multiplies",
    what="Two factors of the chain rule are added here; they have to be multiplied.",
    why=(
        "The chain rule multiplies the factors of one path: d(y)/d(x) = d(y)/d(z) * d(z)/d(x). Only the contributions"
        " of different paths are added."
    ),
    instead="Multiply the two.",
    instructor="Multiply along a path, add over paths: let the student say it while pointing at the graph.",
    recognises=recognises,
    hit=Example("tanh-chain", "dh1_raw", "(1 - h1**2) * dh1", "(1 - h1**2) + dh1"),
    miss=Example("tanh-chain", "dh2raw_dwh", "h1 + w_h * dh1_dwh", "h1 * (w_h * dh1_dwh)"),
)
