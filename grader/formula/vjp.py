"""Derivatives written in the formula language itself: vector-Jacobian and Jacobian-vector products.

`vjp` (reverse mode) takes the upstream of a formula down to one quantity in it: for `out = x @ w` and the upstream u
it gives the vector-Jacobian product `u @ w.T` at x. `jvp` (forward mode) carries a tangent of x on: `dx @ w`. The
rules are those of Griewank and Walther, "Evaluating Derivatives", chapter 3; for matrices Giles, "Collected matrix
derivative results". Where there is no rule, the result is None: no formula rather than one that may be wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from grader.formula.array_rules import (
    RULES,
    Rule,
    Shape,
    ShapeOf,
    UnknownShapeError,
    Upstream,
    broadcast,
    full,
    of_picked,
    unbroadcast,
)
from grader.formula.build import NOWHERE, ONE, call, is_one, negative, number, times
from grader.formula.syntax import Call, Expression, Index, Number, text, walk


def vjp(
    formula: Expression, result: Expression, wanted: Expression, upstream: Expression, shape: Shape, shape_of: ShapeOf
) -> tuple[Expression, ...] | None:
    """Return the contributions to the adjoint of `wanted`, one for each place where it occurs in `formula`; None if one
    of them has no rule, or a rule needs a shape that is not known.

    `result` is the name the formula is bound to, `shape` that of `upstream`; `shape_of` gives any formula's shape."""
    key = text(wanted)
    found: list[Expression] = []
    try:
        for contribution in _down(formula, result, Upstream(upstream, shape), key, shape_of):
            if contribution is None:
                return None
            found.append(contribution)
    except UnknownShapeError:
        return None
    return tuple(found)


def jvp(formula: Expression, result: Expression, wanted: Expression, tangent: Expression) -> Expression | None:
    """Return the tangent of a formula bound to `result`, if `wanted` has this `tangent`, which has the shape of what it
    is combined with; None if there is no rule."""
    key = text(wanted)
    if text(formula) == key:
        return tangent
    if not isinstance(formula, Call):
        return None
    total: Expression | None = None
    for place, argument in enumerate(formula.arguments):
        if not _mentions(argument, key):
            continue
        inner = jvp(argument, argument, wanted, tangent)
        part = None if inner is None else _tangent_of(formula, place, result, inner)
        if part is None and (written := _expanded(formula)) is not None:
            return jvp(written, result, wanted, tangent)
        if part is None:
            return None
        total = part if total is None else call("add", total, part)
    return total


def _tangent_of(node: Call, place: int, out: Expression, tangent: Expression) -> Expression | None:
    """The tangent of a call, given the tangent of one argument."""
    if _has_slope(node):
        return times(SLOPES[node.operation](node.arguments[0], out), tangent)
    if node.operation in ("add", "sub", "neg"):
        return negative(tangent) if node.operation == "neg" or (node.operation == "sub" and place == 1) else tangent
    if node.operation in ("mul", "div", "pow"):
        local = _arithmetic(node, place, out)
        return None if local is None else times(local, tangent)
    if node.operation in _LINEAR and not is_one(tangent):
        arguments = (*node.arguments[:place], tangent, *node.arguments[place + 1 :])
        return Call(node.operation, arguments, node.options, NOWHERE)
    return None


_LINEAR = frozenset(
    {"matmul", "dot", "outer", "sum", "mean", "transpose_all", "matrix_transpose", "transpose"}
    | {"reshape", "unsqueeze", "squeeze", "flatten"}
)


def _mentions(node: Expression, key: str) -> bool:
    return any(text(part) == key for part in walk(node))


