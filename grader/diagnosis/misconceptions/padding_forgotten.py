"""An index into the padded array is used as an index into the array itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.diagnosis.chain_rule.numbers import shape_of
from grader.diagnosis.chain_rule.rule import target_of, total_of
from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Call, Derivative, Expression, Name, Number, text, walk


def recognises(edit: Edit, context: Context) -> bool:
    """Always False here; `repair_trials.named_changes` recognises it in repairs that were found by running."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the gradient by the padded array, cut to the array's length at one end."""
    if step_values.pair is None:
        return False
    of, by = step_values.pair
    for statement in step_values.derivation.statements:
        match statement.value:
            case Call("concat", _, options) if _is_padded(statement.value, by):
                dim = dict(options).get("dim")
                axis = int(dim.value) if isinstance(dim, Number) else 0
                whole = total_of(of, target_of(statement))
                if any(step_values.everywhere(_cut(step_values, whole, axis, last)) for last in (0, 1)):
                    return True
    return False


def _is_padded(whole: Expression, by: Expression) -> bool:
    """Whether an array is joined with zeros only: where two arrays are joined, nothing is padded."""
    zeros = [part for part in walk(whole) if isinstance(part, Call) and part.operation in ("zeros", "zeros_like")]
    sizes = {id(inner) for part in zeros for inner in walk(part)}
    others = {part.id for part in walk(whole) if isinstance(part, Name) and id(part) not in sizes}
    return bool(zeros) and others == {text(by)}


def _cut(step_values: StepValues, whole: Derivative, axis: int, last: int) -> Callable[[Any, Any, int], Any]:
    def claim(own: Any, right: Any, k: int) -> Any:
        value, size = step_values.derivation.derivative(whole, k), shape_of(right)[axis]
        if value is None:
            return None
        side = slice(shape_of(value)[axis] - size, None) if last else slice(size)
        return value[(slice(None),) * axis + (side,)]

    return claim


RULE = Misconception(
    code="padding-forgotten",
    title="The padding is missing in an index",
    what="This index is off by the padding.",
    why=(
        "Entry j of the array is entry j + pad of the padded one. Its gradient is taken from there as well: the "
        "gradient of the padding itself goes nowhere."
    ),
    instead="Shift the index by the padding.",
    instructor=(
        "The window indices of the padded array are used for the array that was given. Ask where entry 0 of the input "
        "stands in the padded array."
    ),
    recognises=recognises,
    hit=Example("windows", "dx", "dxp[p : 5 + p]", "dxp[:5]"),
    miss=Example("windows", "dx", "dxp[p : 5 + p]", "-dxp[p : 5 + p]"),
    fits_values=fits_values,
)
