"""`h0*dh1_raw - h1*dh2_raw` instead of a sum over two paths."""

from __future__ import annotations

from grader.diagnosis.misconceptions import links, made_of, shares_of_summands, term_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call


def recognises(edit: Edit, context: Context) -> bool:
    """Whether a minus between two terms of a step with several links becomes a plus."""
    match edit.before, edit.after:
        case Call("sub", (_, right)) as before, Call("add") if edit.kind == "operator" and not edit.ancestors:
            terms = {term_of(link) for link in links(context) if link.partners}
            return (len(terms) > 1 and made_of(right, context) in terms) or _has_a_summand_for_each_path(
                before, context
            )
        case _:
            return False


def _has_a_summand_for_each_path(line: Call, context: Context) -> bool:
    """Whether a line has as many summands as its chain rule has terms, and more than one: a minus between them is none
    inside a local derivative."""
    count, waiting = 0, [*line.arguments]
    while waiting:
        match waiting.pop():
            case Call("add" | "sub", arguments):
                waiting += arguments
            case _:
                count += 1
    return context.rule is not None and count == len(context.rule.terms) > 1


def fits_values(step_values: StepValues) -> bool:
    """Whether one positive summand of the derivative is subtracted."""
    return (-1.0, 1) in shares_of_summands(step_values)


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
    fits_values=fits_values,
)
