"""Reverse-mode rules of the rarer operations on arrays: convolutions, pooling, gathering, joining, factorisations.

Imported when one of them is met. The rules of factorisations are those of Giles, "Collected matrix derivative results",
and of Murray, "Differentiation of the Cholesky decomposition". Where entries are equal, as in a maximum, there is no
derivative, and a formula may choose otherwise than torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from string import ascii_letters

from grader.formula.array_rules import (
    Rule,
    Shape,
    ShapeOf,
    Upstream,
    as_truth,
    full,
    of_picked,
    padded,
    reduced_axes,
    spread,
    transposed,
    turned,
    unbroadcast,
    whole_number,
)
from grader.formula.build import NOWHERE, ONE, call, negative, number, times
from grader.formula.syntax import Call, Everything, Expression, Flag, Index, Number, Slice, Text
from grader.formula.syntax import Sequence as Items

Formula = Callable[[Call, Expression, Expression, ShapeOf], Expression | None]
"""The upstream of an argument, from a call, its value and its upstream; None if there is no formula."""

TWO = number(2)
_ALL = Slice(None, None, None, NOWHERE)


def _of(formula: Formula, place: int = 0) -> Rule:
    """The rule of an operation for its argument at `place`."""

    def rule(node: Call, at: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
        value = formula(node, out, full(up, node, shape_of).value, shape_of) if at == place else None
        return None if value is None else Upstream(value, shape_of(node.arguments[at]))

    return rule


def _either(*rules: Rule) -> Rule:
    """The rule of an operation with one for each of its arguments."""

    def rule(node: Call, at: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
        return rules[at](node, at, out, up, shape_of) if at < len(rules) else None

    return rule


def _items(values: Shape) -> Items:
    return Items(tuple(map(number, values)), NOWHERE)


def _numbers(node: Call, name: str, default: int = 0) -> Shape | None:
    """The whole numbers of an option; None if they are not written as numbers."""
    written = dict(node.options).get(name, number(default))
    found = [whole_number(one) for one in (written.items if isinstance(written, Items) else (written,))]
    return None if None in found else tuple(one for one in found if one is not None)


def _axis(node: Call, rank: int, default: int = 0) -> int | None:
    """The axis an operation goes along, counted from the front; None if it is not written as a number."""
    found = _numbers(node, "dim", default)
    return None if found is None else found[0] % rank


def _cut(value: Expression, axis: int, start: int, length: int) -> Index:
    """The part of an array along one axis."""
    part = Slice(number(start), number(start + length), None, NOWHERE)
    return Index(value, (*(_ALL,) * axis, part), NOWHERE)


def _zeros_like(node: Expression) -> Call:
    return call("zeros_like", node)


# convolutions and pooling


def _geometry(node: Call) -> dict[str, Expression]:
    return {key: value for key, value in node.options if key in ("stride", "padding", "dilation", "groups")}


def _of_convolution(axes: int, transposed_one: bool) -> Rule:
    """Of a convolution: its transpose brings the upstream to the signal, and the signal over the upstream is the
    derivative by the filters. Of a transpose it is the other way round."""
    own, other = f"conv{axes}d", f"conv_transpose{axes}d"
    back = own if transposed_one else other

    def rule(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
        signal, filters = node.arguments[:2]
        shape, taps, options = shape_of(node.arguments[place]), shape_of(filters)[2:], _geometry(node)
        u = full(up, node, shape_of).value
        if len(shape_of(signal)) != axes + 2 or isinstance(options.get("padding"), Text):
            return None
        if place == 2:
            return Upstream(call("sum", u, dim=_items((0, *range(2, axes + 2)))), shape)
        if place == 0:
            reached = shape_of(call(back, node, filters, **options))
            if len(reached) != len(shape):  # unknown: the caller computes no such value
                return None
            if reached != shape:
                missing = tuple(size - one for size, one in zip(shape[2:], reached[2:], strict=True))
                options["output_padding"] = _items(missing)
            return Upstream(call(back, u, filters, **options), shape)
        if "groups" in options:
            return None
        swapped = {"padding": "padding", "dilation": "stride", "stride": "dilation"}
        turned = {swapped[key]: value for key, value in options.items()}

        def over(stand_in: Expression) -> Expression:
            pair = (stand_in, signal) if transposed_one else (signal, stand_in)
            made = call(own, *(call("transpose", one, dim0=number(0), dim1=ONE) for one in pair), **turned)
            return call("transpose", made, dim0=number(0), dim1=ONE)

        value = over(u)
        if shape_of(over(node)) != shape:
            ends = (Slice(None, number(tap), None, NOWHERE) for tap in taps)
            value = Index(value, (Everything(NOWHERE), *ends), NOWHERE)
        return Upstream(value, shape)

    return rule


def _repeated(value: Expression, sizes: Shape) -> Expression:
    """An array with the entries of the last axes repeated."""
    for axis, times_ in zip(range(-len(sizes), 0), sizes, strict=True):
        if times_ > 1:
            value = call("repeat_interleave", value, repeats=number(times_), dim=number(axis))
    return value


def _of_pool(axes: int, largest: bool) -> Formula:
    """Of windows side by side: each entry gets the upstream of its window, the share of it, or all of it."""

    def formula(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
        x = node.arguments[0]
        before, after = shape_of(x), shape_of(node)
        if len(before) != axes + 2:
            return None
        kernel = tuple(size // one for size, one in zip(before[2:], after[2:], strict=True))
        if "output_size" in dict(node.options):
            if any(size % one for size, one in zip(before[2:], after[2:], strict=True)):
                return None
        elif _overlapping(node, axes):
            overlapping = _overlapping_largest if largest else _overlapping_mean
            return overlapping(node, u, axes, shape_of)
        else:
            written = _numbers(node, "kernel_size") or ()
            kernel = written * axes if len(written) == 1 else written
        seen = (*before[:2], *(one * size for one, size in zip(after[2:], kernel, strict=True)))
        if not largest:
            return padded(call("div", _repeated(u, kernel), number(math.prod(kernel))), seen, before, {})
        if seen != before:  # what fills no window is left out
            ends = (Slice(None, number(size), None, NOWHERE) for size in seen[2:])
            x = Index(x, (Everything(NOWHERE), *ends), NOWHERE)
        return padded(times(call("eq", x, _repeated(out, kernel)), _repeated(u, kernel)), seen, before, {})

    return formula


def _overlapping(node: Call, axes: int) -> bool:
    kernel, padding = _numbers(node, "kernel_size"), _numbers(node, "padding")
    stride = kernel if "stride" not in dict(node.options) else _numbers(node, "stride")
    spread_out = [one * axes if one and len(one) == 1 else one for one in (kernel, stride)]
    return spread_out[0] != spread_out[1] or padding is None or any(padding)


def _overlapping_mean(node: Call, u: Expression, axes: int, shape_of: ShapeOf) -> Expression | None:
    """The mean is a convolution with equal weights in each channel."""
    shape, kernel = shape_of(node.arguments[0]), _numbers(node, "kernel_size")
    options = dict(node.options)
    if kernel is None or options.keys() - {"kernel_size", "stride", "padding"}:
        return None
    kernel = kernel * axes if len(kernel) == 1 else kernel
    geometry = {"stride": options["kernel_size"], **_geometry(node), "groups": number(shape[1])}
    ones = call("ones", shape=_items((shape[1], 1, *kernel)))
    reached = shape_of(call(f"conv_transpose{axes}d", node, ones, **geometry))
    if len(reached) != len(shape):  # unknown: the caller computes no such value
        return None
    if reached != shape:
        geometry["output_padding"] = _items(tuple(a - b for a, b in zip(shape[2:], reached[2:], strict=True)))
    return call("div", call(f"conv_transpose{axes}d", u, ones, **geometry), number(math.prod(kernel)))


def _overlapping_largest(node: Call, u: Expression, axes: int, shape_of: ShapeOf) -> Expression | None:
    """Every window laid out as a column: in each, the largest entry gets the upstream, and columns are added where they
    overlap."""
    x, before, after = node.arguments[0], shape_of(node.arguments[0]), shape_of(node)
    options = dict(node.options)
    if axes > 2 or options.keys() - {"kernel_size", "stride", "padding", "dilation"}:
        return None
    written = {
        "kernel_size": _numbers(node, "kernel_size"),
        "stride": _numbers(node, "stride" if "stride" in options else "kernel_size"),
        "padding": _numbers(node, "padding"),
        "dilation": _numbers(node, "dilation", 1),
    }
    geometry: dict[str, Expression] = {}
    for name, sizes in written.items():
        if not sizes:
            return None
        # A signal is an image of one row.
        both = sizes * axes if len(sizes) == 1 else sizes
        geometry[name] = _items(both if axes == 2 else (0 if name == "padding" else 1, *both))
    image = before if axes == 2 else (*before[:2], 1, before[2])
    count = math.prod(after[2:])
    columns = call("unfold", _shaped(x, image) if axes == 1 else x, **geometry)
    taps = shape_of(columns)[1] // image[1]
    each = (*image[:2], taps, count)
    row = (*image[:2], 1, count)
    is_largest = call("eq", _shaped(columns, each), _shaped(node, row))
    given_back = _shaped(times(is_largest, _shaped(u, row)), (image[0], image[1] * taps, count))
    value = call("fold", given_back, output_size=_items(image[2:]), **geometry)
    return value if axes == 2 else _shaped(value, before)


def _shaped(value: Expression, shape: Shape) -> Expression:
    return call("reshape", value, shape=_items(shape))


def _of_pad(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    pads, mode = _numbers(node, "pad"), dict(node.options).get("mode")
    if pads is None or (isinstance(mode, Text) and mode.value != "constant"):
        return None
    shape = shape_of(node.arguments[0])
    for step, before in enumerate(pads[::2]):
        axis = len(shape) - 1 - step
        if before or pads[2 * step + 1]:
            u = _cut(u, axis, before, shape[axis])
    return u


def _of_unfold(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    return call("fold", u, output_size=_items(shape_of(node.arguments[0])[-2:]), **dict(node.options))


def _of_fold(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    return call("unfold", u, **{key: value for key, value in node.options if key != "output_size"})


def _of_interpolate(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    """Nearest neighbours by a whole factor: the sum over the copies."""
    before, after = shape_of(node.arguments[0]), shape_of(node)
    if "mode" in dict(node.options) or len(after) != len(before):
        return None
    if any(one % size for one, size in zip(after, before, strict=True)):
        return None
    return _summed_copies(u, before, after)


def _summed_copies(u: Expression, before: Shape, after: Shape) -> Expression:
    """The sum over the copies of each entry, which stand side by side."""
    sizes: list[int] = []
    over: list[int] = []
    for size, one in zip(before, after, strict=True):
        sizes.append(size)
        if one != size:
            over.append(len(sizes))
            sizes.append(one // size)
    return call("sum", call("reshape", u, shape=_items(tuple(sizes))), dim=_items(tuple(over))) if over else u


# picking and joining


def _of_gather(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    x, index = node.arguments
    if "dim" not in dict(node.options) or len(shape_of(index)) != len(shape_of(x)):
        return None
    return call("scatter_add", _zeros_like(x), index, u, **dict(node.options))


def _of_index_select(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    return call("index_add", _zeros_like(node.arguments[0]), node.arguments[1], u, **dict(node.options))


def _passed(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    return u


def _of_scattered_over(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    return call("scatter", u, node.arguments[1], _zeros_like(node.arguments[2]), **dict(node.options))


def _of_source(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    index, source = node.arguments[1:]
    same = shape_of(index) == shape_of(source)
    return call("gather", u, index, **dict(node.options)) if same else None


def _of_added(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    options = dict(node.options)
    return times(options.pop("alpha", ONE), call("index_select", u, node.arguments[1], **options))


def _of_narrow(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    shape, start = shape_of(node.arguments[0]), _numbers(node, "start")
    axis = _axis(node, len(shape))
    return None if axis is None or start is None else padded(u, shape_of(node), shape, {axis: start[0]})


def _of_select(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    shape, at = shape_of(node.arguments[0]), _numbers(node, "index")
    axis = _axis(node, len(shape))
    if axis is None or at is None:
        return None
    small = (*shape[:axis], 1, *shape[axis + 1 :])
    return padded(call("unsqueeze", u, dim=number(axis)), small, shape, {axis: at[0] % shape[axis]})


def _of_sort(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    x, options = node.arguments[0], dict(node.options)
    places = call("topk_indices" if node.operation == "topk" else "argsort", x, **options)
    return call("scatter", _zeros_like(x), places, u, dim=options.get("dim", number(-1)))


def _of_chosen(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The largest, the smallest, the middle one: the entry that equals the result."""
    x = node.arguments[0]
    axes = reduced_axes(node, len(shape_of(x)))
    if len(node.arguments) != 1 or axes is None:
        return None
    value, _ = spread(up, node, axes)
    result, _ = spread(Upstream(out, shape_of(node)), node, axes)
    return Upstream(times(call("eq", x, result), value), shape_of(x))


