"""A loop over examples or time steps stops one pass early or starts one pass late."""

from __future__ import annotations

from typing import Any

from grader.diagnosis.chain_rule.numbers import shape_of
from grader.diagnosis.chain_rule.rule import Rule, put_names_for_derivatives
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Expression, Index, text


def recognises(edit: Edit, context: Context) -> bool:
    """Always False: no small edit is specific to this mistake; only the values show it."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether a derivative computed in a loop lacks the contribution of the first or last example or time step."""
    if not step_values.in_loop:
        return False
    rule = step_values.rule
    if rule is not None and rule.known and len(rule.terms) > 2:
        ends = (rule.without(rule.terms[0]), rule.without(rule.terms[-1]))
        if _is_over_time(rule) and any(one is not None and step_values.is_worth(one) for one in ends):
            return True
    formula = step_values.written_out
    if formula is None:
        return False
    sizes = {one.shape[0] for one in step_values.derivation.exercise.inputs if len(one.shape) > 1}
    sides = (slice(1, None), slice(None, -1))
    return any(
        _is_worth_without(step_values, formula, size, side)
        for size in sizes - set(shape_of(step_values.right[0]))
        for side in sides
    )


def _is_over_time(rule: Rule) -> bool:
    """Whether all terms go through members of one family."""
    bases = {text(term.through.base) if isinstance(term.through, Index) else "" for term in rule.terms}
    return len(bases) == 1 and "" not in bases


def _is_worth_without(step_values: StepValues, formula: Expression, size: int, side: slice) -> bool:
    """Whether the values are those of the formula with every array over the examples cut to `side`."""
    named, read = put_names_for_derivatives(formula)

    def values(k: int) -> dict[str, Any]:
        held = {name: step_values.derivation.value(node, k) for name, node in read.items()}
        cut = {name: value[side] for name, value in held.items() if shape_of(value)[:1] == (size,)}
        return held | cut

    first = {name: step_values.derivation.value(node, 0) for name, node in read.items()}
    counted = any(shape_of(value)[:1] == (size,) for value in first.values())
    return counted and step_values.is_worth_with(values, named)


RULE = Misconception(
    code="loop-bound-off-by-one",
    title="A loop is one pass short",
    what="The first or the last pass of the loop is missing in this sum.",
    why=(
        "range(a, b) ends before b: range(n - 1) leaves out the last of n, range(1, n) the first. Every example, "
        "and every time step, adds a term to the derivative."
    ),
    instead="Print the first and the last index of the loop, and compare them with the forward pass.",
    instructor=(
        "Often from a forward loop that starts at 1 because there is an initial state. Ask which index the first "
        "and the last pass have."
    ),
    recognises=recognises,
    hit=Example("two-layers", "db1", "dZ1.sum(axis=0)", "np.zeros(4)\nfor i in range(n - 1):\n    db1 = db1 + dZ1[i]"),
    miss=Example("two-layers", "db1", "dZ1.sum(axis=0)", "np.zeros(4)\nfor i in range(n):\n    db1 = db1 + 3 * dZ1[i]"),
    fits_values=fits_values,
)
