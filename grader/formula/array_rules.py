"""Reverse-mode rules of the operations on arrays: matrix products, reductions, indexing, reshaping.

The rules are those of Giles, "Collected matrix derivative results"; what is repeated in the forward pass is summed in
the reverse pass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from grader.formula.build import NOWHERE, ONE, call, negative, number, times
from grader.formula.operations import TRUTHS
from grader.formula.syntax import Call, Everything, Expression, Flag, Index, Name, Number, Sequence, Slice, Text

Shape = tuple[int, ...]
ShapeOf = Callable[[Expression], Shape]
"""The shape of a formula; it raises `UnknownShapeError` where that cannot be computed."""


class UnknownShapeError(LookupError):
    """The shape of a formula is not known, so that no rule which asks for it can be applied."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """The upstream of a node, and its shape: smaller than the node's where broadcasting will expand it."""

    value: Expression
    shape: Shape


def full(up: Upstream, node: Expression, shape_of: ShapeOf) -> Upstream:
    """The upstream, expanded to the node's own shape."""
    shape = shape_of(node)
    if up.shape == shape:
        return up
    return Upstream(times(up.value, call("ones_like", node)), shape)


def broadcast(left: Shape, right: Shape) -> Shape:
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    padded = (1,) * (len(longer) - len(shorter)) + shorter
    return tuple(max(a, b) if 0 not in (a, b) else 0 for a, b in zip(longer, padded, strict=True))


def unbroadcast(up: Upstream, node: Expression, argument: Expression, shape_of: ShapeOf) -> Upstream:
    """Sum the upstream over the axes along which the argument was repeated."""
    small, large = shape_of(argument), shape_of(node)
    if small == large:
        return up
    return _summed(full(up, node, shape_of), small)


def _summed(up: Upstream, small: Shape) -> Upstream:
    """An upstream summed to the shape of what was repeated to its own."""
    if not small:
        return Upstream(call("sum", up.value), ())
    value, shape = up.value, up.shape
    for _ in range(len(shape) - len(small)):
        value, shape = call("sum", value, dim=number(0)), shape[1:]
    for axis, (size, whole) in enumerate(zip(small, shape, strict=True)):
        if size == 1 and whole > 1:
            value = call("sum", value, dim=number(axis), keepdim=Flag(True, NOWHERE))
    return Upstream(value, small)


