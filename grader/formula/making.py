"""Formulas made by us, not read: products without factors of 1, signs in front."""

from __future__ import annotations

from collections.abc import Sequence

from grader.formula.syntax import Call, Expression, Number, Place

NOWHERE = Place(1, 1, 1, 1)
"""The place of what nobody typed."""


def number(value: float) -> Number:
    return Number(int(value) if float(value).is_integer() else value, NOWHERE)


ONE = number(1)


def call(operation: str, *arguments: Expression, **options: Expression) -> Call:
    return Call(operation, arguments, tuple(sorted(options.items())), NOWHERE)


def times(left: Expression, right: Expression) -> Expression:
    """A product, without factors of 1 and with the sign in front."""
    if is_one(left):
        return right
    if is_one(right):
        return left
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Call) and one.operation == "div" and is_one(one.arguments[0]):
            return call("div", other, one.arguments[1])
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Call) and one.operation == "neg":
            return negative(times(one.arguments[0], other))
    return call("mul", left, right)


def negative(node: Expression) -> Expression:
    """A formula with the opposite sign, two signs leaving none."""
    match node:
        case Call("neg", (inner,)):
            return inner
        case Call("mul" | "div", (Call("neg", (inner,)), other)):
            return call(node.operation, inner, other)
        case _:
            return call("neg", node)


def is_one(node: Expression) -> bool:
    return isinstance(node, Number) and node.value == 1


def added(parts: Sequence[Expression]) -> Expression:
    """The sum of one formula or more."""
    whole = parts[0]
    for part in parts[1:]:
        whole = call("add", whole, part)
    return whole
