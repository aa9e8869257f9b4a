"""Derivatives written in the formula language itself: what comes back through a formula, and what goes on.

`pulled` takes what arrives from above a formula (the upstream) down to one quantity in it: for `out = x @ w` and the
upstream u it gives the vector-Jacobian product `u @ w.T` at x. `pushed` carries a tangent of x on: `dx @ w`. The rules
are those of Griewank and Walther, "Evaluating Derivatives", chapter 3; for matrices Giles, "Collected matrix
derivative results". What has no rule here gives None: nothing is written rather than something that might not be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from grader.formula.syntax import Call, Expression, Flag, Number, Place, text, walk
from grader.formula.syntax import Sequence as Items

NOWHERE = Place(1, 1, 1, 1)
"""The place of what nobody typed."""

Shape = tuple[int, ...]
ShapeOf = Callable[[Expression], Shape]


@dataclass(frozen=True, slots=True)
class _Upstream:
    """What arrives, and its shape: smaller than the node's where broadcasting will make up for it."""

    value: Expression
    shape: Shape


def number(value: float) -> Number:
    return Number(int(value) if float(value).is_integer() else value, NOWHERE)


ONE = number(1)


def call(operation: str, *arguments: Expression, **options: Expression) -> Call:
    return Call(operation, arguments, tuple(sorted(options.items())), NOWHERE)


def times(left: Expression, right: Expression) -> Expression:
    """A product, without factors of 1 and with the sign in front."""
    if _is_one(left):
        return right
    if _is_one(right):
        return left
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Call) and one.operation == "div" and _is_one(one.arguments[0]):
            return call("div", other, one.arguments[1])
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Call) and one.operation == "neg":
            return negative(times(one.arguments[0], other))
    return call("mul", left, right)


def negative(node: Expression) -> Expression:
    return node.arguments[0] if isinstance(node, Call) and node.operation == "neg" else call("neg", node)


def _is_one(node: Expression) -> bool:
    return isinstance(node, Number) and node.value == 1


def pulled(
    formula: Expression, result: Expression, wanted: Expression, upstream: Expression, shape: Shape, shape_of: ShapeOf
) -> tuple[Expression, ...] | None:
    """What comes back at `wanted` from each place it stands at in `formula`; None where one has no rule.

    `result` is the name the formula is bound to, `shape` that of `upstream`; `shape_of` tells any formula's shape."""
    key = text(wanted)
    found: list[Expression] = []
    for contribution in _down(formula, result, _Upstream(upstream, shape), key, shape_of):
        if contribution is None:
            return None
        found.append(contribution)
    return tuple(found)


def pushed(formula: Expression, result: Expression, wanted: Expression, tangent: Expression) -> Expression | None:
    """How fast a formula bound to `result` changes with `wanted`, which changes by `tangent` and has the shape of what
    it is combined with; None where there is no rule."""
    key = text(wanted)
    if text(formula) == key:
        return tangent
    if not isinstance(formula, Call):
        return None
    total: Expression | None = None
    for place, argument in enumerate(formula.arguments):
        if not _mentions(argument, key):
            continue
        inner = pushed(argument, argument, wanted, tangent)
        part = None if inner is None else _carried(formula, place, result, inner)
        if part is None:
            return None
        total = part if total is None else call("add", total, part)
    return total


def _carried(node: Call, place: int, out: Expression, tangent: Expression) -> Expression | None:
    """The tangent of a call, given that of one argument."""
    if node.operation in SLOPES and len(node.arguments) == 1:
        return times(SLOPES[node.operation](node.arguments[0], out), tangent)
    if node.operation in ("add", "sub", "neg"):
        return negative(tangent) if node.operation == "neg" or (node.operation == "sub" and place == 1) else tangent
    if node.operation in ("mul", "div", "pow"):
        local = _arithmetic(node, place, out)
        return None if local is None else times(local, tangent)
    if node.operation in _LINEAR and not _is_one(tangent):
        arguments = (*node.arguments[:place], tangent, *node.arguments[place + 1 :])
        return Call(node.operation, arguments, node.options, NOWHERE)
    return None


_LINEAR = frozenset(
    {"matmul", "dot", "outer", "sum", "mean", "transpose_all", "matrix_transpose", "transpose"}
    | {"reshape", "unsqueeze", "squeeze", "flatten"}
)


def _mentions(node: Expression, key: str) -> bool:
    return any(text(part) == key for part in walk(node))


def _down(node: Expression, out: Expression, up: _Upstream, key: str, shape_of: ShapeOf) -> Iterator[Expression | None]:
    if text(node) == key:
        yield _full(up, node, shape_of).value
        return
    if not isinstance(node, Call):
        # An index of something that is no quantity by itself scatters: there is no formula for that.
        yield None
        return
    for place, argument in enumerate(node.arguments):
        if not _mentions(argument, key) or _is_flat(node, place):
            continue
        passed = _through(node, place, out, up, shape_of)
        if passed is None:
            yield None
        else:
            yield from _down(argument, argument, passed, key, shape_of)


