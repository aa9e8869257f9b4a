"""The rarer operations in NumPy, for lines that use them. One that is missing here has no value: its lines are repaired
by running."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from grader.diagnosis.chain_rule.arithmetic import Array, Size, axis_of, reduced
from grader.diagnosis.chain_rule.meaning import Operation


def _each(function: Callable[[float], float]) -> Operation:
    return numpy.vectorize(function, otypes=[float])


def _real(function: Operation) -> Operation:
    return lambda *operands: numpy.asarray(function(*operands), dtype=float)


def _whole(index: Array) -> Array:
    return numpy.asarray(index).astype(int)


def _places(index: Array, dim: int) -> tuple[Array, ...]:
    places: list[Array] = list(numpy.indices(index.shape))
    places[int(dim)] = _whole(index)
    return tuple(places)


def _gather(x: Array, index: Array, dim: int) -> Array:
    return x[_places(index, dim)]


def _scatter_add(x: Array, index: Array, src: Array, dim: int) -> Array:
    made = numpy.array(x, dtype=float)
    numpy.add.at(made, _places(index, dim), src[tuple(map(slice, index.shape))])
    return made


def _index_add(x: Array, index: Array, source: Array, dim: int, alpha: float = 1) -> Array:
    made = numpy.array(x, dtype=float)
    numpy.add.at(numpy.moveaxis(made, int(dim), 0), _whole(index), alpha * numpy.moveaxis(source, int(dim), 0))
    return made


def _sort(x: Array, dim: int = -1, descending: bool = False) -> Array:
    made = numpy.sort(x, axis=int(dim))
    return numpy.flip(made, axis=int(dim)) if descending else made


def _chunk(x: Array, chunks: int, dim: int = 0) -> tuple[Array, ...]:
    size = -(-x.shape[int(dim)] // int(chunks))
    return tuple(numpy.split(x, range(size, x.shape[int(dim)], size), axis=int(dim)))


def _pairs(size: Size, axes: int) -> tuple[int, ...]:
    return (int(size),) * axes if not isinstance(size, list | tuple) else tuple(int(one) for one in size)


@dataclass(frozen=True, slots=True)
class Geometry:
    """How windows lie on the last axes of an array, with a number for each axis: their sizes, the steps from one to the
    next, the padding at both ends of the array, and how far apart the entries of a window are."""

    sizes: tuple[int, ...]
    steps: tuple[int, ...]
    edges: tuple[int, ...]
    gaps: tuple[int, ...]

    @classmethod
    def of(cls, axes: int, kernel: Size, stride: Size = 1, padding: Size = 0, dilation: Size = 1) -> Geometry:
        """Return the geometry with the options of torch, of which one number stands for all axes."""
        return cls(*(_pairs(one, axes) for one in (kernel, stride, padding, dilation)))

    def windows(self, x: Array, filled: float = 0.0) -> Any:
        """Return the windows, as axes of their own behind those that they lie on; the padding is `filled`."""
        axes = len(self.sizes)
        widths = [(0, 0)] * (numpy.ndim(x) - axes) + [(edge, edge) for edge in self.edges]
        padded = numpy.pad(numpy.asarray(x, dtype=float), widths, constant_values=filled)
        reach = tuple((size - 1) * gap + 1 for size, gap in zip(self.sizes, self.gaps, strict=True))
        made: Any = numpy.lib.stride_tricks.sliding_window_view(padded, reach, axis=tuple(range(-axes, 0)))
        steps, gaps = ([slice(None, None, one) for one in each] for each in (self.steps, self.gaps))
        return made[(..., *steps, *gaps)]


def _with_bias(made: Array, bias: Array | None, axes: int) -> Array:
    return made if bias is None else made + numpy.reshape(bias, (-1, *(1,) * axes))


def _conv(axes: int) -> Operation:
    def conv(x: Array, w: Array, b: Array | None = None, *, groups: int = 1, **placing: Size) -> Array:
        if not isinstance(placing.get("padding", 0), int | list | tuple) or numpy.ndim(x) != axes + 2:
            raise ValueError("a batch with a padding in numbers")
        seen = Geometry.of(axes, w.shape[2:], **placing).windows(x)
        seen = seen.reshape(len(x), groups, -1, *seen.shape[2:])
        filters = w.reshape(groups, -1, *w.shape[1:])
        over: Any = ((1, *range(-axes, 0)), tuple(range(1, axes + 2)))
        parts = [numpy.tensordot(seen[:, at], filters[at], over) for at in range(groups)]
        made = numpy.moveaxis(numpy.stack(parts, axis=1), -1, 2)
        return _with_bias(made.reshape(len(x), -1, *made.shape[3:]), b, axes)

    return conv


def _conv_transpose(axes: int) -> Operation:
    def conv_transpose(
        x: Array, w: Array, b: Array | None = None, *, output_padding: Size = 0, **placing: Size
    ) -> Array:
        own, more = Geometry.of(axes, w.shape[2:], **placing), _pairs(output_padding, axes)
        numbers = zip(x.shape[2:], own.sizes, own.steps, own.gaps, more, strict=True)
        sizes = [(count - 1) * step + gap * (size - 1) + 1 + end for count, size, step, gap, end in numbers]
        made: Any = numpy.zeros((len(x), w.shape[1], *sizes))
        for tap in numpy.ndindex(*w.shape[2:]):
            copies = numpy.moveaxis(numpy.tensordot(x, w[(slice(None), slice(None), *tap)], (1, 0)), -1, 1)
            first = (one * gap for one, gap in zip(tap, own.gaps, strict=True))
            ends = zip(first, x.shape[2:], own.steps, strict=True)
            made[(..., *(slice(one, one + size * step, step) for one, size, step in ends))] += copies
        inner = (slice(edge, size - edge) for edge, size in zip(own.edges, sizes, strict=True))
        return _with_bias(made[(..., *inner)], b, axes)

    return conv_transpose


def _adaptive_pool(axes: int, largest: bool) -> Operation:
    def pool(x: Array, output_size: Size) -> Array:
        for axis, count in zip(range(-axes, 0), _pairs(output_size, axes), strict=True):
            ends = [(at * x.shape[axis] // count, -(-(at + 1) * x.shape[axis] // count)) for at in range(count)]
            parts = [numpy.take(x, range(*one), axis=axis) for one in ends]
            x = numpy.stack([one.max(axis) if largest else one.mean(axis) for one in parts], axis=axis)
        return x

    return pool


def _unfold(x: Array, kernel_size: Size, **placing: Size) -> Any:
    seen = Geometry.of(2, kernel_size, **placing).windows(x)
    return numpy.moveaxis(seen, (-2, -1), (2, 3)).reshape(len(x), x.shape[1] * math.prod(seen.shape[-2:]), -1)


def _fold(columns: Array, output_size: Size, kernel_size: Size, padding: Size = 0, stride: Size = 1) -> Array:
    whole, own = _pairs(output_size, 2), Geometry.of(2, kernel_size, stride, padding)
    size, edge, step = own.sizes, own.edges, own.steps
    edged = [one + 2 * more for one, more in zip(whole, edge, strict=True)]
    made = numpy.zeros((len(columns), columns.shape[1] // math.prod(size), *edged))
    rows, across = ((made.shape[2 + at] - size[at]) // step[at] + 1 for at in (0, 1))
    parts = columns.reshape(len(columns), -1, *size, rows, across)
    for i, j in numpy.ndindex(*size):
        made[:, :, i : i + rows * step[0] : step[0], j : j + across * step[1] : step[1]] += parts[:, :, i, j]
    return made[:, :, edge[0] : edge[0] + whole[0], edge[1] : edge[1] + whole[1]]


def _scatter(x: Array, index: Array, src: Array, dim: int) -> Array:
    made = numpy.array(x, dtype=float)
    made[_places(index, dim)] = src[tuple(map(slice, index.shape))]
    return made


def _split(x: Array, split_size: Size, dim: int = 0) -> tuple[Array, ...]:
    length = x.shape[int(dim)]
    if isinstance(split_size, list | tuple):
        ends = list(numpy.cumsum(split_size)[:-1])
    else:
        ends = list(range(int(split_size), length, int(split_size)))
    return tuple(numpy.split(x, ends, axis=int(dim)))


def _places_of_largest(x: Array, k: int, dim: int = -1, largest: bool = True) -> Array:
    return numpy.take(numpy.argsort(-x if largest else x, axis=int(dim)), range(int(k)), axis=int(dim))


def _largest(x: Array, k: int, dim: int = -1, largest: bool = True) -> Array:
    return numpy.take_along_axis(x, _places_of_largest(x, k, dim, largest), axis=int(dim))


def _block_diag(*blocks: Array) -> Array:
    made = numpy.zeros(numpy.sum([block.shape for block in blocks], axis=0))
    row = column = 0
    for block in blocks:
        made[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return made


def _polygamma(x: Array, n: int = 0) -> Any:
    """By the recurrence, then by the asymptotic series (Abramowitz and Stegun, 6.3.18 and 6.4.11)."""
    total: Any = 0.0
    x = numpy.array(x, dtype=float)
    if not n:
        for _ in range(15):
            total, x = total - 1 / x, x + 1
        return total + numpy.log(x) - 1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4) - 1 / (252 * x**6)
    for _ in range(25):
        total, x = total + 1 / x ** (n + 1), x + 1
    rest = 1 / (n * x**n) + 1 / (2 * x ** (n + 1)) + (n + 1) / (12 * x ** (n + 2))
    rest = rest - (n + 1) * (n + 2) * (n + 3) / (720 * x ** (n + 4))
    return (-1) ** (n + 1) * math.factorial(n) * (total + rest)


def _cross_entropy(
    logits: Array, target: Array, weight: Array | None = None, reduction: str = "mean", label_smoothing: float = 0.0
) -> Any:
    """By the last axis of rows, or of a single list; other layouts are left to running."""
    if numpy.ndim(logits) > 2 or (weight is not None and label_smoothing):
        raise ValueError("rows of logits, without weights where they are smoothed")
    count = logits.shape[-1]
    hot = target if numpy.shape(target) == logits.shape else numpy.eye(count)[_whole(target)]
    shifted = logits - logits.max(axis=-1, keepdims=True)
    logs = shifted - numpy.log(numpy.sum(numpy.exp(shifted), axis=-1, keepdims=True))
    if weight is not None and reduction == "mean":
        return -numpy.sum(hot * weight * logs) / numpy.sum(hot * weight)
    hot = hot if weight is None else hot * weight
    losses = -numpy.sum((hot * (1 - label_smoothing) + label_smoothing / count) * logs, axis=-1)
    return losses if reduction == "none" else losses.mean() if reduction == "mean" else losses.sum()


def _matrix_exp(A: Array) -> Array:
    halved = max(0, int(numpy.ceil(numpy.log2(numpy.linalg.norm(A) + 1e-300))) + 1)
    term = total = numpy.eye(A.shape[-1])
    for n in range(1, 20):
        term = term @ A / 2**halved / n
        total = total + term
    for _ in range(halved):
        total = total @ total
    return total


def _pool(axes: int, largest: bool) -> Operation:
    def pool(x: Array, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> Any:
        own = Geometry.of(axes, kernel_size, kernel_size if stride is None else stride, padding)
        seen = own.windows(x, -math.inf if largest else 0.0)
        over = tuple(range(-axes, 0))
        return seen.max(axis=over) if largest else seen.mean(axis=over)

    return pool


def _pad(x: Array, pad: Any, value: float = 0.0) -> Array:
    pairs = list(zip(pad[::2], pad[1::2], strict=True))[::-1]  # the last axis comes first
    return numpy.pad(x, [(0, 0)] * (numpy.ndim(x) - len(pairs)) + pairs, constant_values=value)


def _fourier(transform: Operation) -> Operation:
    return lambda x, n=None, dim=-1: transform(x, n, int(dim))


def _windows(x: Array, dimension: int, size: int, step: int = 1) -> Array:
    made = numpy.lib.stride_tricks.sliding_window_view(x, int(size), axis=int(dimension))
    return numpy.take(made, range(0, made.shape[int(dimension)], int(step)), axis=int(dimension))


_SAME_NAME_IN_NUMPY = """
    exp2 sinc i0 deg2rad rad2deg floor ceil round trunc real imag conj angle hypot copysign logaddexp logaddexp2 fmod
    heaviside kron fliplr flipud nan_to_num cbrt
