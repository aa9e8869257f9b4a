"""Augmented and item assignments, `x += e` and `x[i] = e`, as expressions, and the values they bind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.diagnosis.chain_rule.meaning import Names, StudentMeaning, value_of
from grader.diagnosis.chain_rule.numbers import Numeric, has_zero, is_array
from grader.formula.syntax import Call, Expression

ADDED, AGAIN_SUB = "again_add", "again_sub"
"""The root operation of the expression read from `x += e`: e, added to the old value of x; that of `x -= e`."""

AGAIN = {ADDED: "+", AGAIN_SUB: "-", "again_mul": "*", "again_div": "/"}
"""The root operations of augmented assignments, with their operators."""

SET = "again_set"
"""The root operation of `x[i] = e` if it is read with the old value; its arguments are e, the old value of x, and i."""

NOTHING = "again_nothing"
"""The root operation of a statement that should be deleted: the name keeps its old value."""


def is_built(node: Expression) -> bool:
    """Whether this is the root of a statement that builds on an old value: nothing can be put around it."""
    return isinstance(node, Call) and (node.operation in AGAIN or node.operation in (SET, NOTHING))


def addend(operation: str, before: Numeric, right: Numeric) -> Numeric | None:
    """Return the operand with which the augmented assignment turns `before` into `right`; None if undetermined."""
    try:
        match operation:
            case "again_add":
                return right - before
            case "again_sub":
                return before - right
            case "again_mul":
                return None if has_zero(before) else right / before
            case _:
                return None if has_zero(right) else before / right
    except (ArithmeticError, ValueError, TypeError):
        return None


def accumulated(root: Call, passes: Sequence[Names], before: Numeric | None, meaning: StudentMeaning) -> Any:
    """Return the value of a name that held `before` after all passes of `x += e`."""
    if before is None or root.operation == NOTHING:
        return before
    total = before
    for held in passes:
        value = value_of(root.arguments[0], held, meaning)
        if value is None:
            return None
        try:
            total = meaning.apply(root.operation.removeprefix("again_"), [total, value], {})
        except (ArithmeticError, ValueError, TypeError):
            return None
    return total


def put(
    root: Expression,
    keys: Sequence[Expression],
    passes: Sequence[Names],
    before: Numeric | None,
    meaning: StudentMeaning,
) -> Any:
    """Return the value of an array that held `before` after all passes of `x[keys] = e` or `x[keys] += e`."""
    if not is_array(before):
        return None
    total = before.astype(float)
    adds = isinstance(root, Call) and root.operation in AGAIN
    if isinstance(root, Call) and root.operation == NOTHING:
        return total
    for held in passes:
        value = value_of(root.arguments[0] if isinstance(root, Call) and adds else root, held, meaning)
        places = [value_of(key, held, meaning) for key in keys]
        if value is None or any(place is None for place in places):
            return None
        key = tuple(places) if len(places) > 1 else places[0]
        try:
            if isinstance(root, Call) and adds:
                value = meaning.apply(root.operation.removeprefix("again_"), [total[key], value], {})
            total[key] = value
        except (ArithmeticError, ValueError, TypeError, IndexError):
            return None
    return total