def _is_flat(node: Call, place: int) -> bool:
    """Whether a call does not change with an argument, but for jumps."""
    return node.operation in ("gt", "ge", "lt", "le", "eq", "ne", "sign", "detach", "ones_like", "zeros_like") or (
        node.operation == "where" and place == 0
    )


def _full(up: _Upstream, node: Expression, shape_of: ShapeOf) -> _Upstream:
    """The upstream at the node's own shape."""
    shape = shape_of(node)
    if up.shape == shape:
        return up
    return _Upstream(times(up.value, call("ones_like", node)), shape)


def _through(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    """What arrives at an argument of a call, given what arrives at the call."""
    argument = node.arguments[place]
    if node.operation in SLOPES and len(node.arguments) == 1:
        return _Upstream(times(SLOPES[node.operation](argument, out), up.value), shape_of(node))
    if node.operation in ("add", "sub", "neg"):
        flipped = node.operation == "neg" or (node.operation == "sub" and place == 1)
        same = _Upstream(negative(up.value) if flipped else up.value, up.shape)
        return _unbroadcast(same, node, argument, shape_of)
    if node.operation in ("mul", "div", "pow"):
        local = _arithmetic(node, place, out)
        if local is None:
            return None
        linear = node.operation == "mul" or (node.operation == "div" and place == 0)
        own = shape_of(node.arguments[1 - place]) if linear else shape_of(node)
        grown = _Upstream(times(local, up.value), _broadcast(up.shape, own))
        return _unbroadcast(grown, node, argument, shape_of)
    rule = _RULES.get(node.operation)
    return rule(node, place, out, up, shape_of) if rule is not None else None


def _arithmetic(node: Call, place: int, out: Expression) -> Expression | None:
    """The local derivative of a product, a quotient or a power."""
    left, right = node.arguments
    if node.operation == "mul":
        return right if place == 0 else left
    if node.operation == "div":
        if place == 0:
            return call("div", ONE, right)
        return negative(call("div", left, call("pow", right, number(2))))
    if place == 1:
        return times(out, call("log", left))
    if not isinstance(right, Number):
        return times(right, call("pow", left, call("sub", right, ONE)))
    lower = right.value - 1
    return times(right, left if lower == 1 else ONE if lower == 0 else call("pow", left, number(lower)))


def _broadcast(left: Shape, right: Shape) -> Shape:
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    padded = (1,) * (len(longer) - len(shorter)) + shorter
    return tuple(max(a, b) if 0 not in (a, b) else 0 for a, b in zip(longer, padded, strict=True))


def _unbroadcast(up: _Upstream, node: Expression, argument: Expression, shape_of: ShapeOf) -> _Upstream:
    """Summed over the axes along which the argument was repeated."""
    small, large = shape_of(argument), shape_of(node)
    if small == large:
        return up
    up = _full(up, node, shape_of)
    if not small:
        return _Upstream(call("sum", up.value), ())
    extra = len(large) - len(small)
    value, shape = up.value, up.shape
    for _ in range(extra):
        value, shape = call("sum", value, dim=number(0)), shape[1:]
    for axis, (size, whole) in enumerate(zip(small, shape, strict=True)):
        if size == 1 and whole > 1:
            value = call("sum", value, dim=number(axis), keepdim=Flag(True, NOWHERE))
    return _Upstream(value, small)


def _square(x: Expression) -> Expression:
    return call("pow", x, number(2))


SLOPES: dict[str, Callable[[Expression, Expression], Expression]] = {
    "exp": lambda x, y: y,
    "expm1": lambda x, y: call("exp", x),
    "log": lambda x, y: call("div", ONE, x),
    "log1p": lambda x, y: call("div", ONE, call("add", ONE, x)),
    "sqrt": lambda x, y: call("div", ONE, call("mul", number(2), y)),
    "rsqrt": lambda x, y: negative(call("mul", number(0.5), call("pow", y, number(3)))),
    "square": lambda x, y: call("mul", number(2), x),
    "reciprocal": lambda x, y: negative(call("div", ONE, _square(x))),
    "abs": lambda x, y: call("sign", x),
    "tanh": lambda x, y: call("sub", ONE, _square(y)),
    "sigmoid": lambda x, y: call("mul", y, call("sub", ONE, y)),
    "sinh": lambda x, y: call("cosh", x),
    "cosh": lambda x, y: call("sinh", x),
    "sin": lambda x, y: call("cos", x),
    "cos": lambda x, y: negative(call("sin", x)),
    "tan": lambda x, y: call("add", ONE, _square(y)),
    "atan": lambda x, y: call("div", ONE, call("add", ONE, _square(x))),
    "relu": lambda x, y: call("gt", x, number(0)),
    "softplus": lambda x, y: call("sigmoid", x),
    "same": lambda x, y: ONE,
}
"""d(y)/d(x) of what acts on each number alone, in terms of x and y."""

Rule = Callable[[Call, int, Expression, _Upstream, ShapeOf], _Upstream | None]


def _transposed(node: Expression) -> Expression:
    return (
        node.arguments[0]
        if isinstance(node, Call) and node.operation == "transpose_all"
        else call("transpose_all", node)
    )


def _of_matmul(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    left, right = node.arguments
    ranks = len(shape_of(left)), len(shape_of(right))
    u = _full(up, node, shape_of).value
    shape = shape_of(node.arguments[place])
    match ranks, place:
        case (2, 2) | (1, 2), 0:
            return _Upstream(call("matmul", u, _transposed(right)), shape)
        case (2, 2) | (2, 1), 1:
            return _Upstream(call("matmul", _transposed(left), u), shape)
        case (2, 1), 0:
            return _Upstream(call("outer", u, right), shape)
        case (1, 2), 1:
            return _Upstream(call("outer", left, u), shape)
        case (1, 1), _:
            return _Upstream(times(right if place == 0 else left, u), shape)
        case (a, b), 0 if a == b and a > 2:
            return _Upstream(call("matmul", u, call("matrix_transpose", right)), shape)
        case (a, b), 1 if a == b and a > 2:
            return _Upstream(call("matmul", call("matrix_transpose", left), u), shape)
    return None


def _of_dot(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    if any(not shape_of(argument) for argument in node.arguments):
        return None
    return _of_matmul(node, place, out, up, shape_of)


def _of_outer(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    left, right = node.arguments
    u = _full(up, node, shape_of).value
    if place == 0:
        return _Upstream(call("matmul", u, right), shape_of(left))
    return _Upstream(call("matmul", _transposed(u), left), shape_of(right))


def _axes(node: Call, rank: int) -> tuple[int, ...] | None:
    """The axes a reduction goes over, counted from the front; None where they cannot be told."""
    options = dict(node.options)
    dim = options.get("dim")
    items: Sequence[Expression] = dim.items if isinstance(dim, Items) else () if dim is None else (dim,)
    if dim is None or (isinstance(dim, Flag) and dim.value is None):
        return tuple(range(rank))
    found = [_whole(item) for item in items]
    return None if None in found else tuple(axis % rank for axis in found if axis is not None)


def _whole(node: Expression) -> int | None:
    match node:
        case Number(value=int() as value):
            return value
        case Call("neg", (Number(value=int() as value),)):
            return -value
        case _:
            return None


def _keeps(node: Call) -> bool:
    kept = dict(node.options).get("keepdim")
    return isinstance(kept, Flag) and bool(kept.value)


def _of_sum(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    argument = node.arguments[0]
    whole = shape_of(argument)
    axes = _axes(node, len(whole))
    if axes is None:
        return None
    value, shape = up.value, up.shape
    if node.operation == "mean":
        count = 1
        for axis in axes:
            count *= whole[axis]
        value = call("div", value, number(count))
    if shape and not _keeps(node):
        for axis in sorted(axes):
            value = call("unsqueeze", value, dim=number(axis))
            shape = (*shape[:axis], 1, *shape[axis:])
    return _Upstream(value, shape)


def _of_softmax(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    u = _full(up, node, shape_of).value
    dim = dict(node.options).get("dim")
    if dim is None:
        return None
    kept = {"dim": dim, "keepdim": Flag(True, NOWHERE)}
    if node.operation == "softmax":
        inner = call("sub", u, call("sum", times(u, out), **kept))
        return _Upstream(times(out, inner), shape_of(node))
    share = times(call("exp", out), call("sum", u, **kept))
    return _Upstream(call("sub", u, share), shape_of(node))


def _of_transpose(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    u = _full(up, node, shape_of)
    back = (
        _transposed(u.value)
        if node.operation == "transpose_all"
        else Call(node.operation, (u.value,), node.options, NOWHERE)
    )
    return _Upstream(back, shape_of(node.arguments[0]))


def _of_reshape(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    u = _full(up, node, shape_of)
    shape = shape_of(node.arguments[0])
    sizes = Items(tuple(map(number, shape)), NOWHERE)
    return _Upstream(call("reshape", u.value, shape=sizes), shape)


def _of_where(node: Call, place: int, out: Expression, up: _Upstream, shape_of: ShapeOf) -> _Upstream | None:
    chosen, zero = node.arguments[0], number(0)
    u = _full(up, node, shape_of)
    parts = (u.value, zero) if place == 1 else (zero, u.value)
    return _unbroadcast(_Upstream(call("where", chosen, *parts), u.shape), node, node.arguments[place], shape_of)


_RULES: dict[str, Rule] = {
    "matmul": _of_matmul,
    "dot": _of_dot,
    "outer": _of_outer,
    "sum": _of_sum,
    "mean": _of_sum,
    "softmax": _of_softmax,
    "log_softmax": _of_softmax,
    "transpose_all": _of_transpose,
    "matrix_transpose": _of_transpose,
    "transpose": _of_transpose,
    "reshape": _of_reshape,
    "unsqueeze": _of_reshape,
    "squeeze": _of_reshape,
    "flatten": _of_reshape,
    "where": _of_where,
}