def _down(node: Expression, out: Expression, up: Upstream, key: str, shape_of: ShapeOf) -> Iterator[Expression | None]:
    if text(node) == key:
        yield full(up, node, shape_of).value
        return
    if isinstance(node, Index) and isinstance(node.base, Call) and node.base.operation in SEVERAL:
        alone = _one_of_several(node.base, node.keys, shape_of)
        if _is_sign(node):
            return
        if alone is None:
            yield None
        else:
            yield from _down(alone, out, up, key, shape_of)
        return
    if isinstance(node, Index) and isinstance(node.base, Call) and node.base.operation in FLAT:
        return
    if isinstance(node, Index):
        if not _mentions(node.base, key):
            return  # which entries are picked changes in jumps only
        picked = of_picked(node, up, shape_of)
        if picked is None:
            yield None
        else:
            yield from _down(node.base, node.base, picked, key, shape_of)
        return
    if not isinstance(node, Call):
        yield None
        return
    for place, argument in enumerate(node.arguments):
        if not _mentions(argument, key) or _is_flat(node, place):
            continue
        passed = _through(node, place, out, up, shape_of)
        if passed is None and (written := _expanded(node)) is not None:
            yield from _down(written, out, up, key, shape_of)
            return
        if passed is None:
            yield None
        else:
            yield from _down(argument, argument, passed, key, shape_of)


def _has_slope(node: Call) -> bool:
    # An option may be another slope: `softplus(x, beta=2)`.
    return node.operation in SLOPES and len(node.arguments) == 1 and not node.options


def _expanded(node: Call) -> Expression | None:
    from grader.formula.compositions import expanded  # few formulas need it

    return expanded(node, derivative=True)


SEVERAL = frozenset({"slogdet", "eigh", "svd", "qr", "split", "chunk", "unbind"})
"""Operations whose result is several arrays."""


def _is_sign(node: Index) -> bool:
    """Whether this is the sign of a determinant, which changes in jumps only."""
    match node:
        case Index(Call("slogdet"), (Number(value=0),)):
            return True
    return False


_ALONE = {("slogdet", 1): "logdet", ("eigh", 0): "eigvalsh", ("svd", 1): "svdvals"}


def _one_of_several(base: Call, keys: tuple[Expression, ...], shape_of: ShapeOf) -> Expression | None:
    """One of several arrays as the result of an operation of its own."""
    match keys:
        case (Number(value=int() as at),):
            pass
        case _:
            return None
    if (base.operation, at) in _ALONE:
        return call(_ALONE[base.operation, at], *base.arguments)
    dim = dict(base.options).get("dim", number(0))
    if base.operation == "unbind":
        return call("select", *base.arguments, dim=dim, index=number(at))
    if base.operation not in ("split", "chunk") or at < 0 or not isinstance(dim, Number):
        return None
    sizes = [shape_of(Index(base, (number(one),), NOWHERE))[int(dim.value)] for one in range(at + 1)]
    return call("narrow", *base.arguments, dim=dim, start=number(sum(sizes[:-1])), length=number(sizes[-1]))


def _is_flat(node: Call, place: int) -> bool:
    """Whether a call does not change with an argument, except for jumps: the derivative is 0."""
    return node.operation in FLAT or (node.operation, place) in (("where", 0), ("masked_select", 1))


FLAT = frozenset(
    [
        "gt",
        "ge",
        "lt",
        "le",
        "eq",
        "ne",
        "sign",
        "detach",
        "ones_like",
        "zeros_like",
        "length",
        "shape_of",
        "argmax",
        "one_hot",
        "floor",
        "ceil",
        "round",
        "trunc",
        "not_",
        "xor_",
        "isinf",
        "isfinite",
        "argmin",
        "argsort",
        "topk_indices",
        "any",
        "all",
        "count_nonzero",
        "full_like",
        "heaviside",
        "matrix_rank",
        "floordiv",
        "and_",
        "or_",
        "isnan",
    ]
)
"""Operations whose result does not change with their arguments, except for jumps."""