def of_picked(node: Index, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The upstream of `x` in `x[keys]`. Several index arrays have no rule, except for `x[arange(n), picked]`."""
    shape = shape_of(node.base)
    match node.keys:
        case (key,) if _is_mask(key, node, shape, shape_of):
            count, mask = number(math.prod(shape)), as_truth(key)
            flat = mask if len(shape) == 1 else call("flatten", mask)
            rows = Index(call("eye", n=count), (flat,), NOWHERE)
            back = call("matmul", call("transpose_all", rows), full(up, node, shape_of).value)
            sizes = Sequence(tuple(map(number, shape)), NOWHERE)
            return Upstream(back if len(shape) == 1 else call("reshape", back, shape=sizes), shape)
        case (Call("arange"), picked) if len(shape) == 2 and len(shape_of(picked)) == 1:
            hot = call("one_hot", picked, classes=number(shape[1]))
            value = call("unsqueeze", up.value, dim=number(1)) if up.shape else up.value
            return Upstream(times(hot, value), shape)
        case (Name() | Sequence() as ids,) if len(shape) <= 2 and _are_places(ids, node, shape, shape_of):
            hot = call("one_hot", ids, classes=number(shape[0]))
            return Upstream(call("matmul", call("transpose_all", hot), full(up, node, shape_of).value), shape)
        case _:
            return _of_part(node, up, shape_of) or _of_chosen(node, up, shape_of)


def _is_mask(key: Expression, node: Index, shape: Shape, shape_of: ShapeOf) -> bool:
    """Whether `x[key]` are the entries of x for which a condition of x's shape holds. The condition may have a name,
    for numbers 0 and 1 then."""
    if isinstance(key, Everything | Flag | Number | Slice | Sequence) or not shape or shape_of(key) != shape:
        return False
    return _is_condition(key) or (len(found := shape_of(node)) == 1 and found != shape)


def _are_places(ids: Expression, node: Index, shape: Shape, shape_of: ShapeOf) -> bool:
    rows = shape_of(ids)
    return len(rows) == 1 and shape_of(node) == (*rows, *shape[1:])


def _is_condition(key: Expression) -> bool:
    return isinstance(key, Call) and key.operation in TRUTHS


def as_truth(key: Expression) -> Expression:
    """A condition that can be an index in NumPy and torch, where numbers 0 and 1 would be places."""
    return key if _is_condition(key) else call("ne", key, number(0))


def _of_chosen(node: Index, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The upstream of rows or columns that are chosen by a list, a condition or a step: each goes back to its place."""
    shape = shape_of(node.base)
    keys = [key for key in node.keys if not (isinstance(key, Slice) and key.start is key.stop is key.step is None)]
    if len(keys) != 1 or len(shape) > 2 or isinstance(keys[0], Everything | Flag | Number):
        return None
    (key,), axis = keys, node.keys.index(keys[0])
    if not isinstance(key, Slice):
        if len(shape_of(key)) != 1:
            return None
        if shape_of(key) == (shape[axis],) and shape_of(node)[axis] != shape[axis]:
            key = as_truth(key)
    u, chosen = full(up, node, shape_of).value, Index(call("eye", n=number(shape[axis])), (key,), NOWHERE)
    if axis == 1:
        return Upstream(call("matmul", u, chosen), shape)
    return Upstream(call("matmul", call("transpose_all", chosen), u), shape)


def _of_part(node: Index, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The upstream of an array of which a part was taken: zeros around it."""
    whole, left = shape_of(node.base), list(shape_of(node))
    named = sum(not isinstance(key, Everything | Flag) for key in node.keys)
    small: list[int] = []
    starts: dict[int, Expression | int] = {}
    for key in node.keys:
        axis = len(small)
        if isinstance(key, Everything):
            small += left[: len(whole) - named]
            del left[: len(whole) - named]
        elif isinstance(key, Flag):
            left.pop(0)
        elif isinstance(key, Slice) and key.step is None:
            starts[axis] = _place(key.start, whole[axis])
            small.append(left.pop(0))
        elif isinstance(key, Number) or (isinstance(key, Name | Call) and not shape_of(key)):
            starts[axis] = _place(key, whole[axis])
            small.append(1)
        else:
            return None
    small += left
    value = full(up, node, shape_of).value
    if tuple(small) != shape_of(node):
        value = call("reshape", value, shape=Sequence(tuple(map(number, small)), NOWHERE))
    return Upstream(padded(value, tuple(small), whole, starts), whole)


def _place(start: Expression | None, length: int) -> Expression | int:
    """Where a part begins, counted from the front."""
    match start:
        case None:
            return 0
        case Number(value=int() as value):
            return value % length
        case Call("neg", (inner,)):
            return call("sub", number(length), inner)
        case _:
            return start


def padded(value: Expression, small: Shape, whole: Shape, starts: Mapping[int, Expression | int]) -> Expression:
    """An array of shape `small` with zeros around it, at the places where it starts along its axes."""
    pads: list[Expression] = []
    for axis, (size, length) in enumerate(zip(small, whole, strict=True)):
        start = starts.get(axis, 0)
        if isinstance(start, int):
            pads = [number(start), number(length - size - start), *pads]
        else:
            pads = [start, call("sub", number(length - size), start), *pads]
    while pads and all(one == number(0) for one in pads[-2:]):
        pads = pads[:-2]
    return call("pad", value, pad=Sequence(tuple(pads), NOWHERE)) if pads else value


Rule = Callable[[Call, int, Expression, Upstream, ShapeOf], Upstream | None]


def transposed(node: Expression) -> Expression:
    match node:
        case Call("transpose_all", (inner,)):
            return inner
        case Call("matmul", (left, right)):
            return call("matmul", transposed(right), transposed(left))
        case _:
            return call("transpose_all", node)


def _of_matmul(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    left, right = node.arguments
    ranks = len(shape_of(left)), len(shape_of(right))
    u = full(up, node, shape_of).value
    shape = shape_of(node.arguments[place])
    match ranks, place:
        case (2, 2) | (1, 2), 0:
            return Upstream(call("matmul", u, transposed(right)), shape)
        case (2, 2) | (2, 1), 1:
            return Upstream(call("matmul", transposed(left), u), shape)
        case (2, 1), 0:
            return Upstream(call("outer", u, right), shape)
        case (1, 2), 1:
            return Upstream(call("outer", left, u), shape)
        case (1, 1), _:
            return Upstream(times(right if place == 0 else left, u), shape)
        case (a, b), 0 if a >= 2 and b >= 2:
            return _of_batch(call("matmul", u, turned(right, shape_of)), node, shape, shape_of)
        case (a, b), 1 if a >= 2 and b >= 2:
            return _of_batch(call("matmul", turned(left, shape_of), u), node, shape, shape_of)
        case (a, 1), _:
            u = call("unsqueeze", u, dim=number(a - 1))
            return _summed(Upstream(times(right if place == 0 else left, u), shape_of(left)), shape)
    return None


def _of_batch(matrices: Expression, node: Expression, shape: Shape, shape_of: ShapeOf) -> Upstream:
    """The upstream of matrices of some shape that a batch of results was made of: the sum over those that they are
    repeated for."""
    return _summed(Upstream(matrices, (*shape_of(node)[:-2], *shape[-2:])), shape)


def turned(node: Expression, shape_of: ShapeOf) -> Expression:
    """A matrix transposed, or each of a batch of matrices."""
    if len(shape_of(node)) == 2:
        return transposed(node)
    match node:
        case Call("matrix_transpose", (inner,)):
            return inner
        case _:
            return call("matrix_transpose", node)


def _of_dot(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    if any(not shape_of(argument) for argument in node.arguments):
        return None
    return _of_matmul(node, place, out, up, shape_of)


def _of_outer(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    left, right = node.arguments
    u = full(up, node, shape_of).value
    if place == 0:
        return Upstream(call("matmul", u, right), shape_of(left))
    return Upstream(call("matmul", transposed(u), left), shape_of(right))


def reduced_axes(node: Call, rank: int) -> tuple[int, ...] | None:
    """The axes a reduction goes over, counted from the front; None if they cannot be determined."""
    options = dict(node.options)
    dim = options.get("dim")
    items: tuple[Expression, ...] = dim.items if isinstance(dim, Sequence) else () if dim is None else (dim,)
    if dim is None or (isinstance(dim, Flag) and dim.value is None):
        return tuple(range(rank))
    found = [whole_number(item) for item in items]
    return None if None in found else tuple(axis % rank for axis in found if axis is not None)


def whole_number(node: Expression) -> int | None:
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


def _of_sum(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    argument = node.arguments[0]
    whole = shape_of(argument)
    axes = reduced_axes(node, len(whole))
    if axes is None:
        return None
    value, shape = spread(up, node, axes)
    if node.operation == "mean":
        value = call("div", value, number(math.prod(whole[axis] for axis in axes)))
    return Upstream(value, shape)


def spread(up: Upstream, node: Call, axes: tuple[int, ...]) -> tuple[Expression, Shape]:
    """The upstream of a reduction, with the reduced axes put back at size 1."""
    value, shape = up.value, up.shape
    if shape and not _keeps(node):
        for axis in sorted(axes):
            value = call("unsqueeze", value, dim=number(axis))
            shape = (*shape[:axis], 1, *shape[axis:])
    return value, shape


def _of_softmax(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    u = full(up, node, shape_of).value
    dim = dict(node.options).get("dim")
    if dim is None:
        return None
    kept = {"dim": dim, "keepdim": Flag(True, NOWHERE)}
    if node.operation == "softmax":
        inner = call("sub", u, call("sum", times(u, out), **kept))
        return Upstream(times(out, inner), shape_of(node))
    share = times(call("exp", out), call("sum", u, **kept))
    return Upstream(call("sub", u, share), shape_of(node))


def _of_transpose(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    u = full(up, node, shape_of)
    back = (
        transposed(u.value)
        if node.operation == "transpose_all"
        else Call(node.operation, (u.value,), node.options, NOWHERE)
    )
    return Upstream(back, shape_of(node.arguments[0]))


def _of_reshape(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    u = full(up, node, shape_of)
    shape = shape_of(node.arguments[0])
    match u.value:
        case Call("sum", (summed,)) if _keeps(u.value) and len(shape) == len(u.shape) - 1:
            axes = reduced_axes(u.value, len(u.shape))
            if axes is not None and len(axes) == 1 and shape == u.shape[: axes[0]] + u.shape[axes[0] + 1 :]:
                return Upstream(call("sum", summed, dim=number(axes[0])), shape)
    sizes = Sequence(tuple(map(number, shape)), NOWHERE)
    return Upstream(call("reshape", u.value, shape=sizes), shape)


def _of_where(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    chosen, zero = node.arguments[0], number(0)
    u = full(up, node, shape_of)
    parts = (u.value, zero) if place == 1 else (zero, u.value)
    return unbroadcast(Upstream(call("where", chosen, *parts), u.shape), node, node.arguments[place], shape_of)


def _of_var(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    argument, options = node.arguments[0], dict(node.options)
    whole = shape_of(argument)
    axes = reduced_axes(node, len(whole))
    less = options.get("correction", ONE)
    if axes is None or not isinstance(less, Number):
        return None
    kept = {key: value for key, value in options.items() if key == "dim"}
    mean = call("mean", argument, **kept, keepdim=Flag(True, NOWHERE)) if whole else argument
    count = math.prod(whole[axis] for axis in axes) - less.value
    slope = call("div", call("mul", number(2), call("sub", argument, mean)), number(count))
    value, _ = spread(up, node, axes)
    return Upstream(times(slope, value), whole)


def _of_extreme(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The larger or smaller of two, or of each row; where they are equal there is no derivative."""
    if len(node.arguments) != 2:
        return _of_largest(node, up, shape_of)
    own, other = node.arguments[place], node.arguments[1 - place]
    chosen = call("gt" if node.operation in ("max", "maximum") else "lt", own, other)
    return unbroadcast(Upstream(times(chosen, up.value), shape_of(node)), node, own, shape_of)


def _of_largest(node: Call, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    shape = shape_of(node.arguments[0])
    if node.operation != "max" or len(shape) != 2 or reduced_axes(node, 2) != (1,):
        return None
    place = call("argmax", node.arguments[0], dim=number(1))
    value, _ = spread(up, node, (1,))
    return Upstream(times(call("one_hot", place, classes=number(shape[1])), value), shape)


def _of_loss(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The mean cross-entropy of rows of logits, or the mean of squared errors."""
    if len(node.arguments) > 2:
        return None
    own, other = node.arguments[place], node.arguments[1 - place]
    shape, options = shape_of(own), dict(node.options)
    smoothing, reduction = options.pop("label_smoothing", None), options.pop("reduction", Text("mean", NOWHERE))
    if options or not isinstance(reduction, Text):
        return None
    if node.operation == "cross_entropy" and (len(shape) != 2 or (place and smoothing is not None)):
        return None
    value = up.value
    if node.operation == "mse_loss":
        slope, count = call("mul", number(2), call("sub", own, other)), math.prod(shape)
    else:
        count = shape[0]
        if place:
            slope = call("neg", call("log_softmax", other, dim=number(1)))
        else:
            shares = call("softmax", own, dim=number(1))
            if len(shape_of(other)) == 2:  # probabilities, which need not have the sum 1
                shares = call("mul", call("sum", other, dim=number(1), keepdim=Flag(True, NOWHERE)), shares)
            slope = call("sub", shares, _labels(other, smoothing, shape, shape_of))
        value = call("unsqueeze", value, dim=number(1)) if up.shape else value
    slope = call("div", slope, number(count)) if reduction.value == "mean" else slope
    return Upstream(times(slope, value), shape)


def _labels(target: Expression, smoothing: Expression | None, shape: Shape, shape_of: ShapeOf) -> Expression:
    """The probabilities that a target stands for: those it holds, or 1 for the class whose number it is."""
    hot = target if len(shape_of(target)) == 2 else call("one_hot", target, classes=number(shape[1]))
    if smoothing is None:
        return hot
    return call("add", times(call("sub", ONE, smoothing), hot), call("div", smoothing, number(shape[1])))


def _of_einsum(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The same sum over products, with the upstream in place of the argument."""
    equation = dict(node.options).get("equation")
    if not isinstance(equation, Text) or "." in equation.value:
        return None
    sources, arrow, result = equation.value.replace(" ", "").partition("->")
    if not arrow:  # the letters that stand once, in their order
        result = "".join(sorted(one for one in set(sources) - {","} if sources.count(one) == 1))
    parts = sources.split(",")
    own, others = parts[place], [*parts[:place], *parts[place + 1 :]]
    if len(set(own)) < len(own):
        return None
    u = full(up, node, shape_of).value
    rest = (*node.arguments[:place], *node.arguments[place + 1 :])
    if not set(own) <= set(result).union(*others):  # summed away: sent back to each entry
        others, rest = [*others, own], (*rest, call("ones_like", node.arguments[place]))
    back = Text(f"{','.join([result, *others])}->{own}", NOWHERE)
    return Upstream(call("einsum", u, *rest, equation=back), shape_of(node.arguments[place]))


def _of_det(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The determinant, or its logarithm, of a matrix or of each of a batch of matrices."""
    (matrix,) = node.arguments
    shape = shape_of(matrix)
    inverse = turned(call("inv", matrix), lambda _: shape)
    scale = times(out, up.value) if node.operation == "det" else up.value
    if node.operation == "det" or up.shape:
        for axis in range(len(shape) - 2, len(shape) if len(shape) > 2 else 0):
            scale = call("unsqueeze", scale, dim=number(axis))
    return Upstream(times(scale, inverse), shape)


def _of_inv(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    turned = call("matrix_transpose", out)
    value = negative(call("matmul", call("matmul", turned, full(up, node, shape_of).value), turned))
    return Upstream(value, shape_of(node))


def _of_solve(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """Solving A x = b passes inv(A).T u on to b, and minus its product with x on to A."""
    matrix, right = node.arguments
    shape, other = shape_of(matrix), shape_of(right)
    if len(other) < len(shape) and len(shape) > 2:
        return None  # one right side for each matrix, or one for all
    passed = call("solve", turned(matrix, shape_of), full(up, node, shape_of).value)
    if len(other) == 1:
        return Upstream(passed if place == 1 else negative(call("outer", passed, out)), other if place == 1 else shape)
    if place == 1:
        return _of_batch(passed, node, other, shape_of)
    product = call("matmul", passed, turned(out, lambda _: shape_of(node)))
    return _of_batch(negative(product), node, shape, shape_of)


def _of_diagonal(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    shape = shape_of(node.arguments[0])
    if node.operation == "diag":
        return Upstream(call("diag", full(up, node, shape_of).value), shape) if len(set(shape)) == 1 else None
    return Upstream(times(call("eye", n=number(shape[0])), up.value), shape) if len(set(shape)) == 1 else None


def _of_kept_part(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """A triangle keeps the entries it keeps; a flip is turned back by itself."""
    u = full(up, node, shape_of).value
    return Upstream(Call(node.operation, (u,), node.options, NOWHERE), shape_of(node))


def _of_roll(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    options = dict(node.options)
    shifts = options.get("shifts")
    if shifts is None:
        return None
    back = Sequence(tuple(map(negated, shifts.items)), NOWHERE) if isinstance(shifts, Sequence) else negated(shifts)
    value = call("roll", full(up, node, shape_of).value, **{**options, "shifts": back})
    return Upstream(value, shape_of(node))


def negated(node: Expression) -> Expression:
    return number(-node.value) if isinstance(node, Number) else negative(node)


def _of_movedim(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    options = dict(node.options)
    back = {"source": options["destination"], "destination": options["source"]}
    return Upstream(call("movedim", full(up, node, shape_of).value, **back), shape_of(node.arguments[0]))


def _of_permute(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    dims = dict(node.options).get("dims")
    order = [whole_number(one) for one in dims.items] if isinstance(dims, Sequence) else []
    if not order or None in order:
        return None
    places = [axis % len(order) for axis in order if axis is not None]
    back = Sequence(tuple(number(places.index(axis)) for axis in range(len(places))), NOWHERE)
    return Upstream(call("permute", full(up, node, shape_of).value, dims=back), shape_of(node.arguments[0]))


def _of_cumsum(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """What is summed from the front forwards is summed from the back in reverse."""
    dim = dict(node.options).get("dim", number(0))
    turned = call("flip", full(up, node, shape_of).value, dims=dim)
    return Upstream(call("flip", call("cumsum", turned, dim=dim), dims=dim), shape_of(node))


RULES: dict[str, Rule] = {
    "det": _of_det,
    "logdet": _of_det,
    "inv": _of_inv,
    "solve": _of_solve,
    "diag": _of_diagonal,
    "trace": _of_diagonal,
    "triu": _of_kept_part,
    "tril": _of_kept_part,
    "flip": _of_kept_part,
    "roll": _of_roll,
    "movedim": _of_movedim,
    "permute": _of_permute,
    "cumsum": _of_cumsum,
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
    "var": _of_var,
    "maximum": _of_extreme,
    "minimum": _of_extreme,
    "max": _of_extreme,
    "min": _of_extreme,
    "cross_entropy": _of_loss,
    "mse_loss": _of_loss,
    "einsum": _of_einsum,
}