"""

_SAME_NAME_IN_LINALG = "det slogdet inv pinv solve cholesky eigvalsh eigh qr matrix_power"

TABLE: dict[str, Operation] = {
    **{name: getattr(numpy, name) for name in _SAME_NAME_IN_NUMPY.split()},
    **{name: getattr(numpy.linalg, name) for name in _SAME_NAME_IN_LINALG.split()},
    "asin": numpy.arcsin,
    "acos": numpy.arccos,
    "acosh": numpy.arccosh,
    "lgamma": _each(math.lgamma),
    "erfc": _each(math.erfc),
    "complex": lambda a, b: numpy.asarray(a) + 1j * numpy.asarray(b),
    "isnan": _real(numpy.isnan),
    "isinf": _real(numpy.isinf),
    "isfinite": _real(numpy.isfinite),
    "not_": _real(numpy.logical_not),
    "xor_": _real(numpy.logical_xor),
    "any": lambda *operands, **options: reduced(numpy.any)(*operands, **options) * 1.0,
    "all": lambda *operands, **options: reduced(numpy.all)(*operands, **options) * 1.0,
    "argmin": reduced(numpy.argmin),
    "median": lambda x, dim=None, keepdim=False: numpy.quantile(
        x, 0.5, axis=axis_of(dim), keepdims=bool(keepdim), method="lower"
    ),
    "quantile": lambda x, q, dim=None, keepdim=False: numpy.quantile(x, q, axis=axis_of(dim), keepdims=bool(keepdim)),
    "inner": numpy.inner,
    "logdet": lambda x: numpy.linalg.slogdet(x)[1],
    "svd": lambda x: numpy.linalg.svd(x, full_matrices=False),
    "svdvals": lambda x: numpy.linalg.svd(x, compute_uv=False),
    "multi_dot": lambda *parts: numpy.linalg.multi_dot(parts),
    "cross": lambda a, b, dim=-1: numpy.cross(a, b, axis=int(dim)),
    "linalg_norm": lambda x, p=None, keepdim=False: numpy.linalg.norm(x, p, None, bool(keepdim)),
    "cumprod": lambda x, dim=None: numpy.cumprod(x, axis=None if dim is None else int(dim)),
    "logcumsumexp": lambda x, dim=0: numpy.logaddexp.accumulate(x, axis=int(dim)),
    "sort": _sort,
    "argsort": lambda x, dim=-1: numpy.argsort(x, axis=int(dim)),
    "hstack": lambda *parts: numpy.hstack(parts),
    "vstack": lambda *parts: numpy.vstack(parts),
    "dstack": lambda *parts: numpy.dstack(parts),
    "column_stack": lambda *parts: numpy.column_stack(parts),
    "chunk": _chunk,
    "unbind": lambda x, dim=0: tuple(numpy.moveaxis(x, int(dim), 0)),
    "tile": lambda x, dims: numpy.tile(x, axis_of(dims)),
    "repeat_interleave": lambda x, repeats, dim=None: numpy.repeat(x, int(repeats), axis=axis_of(dim)),
    "roll": lambda x, shifts, dims=None: numpy.roll(x, axis_of(shifts), axis=axis_of(dims)),
    "movedim": lambda x, source, destination: numpy.moveaxis(x, int(source), int(destination)),
    "select": lambda x, dim, index: numpy.take(x, int(index), axis=int(dim)),
    "narrow": lambda x, dim, start, length: numpy.take(x, range(start, start + length), axis=int(dim)),
    "index_select": lambda x, index, dim: numpy.take(x, _whole(index), axis=int(dim)),
    "take_along_dim": lambda x, indices, dim: numpy.take_along_axis(x, _whole(indices), axis=int(dim)),
    "gather": _gather,
    "scatter_add": _scatter_add,
    "index_add": _index_add,
    "masked_select": lambda x, mask: x[numpy.asarray(mask) != 0],
    "diff": lambda x, n=1, dim=-1: numpy.diff(x, int(n), axis=int(dim)),
    "diagonal": lambda x, offset=0, dim1=0, dim2=1: numpy.diagonal(x, offset, dim1, dim2),
    "tensordot": lambda a, b, axes=2: numpy.tensordot(a, b, axes),
    "diag_embed": lambda x: numpy.asarray(x)[..., None] * numpy.eye(numpy.shape(x)[-1]),
    "full_like": lambda x, fill_value: numpy.full_like(x, fill_value, dtype=float),
    **{f"conv{n}d": _conv(n) for n in (1, 2, 3)},
    **{f"max_pool{n}d": _pool(n, largest=True) for n in (1, 2, 3)},
    **{f"avg_pool{n}d": _pool(n, largest=False) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _conv_transpose(n) for n in (1, 2, 3)},
    **{f"adaptive_max_pool{n}d": _adaptive_pool(n, largest=True) for n in (1, 2, 3)},
    **{f"adaptive_avg_pool{n}d": _adaptive_pool(n, largest=False) for n in (1, 2, 3)},
    "unfold": _unfold,
    "fold": _fold,
    "scatter": _scatter,
    "split": _split,
    "topk": _largest,
    "topk_indices": _places_of_largest,
    "count_nonzero": lambda x, dim=None: numpy.count_nonzero(x, axis=axis_of(dim)) * 1.0,
    "rot90": lambda x, k=1, dims=(0, 1): numpy.rot90(x, int(k), dims),
    "vander": lambda x, N=None, increasing=False: numpy.vander(x, N, bool(increasing)),
    "block_diag": _block_diag,
    "digamma": _polygamma,
    "polygamma": _polygamma,
    "cross_entropy": _cross_entropy,
    "solve_triangular": lambda A, B, upper: numpy.linalg.solve(numpy.triu(A) if upper else numpy.tril(A), B),
    "cholesky_solve": lambda B, L: numpy.linalg.solve(L @ L.T, B),
    "matrix_exp": _matrix_exp,
    "matrix_rank": lambda A: numpy.linalg.matrix_rank(A) * 1.0,
    "matrix_norm": lambda A, p="fro", dim=(-2, -1), keepdim=False: numpy.linalg.norm(A, p, axis_of(dim), bool(keepdim)),
    "lstsq": lambda A, B: numpy.linalg.pinv(A) @ B,
    "tensorinv": lambda A, ind=2: numpy.linalg.tensorinv(A, int(ind)),
    "tensorsolve": lambda A, B: numpy.linalg.tensorsolve(A, B),
    "cond": lambda A, p=None: numpy.linalg.cond(A, p),
    "pad": _pad,
    "windows": _windows,
    **{name: _fourier(getattr(numpy.fft, name)) for name in ("fft", "ifft", "rfft", "irfft")},
    "linspace": lambda start, end, steps: numpy.linspace(start, end, int(steps)),
}