def _through(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The upstream of an argument of a call, given the upstream of the call."""
    argument = node.arguments[place]
    if _has_slope(node):
        return Upstream(times(SLOPES[node.operation](argument, out), up.value), shape_of(node))
    if node.operation in ("add", "sub", "neg"):
        flipped = node.operation == "neg" or (node.operation == "sub" and place == 1)
        same = Upstream(negative(up.value) if flipped else up.value, up.shape)
        return unbroadcast(same, node, argument, shape_of)
    if node.operation in ("mul", "div", "pow"):
        local = _arithmetic(node, place, out)
        if local is None:
            return None
        linear = node.operation == "mul" or (node.operation == "div" and place == 0)
        own = shape_of(node.arguments[1 - place]) if linear else shape_of(node)
        grown = Upstream(times(local, up.value), broadcast(up.shape, own))
        return unbroadcast(grown, node, argument, shape_of)
    for rules in (RULES, _more_rules()):
        passed = rules[node.operation](node, place, out, up, shape_of) if node.operation in rules else None
        if passed is not None:
            return passed
    return None


def _more_rules() -> Mapping[str, Rule]:
    from grader.formula.rare_array_rules import RARE_RULES  # few formulas need them

    return RARE_RULES


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


def _square(x: Expression) -> Expression:
    return call("pow", x, number(2))


def normal_density(x: Expression) -> Expression:
    """The standard normal density: exp(-x**2 / 2) / sqrt(2 pi)."""
    return call("div", call("exp", negative(call("div", _square(x), number(2)))), number(math.sqrt(2 * math.pi)))


def normal_share(x: Expression) -> Expression:
    """The standard normal distribution function: (1 + erf(x / sqrt(2))) / 2."""
    return call("div", call("add", ONE, call("erf", call("div", x, number(math.sqrt(2))))), number(2))


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
    "asinh": lambda x, y: call("div", ONE, call("sqrt", call("add", ONE, _square(x)))),
    "relu": lambda x, y: call("gt", x, number(0)),
    "erf": lambda x, y: call("mul", number(2 / math.sqrt(math.pi)), call("exp", negative(_square(x)))),
    "gelu": lambda x, y: call("add", normal_share(x), call("mul", x, normal_density(x))),
    "silu": lambda x, y: call("add", call("sigmoid", x), call("mul", y, call("sub", ONE, call("sigmoid", x)))),
    "softplus": lambda x, y: call("sigmoid", x),
    "same": lambda x, y: ONE,
    "log2": lambda x, y: call("div", ONE, call("mul", x, call("log", number(2)))),
    "log10": lambda x, y: call("div", ONE, call("mul", x, call("log", number(10)))),
    "exp2": lambda x, y: call("mul", y, call("log", number(2))),
    "atanh": lambda x, y: call("div", ONE, call("sub", ONE, _square(x))),
    "asin": lambda x, y: call("div", ONE, call("sqrt", call("sub", ONE, _square(x)))),
    "acos": lambda x, y: negative(call("div", ONE, call("sqrt", call("sub", ONE, _square(x))))),
    "acosh": lambda x, y: call("div", ONE, call("sqrt", call("sub", _square(x), ONE))),
    "logsigmoid": lambda x, y: call("sigmoid", negative(x)),
    "lgamma": lambda x, y: call("digamma", x),
    "digamma": lambda x, y: call("polygamma", x, n=ONE),
    "erfc": lambda x, y: negative(call("mul", number(2 / math.sqrt(math.pi)), call("exp", negative(_square(x))))),
    "erfinv": lambda x, y: call("mul", number(math.sqrt(math.pi) / 2), call("exp", _square(y))),
    "ndtr": lambda x, y: normal_density(x),
    "relu6": lambda x, y: call("mul", call("gt", x, number(0)), call("lt", x, number(6))),
    "elu": lambda x, y: call("where", call("gt", x, number(0)), ONE, call("add", y, ONE)),
    "leaky_relu": lambda x, y: call("where", call("gt", x, number(0)), ONE, number(0.01)),
    "hardtanh": lambda x, y: call("lt", call("abs", x), ONE),
    "softsign": lambda x, y: call("div", ONE, _square(call("add", ONE, call("abs", x)))),
    "tanhshrink": lambda x, y: _square(call("tanh", x)),
}
"""d(y)/d(x) of elementwise operations, in terms of x and y."""
