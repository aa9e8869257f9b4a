"""Generates every small change of one subtree of an expression. It does not judge them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from grader.diagnosis.repair_search.augmented_assignments import ADDED, AGAIN, NOTHING, SET, is_built
from grader.diagnosis.repair_search.edit import TURNED_ROUND, Edit, Kind, is_call, is_number
from grader.diagnosis.repair_search.subtrees import Rebuild, subtrees
from grader.formula.syntax import Call, Expression, Flag, Index, Name, Number, Place, Slice, Text, text, walk
from grader.formula.syntax import Sequence as Items


def single_edits(
    whole: Expression,
    names: Sequence[str],
    factors: Sequence[Expression],
    counts: frozenset[str] = frozenset(),
    trusted: frozenset[int] = frozenset(),
) -> Iterator[Edit]:
    """Yield all edits of one subtree. `names` may replace one another; `factors` may be missing; `counts` are texts of
    integers, which may be off by one or need a square root. Nodes whose `id` is in `trusted` are not edited."""
    roles = _roles(whole)
    for node, rebuild in subtrees(whole):
        if id(node) in trusted:
            continue
        for kind, after in _changes(node, names, factors):
            yield Edit(kind, node, after, whole, rebuild, roles.get(id(node), frozenset()))
        if text(node) in counts:
            for operation in ("sub", "add"):
                after = Call(operation, (node, Number(1, node.place)), (), node.place)
                yield Edit("constant", node, after, whole, rebuild)
            yield Edit("power", node, Call("pow", (node, Number(0.5, node.place)), (), node.place), whole, rebuild)
    if not is_built(whole):
        yield Edit("accumulation", whole, Call(ADDED, (whole,), (), whole.place), whole, lambda new: new)


def _roles(whole: Expression) -> dict[int, frozenset[str]]:
    """Return, by `id`, what nodes are in an expression: a divisor, what a shape or length is taken of, or (part of) the
    second summand, where the sign between the summands could be changed as well."""
    found: dict[int, frozenset[str]] = {}

    def add(node: Expression, role: str) -> None:
        found[id(node)] = found.get(id(node), frozenset()) | {role}

    for part in walk(whole):
        match part:
            case Call("div", (_, divisor)):
                add(divisor, "divisor")
            case Call("shape_of" | "length", (measured,)):
                add(measured, "measured")
            case Call("add" | "sub", (_, second)):
                for one in _operands(second):
                    add(one, "second summand")
    return found


Change = tuple[Kind, Expression]


def _changes(node: Expression, names: Sequence[str], factors: Sequence[Expression]) -> Iterator[Change]:
    match node:
        case Call(operation, (inner, *rest)) if operation in AGAIN or operation == SET:
            # `+=` instead of `=`, `-=` instead of `+=`, or a superfluous statement. Nothing can be put around the root.
            if operation != SET:
                yield "accumulation", inner if len(rest) < 2 else replace(node, operation=SET)
            yield from (("accumulation", replace(node, operation=other)) for other in AGAIN if other != operation)
            yield "statement", Call(NOTHING, (inner, *rest), (), node.place)
            return
        case Name():
            yield from _of_name(node, names)
        case Number():
            yield from _of_number(node, names)
            if abs(node.value) == 1:
                return  # `1 * x` is x
        case Index(keys=keys):
            yield from _of_index(node, keys)
            yield from (("function", Call(function, (node,), (), node.place)) for function in FUNCTIONS)
        case Call("add" | "sub" | "mul" | "div" | "floordiv" | "matmul" | "pow", (left, right)):
            yield from _of_operator(node, left, right)
            yield from (("expression", Name(name, node.place)) for name in names)
        case Call("gt" | "ge" | "lt" | "le" as operation):
            yield "operator", replace(node, operation=TURNED_ROUND[operation])
            if operation in _STRICT:
                yield "operator", replace(node, operation=_STRICT[operation])
        case Call("einsum", options=(("equation", Text() as equation),)):
            for letters in equations(equation.value):
                yield "index", replace(node, options=(("equation", replace(equation, value=letters)),))
        case Call("where", (condition, one, other)):
            yield from _of_branches(node, condition, one, other)
        case Call(arguments=(operand,)):
            if node.operation == "length":
                yield from (("expression", Name(name, node.place)) for name in names)
            yield from _of_function(node, operand)
            if node.operation == "neg":  # `1 / (1 + -z)`
                yield from (("function", Call(function, (node,), (), node.place)) for function in FUNCTIONS)
        case Call(arguments=operands) if operands:
            pass
        case _:
            return
    yield from _around(node, factors)


def equations(equation: str) -> Iterator[str]:
    """Yield what the letters of an `einsum` may have been meant to be: one operand or the result with its last two axes
    exchanged, or one letter another."""
    operands, arrow, result = equation.replace(" ", "").partition("->")
    parts = [*operands.split(","), *([result] if arrow else [])]
    letters = sorted({letter for part in parts for letter in part if letter.isalpha()})
    for number, part in enumerate(parts):
        turned = [part[:-2] + part[-1] + part[-2]] if len(part) > 1 and part[-2:].isalpha() else []
        others = (
            part[:place] + letter + part[place + 1 :]
            for place, old in enumerate(part)
            for letter in letters
            if old.isalpha() and letter not in part
        )
        for other in (*turned, *others):
            changed = [*parts[:number], other, *parts[number + 1 :]]
            read = ",".join(changed[:-1] if arrow else changed)
            if not arrow or set(changed[-1]) <= set(read):
                yield f"{read}->{changed[-1]}" if arrow else read


def _of_branches(node: Call, condition: Expression, one: Expression, other: Expression) -> Iterator[Change]:
    """Yield changes of `where(condition, one, other)`: the two exchanged, or 1 or 0 in place of one."""
    yield "order", replace(node, arguments=(condition, other, one))
    for value in (1, 0):
        number = Number(value, node.place)
        if not is_number(one, value):
            yield "branch", replace(node, arguments=(condition, number, other))
        if not is_number(other, value):
            yield "branch", replace(node, arguments=(condition, one, number))


FUNCTIONS = ("tanh", "sigmoid", "relu", "exp", "log", "sqrt", "square")
"""Functions that may be missing around a name or an entry."""


def _of_name(node: Name, names: Sequence[str]) -> Iterator[Change]:
    for name in names:
        if name != node.id:
            yield "operand", Name(name, node.place)
    for function in FUNCTIONS:
        yield "function", Call(function, (node,), (), node.place)
    # `du * (h > 0)`, where the value of a relu or a hinge was taken for its slope.
    yield "expression", Call("gt", (node, Number(0, node.place)), (), node.place)


def _of_number(node: Number, names: Sequence[str]) -> Iterator[Change]:
    yield from (("expression", Name(name, node.place)) for name in names)
    for number in (0, 1, 2, 3, 4, -1, -2, 0.5, -0.5):
        if number != node.value:
            yield "constant", Number(number, node.place)


def _of_index(node: Index, keys: tuple[Expression, ...]) -> Iterator[Change]:
    if len(keys) == 2 and any(isinstance(one, Flag) for one in keys):  # `e[None, :]` for `e[:, None]`
        yield "index", replace(node, keys=keys[::-1])
    if len(keys) == 1 and isinstance(keys[0], Number):
        is_axis = is_call(node.base, "shape_of")
        for value in (keys[0].value - 1, keys[0].value + 1):
            if value >= 0 or not is_axis:
                kind: Kind = "constant" if is_axis else "index"
                yield kind, replace(node, keys=(Number(value, keys[0].place),))
        return
    if len(keys) == 1 and not isinstance(keys[0], Slice):
        for operation in ("sub", "add"):
            moved = Call(operation, (keys[0], Number(1, keys[0].place)), (), keys[0].place)
            yield "index", replace(node, keys=(moved,))
        if (
            isinstance(keys[0], Call)
            and keys[0].operation in ("add", "sub")
            and isinstance(keys[0].arguments[1], Number)
        ):
            yield "index", replace(node, keys=(keys[0].arguments[0],))


_STRICT = {"ge": "gt", "le": "lt"}

_OTHERS = {
    "add": ("sub", "mul", "div"),
    "sub": ("add", "mul", "div"),
    "mul": ("add", "sub", "div", "matmul"),
    "div": ("mul", "sub", "add"),
    "floordiv": ("div",),
    "matmul": ("mul",),
    "pow": ("mul",),
}


def _of_operator(node: Call, left: Expression, right: Expression) -> Iterator[Change]:
    for other in _OTHERS[node.operation]:
        if not (is_number(right, 1) and other in _PRODUCT):  # `n * 1` is n
            turned = node.operation == "pow" and isinstance(right, Number)  # `2 * w` for `w**2`
            yield "operator", replace(node, operation=other, arguments=(right, left) if turned else (left, right))
    yield from (("operator", one) for one in _split(node))
    if node.operation == "mul" and isinstance(right, Number):  # `h * 2` for `h**2`
        yield "operator", replace(node, operation="pow")
    if node.operation == "mul" and isinstance(left, Number) and left.value < 0:  # `-r` for `-0.5 * r`
        yield "constant", Call("neg", (right,), (), node.place)
    if node.operation in ("div", "matmul") and isinstance(left, Call) and left.operation == "neg":  # the sign stays
        yield "order", replace(node, arguments=(replace(left, arguments=(right,)), left.arguments[0]))
    elif node.operation in ("sub", "div", "matmul", "pow"):
        yield "order", replace(node, arguments=(right, left))
    yield from (("brackets", one) for one in _regrouped(node, left, right))
    if node.operation in ("mul", "div", "matmul"):
        yield "extra_factor", left
        if node.operation != "div":
            yield "extra_factor", right
        else:
            yield "inverse", right
    if node.operation in ("add", "sub"):
        yield "extra_term", left
        yield "extra_term", right
    if node.operation == "pow":
        yield "power", left
        if isinstance(right, Number):
            # Of the variance and of its root, the standard deviation, exponents differ by a factor of two.
            for exponent in (right.value - 1, right.value + 1, -right.value, 2 * right.value, right.value / 2):
                yield "power", replace(node, arguments=(left, Number(exponent, right.place)))
        for moved in _of_a_fraction(right):
            yield "power", replace(node, arguments=(left, moved))
    if node.operation == "matmul":
        yield from (
            ("transpose", replace(node, arguments=(_transposed(left), right))),
            ("transpose", replace(node, arguments=(left, _transposed(right)))),
            ("transpose", replace(node, arguments=(_transposed(right), left))),
            ("transpose", replace(node, arguments=(_transposed(left), _transposed(right)))),
        )


def _of_a_fraction(node: Expression) -> Iterator[Expression]:
    """Yield a fraction of two numbers less one and plus one: `-3/2` for `-1/2`."""
    match node:
        case Call("div", (top, Number(value=below))) if (above := signed_number(top)) is not None:
            for number in (above - below, above + below):
                yield replace(node, arguments=(Number(number, top.place), node.arguments[1]))


def signed_number(node: Expression) -> float | None:
    """Return the value of a typed number, with its sign; None for anything else."""
    match node:
        case Number(value=number):
            return number
        case Call("neg", (Number(value=number),)):
            return -number
        case _:
            return None


_SUM, _PRODUCT = ("add", "sub"), ("mul", "div")


def _regrouped(node: Call, left: Expression, right: Expression) -> Iterator[Expression]:
    """Yield what the same text says with brackets set or left out: `1 - h**2 * d`, `(1 - h**2) * d`, `(1 - h)**2 * d`,
    and `a / 2 * r`, `a / (2 * r)`."""
    if node.operation in _SUM:
        for first, around in _leading(right):
            yield around(replace(node, arguments=(left, first)))
        if isinstance(left, Call) and left.operation in _PRODUCT:
            yield replace(left, arguments=(left.arguments[0], replace(node, arguments=(left.arguments[1], right))))
        if isinstance(right, Call) and right.operation == "pow":
            yield replace(right, arguments=(replace(node, arguments=(left, right.arguments[0])), right.arguments[1]))
        for inner, around in _last_arguments(left):
            yield around(replace(node, arguments=(inner, right)))
    if isinstance(left, Call) and len(left.arguments) == 2:
        first, second = left.arguments
        if (node.operation in _PRODUCT and left.operation in _SUM) or (
            node.operation == "pow" and left.operation in (*_SUM, *_PRODUCT)
        ):
            yield replace(left, arguments=(first, replace(node, arguments=(second, right))))
        if node.operation == "mul" and left.operation == "div":
            yield replace(left, arguments=(first, replace(node, arguments=(second, right))))
    if isinstance(right, Call) and len(right.arguments) == 2:
        first, second = right.arguments
        if (node.operation == "mul" and right.operation in _SUM) or (
            node.operation == "div" and right.operation == "mul"
        ):
            yield replace(right, arguments=(replace(node, arguments=(left, first)), second))


def _split(node: Call) -> Iterator[Expression]:
    """Yield what a product of three or more factors is with `+` or `-` in place of one `*`."""
    if node.operation != "mul":
        return
    # Factors of a helper that is read here are on another line: they stay together.
    factors = factors_of(node, node.place.line)
    for place in range(1, len(factors) - 1):  # the last one is changed above
        left, right = (_product(part) for part in (factors[:place], factors[place:]))
        for operation in _SUM:
            yield replace(node, operation=operation, arguments=(left, right))


def _product(factors: Sequence[Expression]) -> Expression:
    whole = factors[0]
    for one in factors[1:]:
        whole = Call("mul", (whole, one), (), one.place)
    return whole


def _leading(product: Expression) -> Iterator[tuple[Expression, Rebuild]]:
    """Yield the first factor of a product, the product of the first two and so on, each with a function that puts
    another expression in its place."""
    if isinstance(product, Call) and product.operation in _PRODUCT:
        first, second = product.arguments
        yield first, lambda new: replace(product, arguments=(new, second))
        for inner, around in _leading(first):
            yield inner, lambda new, around=around: replace(product, arguments=(around(new), second))  # type: ignore[misc]  # no type for a default


def _last_arguments(node: Expression) -> Iterator[tuple[Expression, Rebuild]]:
    """Yield the argument of the function that an expression ends with, and the base of its power, each with a function
    that puts another expression in its place: `var` of `1 / sqrt(var)`."""
    match node:
        case Call("div" | "mul", (first, second)):
            for inner, around in _last_arguments(second):
                yield inner, lambda new, around=around: replace(node, arguments=(first, around(new)))  # type: ignore[misc]  # no type for a default
        case Call("pow", (base, Number() as exponent)):
            yield base, lambda new: replace(node, arguments=(new, exponent))
        case Call(operation, (inner,), ()) if operation in FUNCTIONS:
            yield inner, lambda new: replace(node, arguments=(new,))


def _transposed(node: Expression) -> Expression:
    """Return the transpose of a node; of `-a` and `2 * a` that of `a`, with the sign or the number as it was."""
    match node:
        case Call("transpose_all", (inner,)):
            return inner
        case Call("neg", (inner,)):
            return replace(node, arguments=(_transposed(inner),))
        case Call("mul", (Number() as number, inner)):
            return replace(node, arguments=(number, _transposed(inner)))
        case _:
            return Call("transpose_all", (node,), (), node.place)


_REDUCTIONS = ("sum", "mean")


def _of_function(node: Call, operand: Expression) -> Iterator[Change]:
    if node.operation == "same":
        return  # `np.array(x)` and `x.copy()` are x, and stand for no other function of it
    if node.operation == "neg":
        yield "sign", operand
        return
    if node.operation == "transpose_all":
        yield "transpose", operand
        return
    if node.operation in ("sum", "mean", "max"):
        yield "reduction", operand
        for other in _REDUCTIONS:
            if other != node.operation:
                yield "reduction", replace(node, operation=other)
        if "dim" in dict(node.options):
            others = tuple(one for one in node.options if one[0] != "keepdim")
            kept = (*others, ("keepdim", Flag(True, node.place)))
            yield "kept_axis", replace(node, options=others if len(others) < len(node.options) else kept)
        for axis in _axes(node.place):
            options = tuple(one for one in node.options if one[0] != "dim")
            changed = options if axis is None else (("dim", axis), *options)
            if [(key, text(value)) for key, value in changed] != [(key, text(value)) for key, value in node.options]:
                yield "axis", replace(node, options=tuple(sorted(changed, key=lambda one: one[0])))
            if axis is not None and not node.options:
                yield "axis", replace(node, options=(("dim", axis), ("keepdim", Flag(True, node.place))))
        # `x.sum(axis=0).sum(axis=0)` and `x[0].sum(axis=0)` as one sum over the right axes.
        inner = operand
        while isinstance(inner, Index) or (isinstance(inner, Call) and inner.operation == node.operation):
            inner = inner.base if isinstance(inner, Index) else inner.arguments[0]
            for axis in _axes(node.place):
                yield "axis", replace(node, arguments=(inner,), options=() if axis is None else (("dim", axis),))
        return
    if node.operation in ("var", "std"):
        others = tuple(one for one in node.options if one[0] != "correction")
        had = dict(node.options).get("correction")
        if had is not None:
            yield "function", replace(node, options=others)
        for count in (0, 1):
            if had is None or not is_number(had, count):
                corrected = tuple(sorted((*others, ("correction", Number(count, node.place))), key=lambda one: one[0]))
                yield "function", replace(node, options=corrected)
    yield "function", operand
    for other in ("tanh", "sigmoid", "exp", "log", "sqrt", "sin", "cos", "cosh", "sinh"):
        if other != node.operation and not node.options:
            yield "function", replace(node, operation=other)


def _axes(place: Place, of: int = 4) -> Iterator[Expression | None]:
    """Yield the possible axes of a reduction: all (None), then one, two or three of four, or of fewer."""
    yield None
    single = [Number(axis, place) for axis in range(min(of, 4))]
    yield from single
    for count in (2, 3):
        yield from (Items(axes, place) for axes in combinations(single, count))


def _around(node: Expression, factors: Sequence[Expression]) -> Iterator[Change]:
    """Yield changes that put something around a subtree: a sign, a square, an inverse, a factor or a summand."""
    place = node.place
    yield "sign", Call("neg", (node,), (), place)
    if not isinstance(node, Number):  # nobody writes `2**2`
        yield "power", Call("pow", (node, Number(2, place)), (), place)
    if isinstance(node, Name | Index):
        yield "power", Call("pow", (node, Number(3, place)), (), place)
    yield "inverse", Call("div", (Number(1, place), node), (), place)
    yield "complement", Call("sub", (Number(1, place), node), (), place)
    yield "missing_one", Call("add", (Number(1, place), node), (), place)
    yield "missing_one", Call("sub", (node, Number(1, place)), (), place)
    if isinstance(node, Call) and node.operation == "neg":
        yield "missing_one", Call("sub", (Number(1, place), *node.arguments), (), place)
    for number in (2, 0.5, 3):
        inner, signed = (
            (node.arguments[0], -number) if isinstance(node, Call) and node.operation == "neg" else (node, number)
        )  # `-2 * x`
        yield "missing_factor", Call("mul", (Number(signed, place), inner), (), place)
    for factor in factors:
        yield from with_factor(node, factor)
        yield from with_term(node, factor)


def with_factor(node: Expression, factor: Expression) -> Iterator[Change]:
    yield "missing_factor", Call("mul", (node, factor), (), node.place)
    if text(node) == text(factor):
        yield "missing_factor", Number(1, node.place)  # and not `x / x`
    else:
        yield "missing_factor", Call("div", (node, factor), (), node.place)


def with_matrix(node: Expression, factor: Expression) -> Iterator[Change]:
    """Yield products of `node` with a missing matrix at its left or right, one of the two possibly transposed."""
    for left, right in ((node, factor), (factor, node)):
        for first in (left, _transposed(left)):
            yield "missing_factor", Call("matmul", (first, right), (), node.place)
        yield "missing_factor", Call("matmul", (left, _transposed(right)), (), node.place)


def less_one(node: Number, term: Expression) -> Expression:
    """Return what replaces the number 1 or -1 if `term` was forgotten: `n - 1` for 1, `1 - n` for -1."""
    parts = (term, node) if node.value == 1 else (Number(1, node.place), term)
    return Call("sub", parts, (), node.place)


def with_term(node: Expression, term: Expression, kind: Kind = "missing_term") -> Iterator[Change]:
    yield kind, Call("add", (node, term), (), node.place)
    yield kind, Call("sub", (node, term), (), node.place)


def _operands(node: Expression) -> Iterator[Expression]:
    """Yield the factors and divisors of a product."""
    if isinstance(node, Call) and node.operation in _PRODUCT:
        for one in node.arguments:
            yield from _operands(one)
    else:
        yield node


def factors_of(node: Expression, line: int | None = None) -> list[Expression]:
    """Return the factors of a product; with a line, those of the products that begin there."""
    if isinstance(node, Call) and node.operation == "mul" and line in (None, node.place.line):
        return [*factors_of(node.arguments[0], line), *factors_of(node.arguments[1], line)]
    return [node]


def reductions(node: Expression, count: int) -> Iterable[Change]:
    """Yield reductions, and a transpose, that may be missing around a tensor with `count` axes."""
    place = node.place
    for operation in _REDUCTIONS:
        yield "reduction", Call(operation, (node,), (), place)
        for axis in (0, 1):
            options: tuple[tuple[str, Expression], ...] = (("dim", Number(axis, place)),)
            yield "reduction", Call(operation, (node,), options, place)
            yield "reduction", Call(operation, (node,), (*options, ("keepdim", Flag(True, place))), place)
    if count > 2:
        for axes in _axes(place, count):
            if axes is not None:
                yield "reduction", Call("sum", (node,), (("dim", axes),), place)
    else:  # of more axes it turns all round, which nobody means
        yield "transpose", turned(node)


def turned(node: Expression) -> Expression:
    """Return the transpose of a node; of an outer product, or a product with a transposed operand, the
    product the other way round."""
    match node:
        case Call("outer", (left, right)):
            return replace(node, arguments=(right, left))
        case Call("matmul", (left, right)) if is_call(left, "transpose_all") or is_call(right, "transpose_all"):
            return replace(node, arguments=(_transposed(right), _transposed(left)))
        case _:
            return _transposed(node)
