"""log'(x) written as `1 / log(x)`."""

from __future__ import annotations

from collections.abc import Iterator

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.misconceptions import links, value
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.build import ONE, call
from grader.formula.syntax import Expression


def recognises(edit: Edit, context: Context) -> bool:
    """Whether the edit replaces the value of log with its argument, in a step through that log."""
    before, after = value(edit.before, context), value(edit.after, context)
    if edit.kind != "operand" or before is None or after is None:
        return False
    wanted = ("log", after, before)
    return any((link.operation, link.argument, link.statement.name) == wanted for link in links(context))


def _wrong(rule: Rule) -> Iterator[Expression]:
    """Yield the upstream gradient divided by the logarithm."""
    for term in rule.terms:
        if len(rule.terms) == 1 and term.activation is not None and term.activation[0] == "log":
            yield call("div", term.upstream or ONE, term.activation[2])


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are those of one of these formulas."""
    return step_values.rule is not None and any(map(step_values.is_worth, _wrong(step_values.rule)))


RULE = Misconception(
    code="log-derivative-on-output",
    title="The derivative of log is taken at its output",
    what="The derivative of log(z) is 1 / z; this line divides by log(z).",
    why=(
        "log'(x) = 1 / x, with the argument below the line. Unlike those of exp and tanh, this derivative is not "
        "written with the output of the function."
    ),
    instead="Divide by what goes into the logarithm.",
    instructor=(
        "The habit of exp and tanh, whose derivatives are written with the output, carried over. Ask for the slope of"
        " log at 1, where log is 0."
    ),
    recognises=recognises,
    hit=Example("elementary-chain", "ds", "dl / s", "dl / l"),
    miss=Example("elementary-chain", "ds", "dl / s", "dl * s"),
    fits_values=fits_values,
)
