"""Build formulas that were not parsed from a text: products without factors of 1, signs in front."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from grader.formula.syntax import Call, Expression, Index, Name, Number, Place, text

NOWHERE = Place(1, 1, 1, 1)
"""The place of nodes that come from no text."""


def number(value: float) -> Number:
    return Number(int(value) if float(value).is_integer() else value, NOWHERE)


ONE = number(1)


def call(operation: str, *arguments: Expression, **options: Expression) -> Call:
    return Call(operation, arguments, tuple(sorted(options.items())), NOWHERE)


def size_of_matrix(array: Name) -> Call:
    """Return the number of entries of a matrix: its rows times its columns (`is_size_of_matrix`)."""
    rows = call("length", array)
    return call("mul", rows, Index(call("shape_of", array), (number(1),), NOWHERE))


def is_size_of_matrix(node: Expression) -> bool:
    """Whether `size_of_matrix` made this: in a text it is `x.size`."""
    match node:
        case Call("mul", (Call("length", (one,)), Index(Call("shape_of", (other,)), (Number(value=1),)))):
            return one is other
        case _:
            return False


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


def divided(node: Expression, divisor: Expression) -> Expression:
    """A quotient, with one divisor where the node is divided by a number already: `x / (2 * n)` for `x / 2 / n`."""
    match node:
        case Call("div", (above, Number() as below)):
            return replace(node, arguments=(above, call("mul", below, divisor)))
        case _:
            return call("div", node, divisor)


def negative(node: Expression) -> Expression:
    """A formula with the opposite sign; two signs cancel."""
    match node:
        case Call("neg", (inner,)):
            return inner
        case Call("mul" | "div", (first, other)) if begins_with_sign(first):
            return call(node.operation, negative(first), other)
        case _:
            return call("neg", node)


def begins_with_sign(node: Expression) -> bool:
    """Whether a formula is written with a sign in front: `-x`, `-x * y`."""
    match node:
        case Call("neg"):
            return True
        case Call("mul" | "div", (first, _)):
            return begins_with_sign(first)
        case _:
            return False


def is_one(node: Expression) -> bool:
    return isinstance(node, Number) and node.value == 1


def added(parts: Sequence[Expression]) -> Expression:
    """The sum of one or more formulas."""
    whole = parts[0]
    for part in parts[1:]:
        whole = call("add", whole, part)
    return whole


def raised(node: Expression, power: int) -> Expression:
    return node if power == 1 else call("pow", node, number(power))


def summands(node: Expression) -> list[Expression]:
    """Return what a sum adds up: what is used twice in one statement has a term with two parts."""
    match node:
        case Call("add", (left, right)):
            return [*summands(left), *summands(right)]
        case _:
            return [node]


def cancelled(node: Expression) -> Expression:
    """Simplify a formula: no factors of 1, no numbers that cancel, the sign in front of a sum, a trace by its name, and
    one divisor where a number is one of two: `2 * W * (r / 2)` is `W * r`, and `W / 2 / n` is `W / (2 * n)`. What does
    not cancel keeps its order."""
    match node:
        case Call("div", (Call("div", (_, Number())) as quotient, divisor)) if not is_one(divisor):
            return divided(cancelled(quotient), cancelled(divisor))
        case Call("pow", (base, Number(value=1))):
            return cancelled(base)
        case Call("pow", (Call("pow", (base, Number(value=int(first)))), Number(value=int(second)))):
            return replace(node, arguments=(cancelled(base), number(first * second)))
        case Call("add" | "sub", (left, Number(value=0))):
            return cancelled(left)
        case Call("sub", (left, Call("sub", (other, rest)))) if text(left) == text(other):
            return cancelled(rest)
        case Call("mul" | "div"):
            above, below = _factors(node, [], [])
            kept = [one for one in above if not is_one(one)]
            under = [one for one in below if not is_one(one)]
            for factor in [one for one in kept if isinstance(one, Number)]:
                same = next((one for one in under if isinstance(one, Number) and one.value == factor.value), None)
                if same is not None:
                    kept = [one for one in kept if one is not factor]
                    under = [one for one in under if one is not same]
            if len(kept) + len(under) == len(above) + len(below):
                return _within(node)
            whole = ONE if not kept else kept[0]
            for one in kept[1:]:
                whole = call("mul", whole, one)
            for one in under:
                whole = call("div", whole, one)
            return whole
        case Call("sum", (Call("mul", (Call("eye"), inner) | (inner, Call("eye"))),), ()):
            return call("trace", cancelled(inner))
        case Call("sum" | "mean", (Call("neg", (inner,)),)):
            return negative(replace(node, arguments=(cancelled(inner),)))
        case Call():
            return _within(node)
        case _:
            return node


def signs_first(node: Expression) -> Expression:
    """Return a formula with the signs of factors in front of the product: `x * -y` as `-x * y`, and numbers whose
    product is 1 or -1 left out, `2 * x * (-0.5 * y)` as `-x * y`."""
    if not isinstance(node, Call):
        return node
    inner = tuple(map(signs_first, node.arguments))
    node = node if all(a is b for a, b in zip(inner, node.arguments, strict=True)) else replace(node, arguments=inner)
    above, below, signs = _signed_factors(node)
    numbers = [one for one in above if isinstance(one, Number) and not is_one(one)]
    product = math.prod(one.value for one in numbers)
    drops = len(numbers) > 1 and product in (1, -1)
    if not drops and signs == begins_with_sign(node):
        return node
    kept = [one for one in above if not (is_one(one) or (drops and isinstance(one, Number)))] or [ONE]
    whole = kept[0]
    for one in kept[1:]:
        whole = call("mul", whole, one)
    for one in below:
        whole = call("div", whole, one)
    return negative(whole) if (signs + (drops and product == -1)) % 2 else whole


def _signed_factors(node: Expression) -> tuple[list[Expression], list[Expression], int]:
    """The factors of a product, its divisors, and how many of them have a sign."""
    match node:
        case Call("mul", (left, right)):
            above, below, signs = _signed_factors(left)
            more, under, others = _signed_factors(right)
            return above + more, below + under, signs + others
        case Call("div", (left, right)):
            above, below, signs = _signed_factors(left)
            under, more, others = _signed_factors(right)
            return above + more, below + under, signs + others
        case Call("neg", (inner,)):
            above, below, signs = _signed_factors(inner)
            return above, below, signs + 1
        case _:
            return [node], [], 0


def _within(node: Call) -> Call:
    """The call with its arguments simplified: the same one if none can be."""
    inner = tuple(map(cancelled, node.arguments))
    same = all(one is other for one, other in zip(inner, node.arguments, strict=True))
    return node if same else replace(node, arguments=inner)


def _factors(
    node: Expression, above: list[Expression], below: list[Expression]
) -> tuple[list[Expression], list[Expression]]:
    """The factors of a product, and its divisors."""
    match node:
        case Call("mul", (left, right)):
            _factors(left, above, below)
            _factors(right, above, below)
        case Call("div", (left, right)):
            _factors(left, above, below)
            _factors(right, below, above)
        case _:
            above.append(cancelled(node))
    return above, below
