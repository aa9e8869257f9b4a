"""The rarer operations in NumPy, for lines that use them. One that is missing here has no value: its lines are repaired
by running."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy


def _each(function: Callable[[float], float]) -> Callable[..., Any]:
    return numpy.vectorize(function, otypes=[float])


def _axis(dim: Any) -> Any:
    return tuple(int(one) for one in dim) if isinstance(dim, list | tuple) else None if dim is None else int(dim)


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, dim=None, keepdim=False: function(x, axis=_axis(dim), keepdims=bool(keepdim))


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *operands: numpy.asarray(function(*operands), dtype=float)


def _whole(index: Any) -> Any:
    return numpy.asarray(index).astype(int)


def _places(index: Any, dim: int) -> tuple[Any, ...]:
    places = list(numpy.indices(index.shape))
    places[int(dim)] = _whole(index)
    return tuple(places)


def _gather(x: Any, index: Any, dim: int) -> Any:
    return x[_places(index, dim)]


def _scatter_add(x: Any, index: Any, src: Any, dim: int) -> Any:
    made = numpy.array(x, dtype=float)
    numpy.add.at(made, _places(index, dim), src[tuple(map(slice, index.shape))])
    return made


def _index_add(x: Any, index: Any, source: Any, dim: int, alpha: float = 1) -> Any:
    made = numpy.array(x, dtype=float)
    numpy.add.at(numpy.moveaxis(made, int(dim), 0), _whole(index), alpha * numpy.moveaxis(source, int(dim), 0))
    return made


def _sort(x: Any, dim: int = -1, descending: bool = False) -> Any:
    made = numpy.sort(x, axis=int(dim))
    return numpy.flip(made, axis=int(dim)) if descending else made


def _chunk(x: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    size = -(-x.shape[int(dim)] // int(chunks))
    return tuple(numpy.split(x, range(size, x.shape[int(dim)], size), axis=int(dim)))


_SAME_NAME_IN_NUMPY = """
    exp2 sinc i0 deg2rad rad2deg floor ceil round trunc real imag conj angle hypot copysign logaddexp logaddexp2 fmod
    heaviside kron fliplr flipud nan_to_num cbrt
"""

_SAME_NAME_IN_LINALG = "det slogdet inv pinv solve cholesky eigvalsh eigh qr matrix_power"

TABLE: dict[str, Callable[..., Any]] = {
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
    "any": lambda *operands, **options: _reduced(numpy.any)(*operands, **options) * 1.0,
    "all": lambda *operands, **options: _reduced(numpy.all)(*operands, **options) * 1.0,
    "argmin": _reduced(numpy.argmin),
    "median": lambda x, dim=None, keepdim=False: numpy.quantile(
        x, 0.5, axis=_axis(dim), keepdims=bool(keepdim), method="lower"
    ),
    "quantile": lambda x, q, dim=None, keepdim=False: numpy.quantile(x, q, axis=_axis(dim), keepdims=bool(keepdim)),
    "inner": numpy.inner,
    "logdet": lambda x: numpy.linalg.slogdet(x)[1],
    "svd": lambda x: numpy.linalg.svd(x, full_matrices=False),
    "svdvals": lambda x: numpy.linalg.svd(x, compute_uv=False),
    "multi_dot": lambda *parts: numpy.linalg.multi_dot(parts),
    "cross": lambda a, b, dim=-1: numpy.cross(a, b, axis=int(dim)),
    "linalg_norm": lambda x, p=None: numpy.linalg.norm(x, p),
    "cumprod": lambda x, dim=0: numpy.cumprod(x, axis=int(dim)),
    "logcumsumexp": lambda x, dim=0: numpy.logaddexp.accumulate(x, axis=int(dim)),
    "sort": _sort,
    "argsort": lambda x, dim=-1: numpy.argsort(x, axis=int(dim)),
    "hstack": lambda *parts: numpy.hstack(parts),
    "vstack": lambda *parts: numpy.vstack(parts),
    "dstack": lambda *parts: numpy.dstack(parts),
    "column_stack": lambda *parts: numpy.column_stack(parts),
    "chunk": _chunk,
    "unbind": lambda x, dim=0: tuple(numpy.moveaxis(x, int(dim), 0)),
    "tile": lambda x, dims: numpy.tile(x, _axis(dims)),
    "repeat_interleave": lambda x, repeats, dim=None: numpy.repeat(x, int(repeats), axis=_axis(dim)),
    "roll": lambda x, shifts, dims=None: numpy.roll(x, _axis(shifts), axis=_axis(dims)),
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
    "linspace": lambda start, end, steps: numpy.linspace(start, end, int(steps)),
}