def _of_product(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    x = node.arguments[0]
    axes = reduced_axes(node, len(shape_of(x)))
    if axes is None:
        return None
    value, _ = spread(Upstream(times(out, up.value), shape_of(node)), node, axes)
    return Upstream(call("div", value, x), shape_of(x))


def _of_joined(axis_of: Callable[[Call, int], int | None], new: bool) -> Rule:
    """Arrays joined along an axis, which is a new one or their own: each gets its part of the upstream."""

    def rule(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
        shape = shape_of(node.arguments[place])
        axis = axis_of(node, len(shape))
        if axis is None:
            return None
        u = full(up, node, shape_of).value
        if new or len(shape) < len(shape_of(node)):
            return Upstream(Index(u, (*(_ALL,) * axis, number(place)), NOWHERE), shape)
        start = sum(shape_of(one)[axis] for one in node.arguments[:place])
        return Upstream(_cut(u, axis, start, shape[axis]), shape)

    return rule


def _of_blocks(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    shapes = [shape_of(one) for one in node.arguments]
    if any(len(shape) != 2 for shape in shapes):
        return None
    own, before = shapes[place], shapes[:place]
    rows, columns = (
        Slice(number(start), number(start + own[axis]), None, NOWHERE)
        for axis, start in enumerate(sum(shape[axis] for shape in before) for axis in (0, 1))
    )
    return Upstream(Index(full(up, node, shape_of).value, (rows, columns), NOWHERE), own)


def _of_tile(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    before, after = shape_of(node.arguments[0]), shape_of(node)
    before = (*(1,) * (len(after) - len(before)), *before)
    sizes = [part for one, size in zip(after, before, strict=True) for part in (one // size, size)]
    summed = call("sum", call("reshape", u, shape=_items(tuple(sizes))), dim=_items(tuple(range(0, len(sizes), 2))))
    wanted = shape_of(node.arguments[0])
    return summed if wanted == before else call("reshape", summed, shape=_items(wanted))


def _of_repeats(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    before, repeats = shape_of(node.arguments[0]), _numbers(node, "repeats")
    if repeats is None or len(repeats) != 1:
        return None
    if "dim" in dict(node.options):
        return _summed_copies(u, before, shape_of(node))
    return call("sum", call("reshape", u, shape=_items((*before, *repeats))), dim=number(-1))


def _of_turned(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    turns = _numbers(node, "k", 1)
    return None if turns is None else call("rot90", u, **{**dict(node.options), "k": number(-turns[0])})


def _of_diagonal(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    shape = shape_of(node.arguments[0])
    square = len(shape) == 2 and shape[0] == shape[1] and not node.options
    return call("diag_embed", u) if square else None


def _of_diag_embed(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    return call("diagonal", u, dim1=number(-2), dim2=number(-1))


# along an axis


def _from_behind(value: Expression, axis: Expression) -> Expression:
    return call("flip", call("cumsum", call("flip", value, dims=axis), dim=axis), dims=axis)


def _of_cumprod(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    axis = dict(node.options).get("dim", number(0))
    return call("div", _from_behind(times(out, u), axis), node.arguments[0])


def _of_logcumsumexp(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    axis = dict(node.options).get("dim", number(0))
    passed = _from_behind(times(call("exp", negative(out)), u), axis)
    return times(call("exp", node.arguments[0]), passed)


def _of_diff(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    shape, count = shape_of(node.arguments[0]), _numbers(node, "n", 1)
    axis = _axis(node, len(shape), -1)
    if axis is None or count is None:
        return None
    for left in reversed(range(count[0])):
        small, large = ((*shape[:axis], shape[axis] - left + by, *shape[axis + 1 :]) for by in (-1, 1))
        u = negative(call("diff", padded(u, small, large, {axis: 1}), dim=number(axis)))
    return u


# products


def _of_tensordot(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """The same sum over products, written for `einsum`."""
    left, right = (len(shape_of(one)) for one in node.arguments)
    axes = dict(node.options).get("axes", TWO)
    count = whole_number(axes)
    pairs = [(left - count + one, one) for one in range(count)] if count is not None else None
    if pairs is None and isinstance(axes, Items) and all(isinstance(one, Items) for one in axes.items):
        rows = [[whole_number(one) for one in row.items] for row in axes.items if isinstance(row, Items)]
        found = list(zip(*rows, strict=True))
        pairs = [(a % left, b % right) for a, b in found if a is not None and b is not None]
        pairs = pairs if len(pairs) == len(found) else None
    if pairs is None:
        return None
    own = list(ascii_letters[:left])
    other = list(ascii_letters[left : left + right])
    for a, b in pairs:
        other[b] = own[a]
    outer = [one for one in own if one not in other] + [one for one in other if one not in own]
    parts = (own, other)
    equation = f"{''.join(outer)},{''.join(parts[1 - place])}->{''.join(parts[place])}"
    value = call("einsum", full(up, node, shape_of).value, node.arguments[1 - place], equation=Text(equation, NOWHERE))
    return Upstream(value, shape_of(node.arguments[place]))


def _of_kron(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    shapes = [shape_of(one) for one in node.arguments]
    if any(len(shape) != 2 for shape in shapes):
        return None
    parts = _items(tuple(shape[axis] for axis in (0, 1) for shape in shapes))
    equation = "ikjl,kl->ij" if place == 0 else "ikjl,ij->kl"
    blocks = call("reshape", full(up, node, shape_of).value, shape=parts)
    value = call("einsum", blocks, node.arguments[1 - place], equation=Text(equation, NOWHERE))
    return Upstream(value, shapes[place])


def _of_chain(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    """A product of matrices: what stands before and behind, transposed."""
    if any(len(shape_of(one)) != 2 for one in node.arguments):
        return None
    value = full(up, node, shape_of).value
    for one in node.arguments[:place]:
        value = call("matmul", transposed(one), value)
    for one in reversed(node.arguments[place + 1 :]):
        value = call("matmul", value, transposed(one))
    return Upstream(value, shape_of(node.arguments[place]))


def _of_bilinear(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    one, other, weight = node.arguments[:3]
    u = full(up, node, shape_of).value
    if len(shape_of(one)) != 2:
        return None
    if place == 3:
        return Upstream(call("sum", u, dim=number(0)), shape_of(node.arguments[3]))
    equation, rest = {
        0: ("no,oij,nj->ni", (weight, other)),
        1: ("no,oij,ni->nj", (weight, one)),
        2: ("no,ni,nj->oij", (one, other)),
    }[place]
    return Upstream(call("einsum", u, *rest, equation=Text(equation, NOWHERE)), shape_of(node.arguments[place]))


# factorisations


def _is_matrix(node: Expression, shape_of: ShapeOf) -> bool:
    return len(shape_of(node)) == 2


def _matmul(*factors: Expression) -> Expression:
    made = factors[0]
    for one in factors[1:]:
        made = call("matmul", made, one)
    return made


def _of_cholesky(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    shape = shape_of(node)

    def mirrored(part: Expression) -> Expression:
        return turned(part, lambda _: shape)

    inner = _matmul(mirrored(out), u)
    alone = call("diag", call("diag", inner)) if len(shape) == 2 else times(inner, call("eye", n=number(shape[-1])))
    lower = call("sub", call("tril", inner), call("div", alone, TWO))
    inverse = call("inv", out)
    passed = _matmul(mirrored(inverse), lower, inverse)
    return call("div", call("add", passed, mirrored(passed)), TWO)


def _of_eigenvalues(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    vectors = Index(call("eigh", node.arguments[0]), (ONE,), NOWHERE)
    shape = shape_of(node.arguments[0])
    return _matmul(*_scaled(vectors, u, shape), turned(vectors, lambda _: shape))


def _scaled(vectors: Expression, by: Expression, shape: Shape) -> tuple[Expression, ...]:
    """The factors of a product that multiplies columns by numbers: of a matrix, or of each of a batch of matrices."""
    if len(shape) == 2:
        return vectors, call("diag", by)
    return (times(vectors, call("unsqueeze", by, dim=number(len(shape) - 2))),)


def _of_singular_values(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    left, right = (Index(call("svd", node.arguments[0]), (number(at),), NOWHERE) for at in (0, 2))
    return _matmul(*_scaled(left, u, shape_of(node.arguments[0])), right)


def _of_pinv(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    """Golub and Pereyra; of a matrix of full rank one of the two projections is 0."""
    (A,) = node.arguments
    if not _is_matrix(A, shape_of):
        return None
    rows, columns = shape_of(A)
    turned, back = call("transpose_all", out), call("transpose_all", u)
    value = negative(_matmul(turned, u, turned))
    if rows > columns:
        rest = call("sub", call("eye", n=number(rows)), _matmul(A, out))
        value = call("add", value, _matmul(rest, back, out, turned))
    elif rows < columns:
        rest = call("sub", call("eye", n=number(columns)), _matmul(out, A))
        value = call("add", value, _matmul(turned, out, back, rest))
    return value


def _of_triangular(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    A, B = node.arguments
    options = dict(node.options)
    upper = options.get("upper")
    if options.keys() - {"upper"} or not isinstance(upper, Flag) or not _is_matrix(B, shape_of):
        return None
    other = Flag(not upper.value, NOWHERE)
    passed = call("solve_triangular", call("transpose_all", A), full(up, node, shape_of).value, upper=other)
    if place == 1:
        return Upstream(passed, shape_of(B))
    product = _matmul(passed, call("transpose_all", out))
    return Upstream(negative(call("triu" if upper.value else "tril", product)), shape_of(A))


def _of_cholesky_solve(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    B, L = node.arguments
    if node.options or not _is_matrix(B, shape_of):
        return None
    passed = call("cholesky_solve", full(up, node, shape_of).value, L)
    if place == 0:
        return Upstream(passed, shape_of(B))
    product = _matmul(passed, call("transpose_all", out))
    both = call("add", product, call("transpose_all", product))
    return Upstream(negative(_matmul(both, L)), shape_of(L))


def _of_matrix_power(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    found, mirrored = _numbers(node, "n"), turned(node.arguments[0], shape_of)
    if found is None or not 0 < found[0] <= 6:
        return None
    terms = [_matmul(*(mirrored,) * before, u, *(mirrored,) * (found[0] - 1 - before)) for before in range(found[0])]
    value = terms[0]
    for term in terms[1:]:
        value = call("add", value, term)
    return value


def _of_matrix_exp(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    """The corner of the exponential of a block matrix (Najfeld and Havel)."""
    (A,) = node.arguments
    if not _is_matrix(A, shape_of):
        return None
    turned, (size, _) = call("transpose_all", A), shape_of(A)
    blocks = call("vstack", call("hstack", turned, u), call("hstack", _zeros_like(A), turned))
    corner = (Slice(None, number(size), None, NOWHERE), Slice(number(size), None, None, NOWHERE))
    return Index(call("matrix_exp", blocks), corner, NOWHERE)


def _of_matrix_norm(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    (A,) = node.arguments
    kind = dict(node.options).get("p")
    if dict(node.options).keys() - {"p"}:
        return None
    if len(shape_of(A)) == 1:
        return _of_vector_norm(A, kind, out, up, shape_of)
    if not _is_matrix(A, shape_of):
        return None
    left, right = (Index(call("svd", A), (number(at),), NOWHERE) for at in (0, 2))
    match kind:
        case None | Text(value="fro") | Flag(value=None):
            slope: Expression = call("div", A, out)
        case Text(value="nuc"):
            slope = _matmul(left, right)
        case Number(value=2):
            slope = call("outer", Index(left, (_ALL, number(0)), NOWHERE), Index(right, (number(0),), NOWHERE))
        case _:
            return None
    return Upstream(times(slope, up.value), shape_of(A))


def _of_vector_norm(
    v: Expression, kind: Expression | None, out: Expression, up: Upstream, shape_of: ShapeOf
) -> Upstream | None:
    match kind:
        case None | Number(value=2) | Flag(value=None):
            slope: Expression = call("div", v, out)
        case Number(value=1):
            slope = call("sign", v)
        case Number(value=p) if math.isfinite(p) and p != 0:
            slope = times(call("sign", v), call("pow", call("div", call("abs", v), out), number(p - 1)))
        case _:
            return None
    return Upstream(times(slope, up.value), shape_of(v))


# entry by entry


def _entrywise(slope: Callable[[Call], Expression]) -> Rule:
    def rule(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
        own = full(up, node, shape_of)
        made = Upstream(times(slope(node), own.value), own.shape)
        return unbroadcast(made, node, node.arguments[place], shape_of)

    return rule


def _whole_quotients(node: Call) -> Expression:
    rounding = "floor" if node.operation == "mod" else "trunc"
    return negative(call(rounding, call("div", *node.arguments)))


def _zero(node: Call) -> Expression:
    return number(0)


def _polygamma(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    order = _numbers(node, "n")
    return None if order is None else times(call("polygamma", node.arguments[0], n=number(order[0] + 1)), u)


def _sinc(node: Call, out: Expression, u: Expression, shape_of: ShapeOf) -> Expression | None:
    (x,) = node.arguments
    return times(call("div", call("sub", call("cos", call("mul", number(math.pi), x)), out), x), u)


_REMAINDER = _either(_entrywise(lambda node: ONE), _entrywise(_whole_quotients))


def _first_axis(node: Call, rank: int) -> int:
    return 0


def _of_masked_select(node: Call, place: int, out: Expression, up: Upstream, shape_of: ShapeOf) -> Upstream | None:
    whole, mask = node.arguments
    return of_picked(Index(whole, (as_truth(mask),), NOWHERE), up, shape_of) if place == 0 else None


RARE_RULES: dict[str, Rule] = {
    "masked_select": _of_masked_select,
    **{f"conv{n}d": _of_convolution(n, False) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _of_convolution(n, True) for n in (1, 2, 3)},
    **{f"{kind}max_pool{n}d": _of(_of_pool(n, True)) for kind in ("", "adaptive_") for n in (1, 2, 3)},
    **{f"{kind}avg_pool{n}d": _of(_of_pool(n, False)) for kind in ("", "adaptive_") for n in (1, 2, 3)},
    "pad": _of(_of_pad),
    "unfold": _of(_of_unfold),
    "fold": _of(_of_fold),
    "interpolate": _of(_of_interpolate),
    "gather": _of(_of_gather),
    "take_along_dim": _of(_of_gather),
    "index_select": _of(_of_index_select),
    "scatter": _either(_of(_of_scattered_over), _of(_passed), _of(_of_source, 2)),
    "scatter_add": _either(_of(_passed), _of(_passed), _of(_of_source, 2)),
    "index_add": _either(_of(_passed), _of(_passed), _of(_of_added, 2)),
    "narrow": _of(_of_narrow),
    "select": _of(_of_select),
    "sort": _of(_of_sort),
    "topk": _of(_of_sort),
    "median": _of_chosen,
    "max": _of_chosen,
    "min": _of_chosen,
    "prod": _of_product,
    "concat": _of_joined(_axis, new=False),
    "stack": _of_joined(lambda node, rank: _axis(node, rank + 1), new=True),
    "hstack": _of_joined(lambda node, rank: min(rank, 2) - 1, new=False),
    "vstack": _of_joined(_first_axis, new=False),
    "column_stack": _of_joined(lambda node, rank: 1, new=False),
    "dstack": _of_joined(lambda node, rank: 2, new=False),
    "block_diag": _of_blocks,
    "tile": _of(_of_tile),
    "repeat_interleave": _of(_of_repeats),
    "rot90": _of(_of_turned),
    "diagonal": _of(_of_diagonal),
    "diag_embed": _of(_of_diag_embed),
    "cumprod": _of(_of_cumprod),
    "logcumsumexp": _of(_of_logcumsumexp),
    "diff": _of(_of_diff),
    "tensordot": _of_tensordot,
    "kron": _of_kron,
    "multi_dot": _of_chain,
    "bilinear": _of_bilinear,
    "cholesky": _of(_of_cholesky),
    "cholesky_solve": _of_cholesky_solve,
    "eigvalsh": _of(_of_eigenvalues),
    "svdvals": _of(_of_singular_values),
    "pinv": _of(_of_pinv),
    "solve_triangular": _of_triangular,
    "matrix_power": _of(_of_matrix_power),
    "matrix_exp": _of(_of_matrix_exp),
    "matrix_norm": _of_matrix_norm,
    "linalg_norm": _of_matrix_norm,
    "mod": _REMAINDER,
    "fmod": _REMAINDER,
    "copysign": _either(
        _entrywise(lambda node: times(*(call("sign", one) for one in node.arguments))), _entrywise(_zero)
    ),
    "polygamma": _of(_polygamma),
    "sinc": _of(_sinc),
    "nan_to_num": _of(_passed),
    "broadcast_to": lambda node, place, out, up, shape_of: unbroadcast(
        full(up, node, shape_of), node, node.arguments[0], shape_of
    ),
}
"""The rule of each operation, by its name."""
