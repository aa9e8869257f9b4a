"""Evaluates formulas in NumPy float64: used for students' expressions and their repairs.

The operations are those of the reference's torch table (a test compares the two, operation by operation), without the
cost of importing torch. Where the libraries differ, reductions follow NumPy, as students' NumPy code does; so do `var`
and `std` without a correction.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy
from numpy.typing import NDArray

from grader.diagnosis.chain_rule.meaning import Operation, StudentMeaning

Array = NDArray[Any]
"""Of floats; of whole numbers where it is an index."""

Size = int | list[int] | tuple[int, ...]
"""One length, or one for each axis; one axis, or several."""


def axis_of(dim: Size | None) -> Any:
    return tuple(int(one) for one in dim) if isinstance(dim, list | tuple) else None if dim is None else int(dim)


def reduced(function: Operation) -> Operation:
    return lambda x, dim=None, keepdim=False: function(x, axis=axis_of(dim), keepdims=bool(keepdim))


def _extreme(one: Operation, two: Operation) -> Operation:
    def extreme(x: Array, other: Array | None = None, dim: Size | None = None, keepdim: bool = False) -> Any:
        return one(x, axis=axis_of(dim), keepdims=bool(keepdim)) if other is None else two(x, other)

    return extreme


def _softmax(x: Array, dim: Size | None = -1) -> Any:
    shifted = numpy.exp(x - numpy.max(x, axis=axis_of(dim), keepdims=True))
    return shifted / numpy.sum(shifted, axis=axis_of(dim), keepdims=True)


def _log_softmax(x: Array, dim: Size | None = -1) -> Any:
    shifted = x - numpy.max(x, axis=axis_of(dim), keepdims=True)
    return shifted - numpy.log(numpy.sum(numpy.exp(shifted), axis=axis_of(dim), keepdims=True))


def _logsumexp(x: Array, dim: Size | None = None, keepdim: bool = False) -> Any:
    largest = numpy.max(x, axis=axis_of(dim), keepdims=True)
    summed = numpy.sum(numpy.exp(x - largest), axis=axis_of(dim), keepdims=True)
    result = largest + numpy.log(summed)
    return result if keepdim else numpy.squeeze(result, axis=axis_of(dim))


def _norm(x: Array, p: float | Literal["fro"] = 2, dim: Size | None = None, keepdim: bool = False) -> Any:
    sizes, along = numpy.abs(x), {"axis": axis_of(dim), "keepdims": bool(keepdim)}
    if p in (math.inf, -math.inf):
        return (numpy.max if p > 0 else numpy.min)(sizes, **along)
    if p == 0:
        return numpy.sum(sizes != 0, **along) * 1.0
    power = 2 if p == "fro" else p
    return numpy.sum(sizes**power, **along) ** (1 / power)


def _sigmoid(x: Array | float) -> Array:
    return 0.5 * (1.0 + numpy.tanh(0.5 * numpy.asarray(x)))


def _shape(shape: Size) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, int | float) else tuple(int(size) for size in shape)


def _squeeze(x: Array, dim: int | None = None) -> Array:
    return numpy.squeeze(x, axis=axis_of(dim)) if dim is None or numpy.asarray(x).shape[int(dim)] == 1 else x


def _one_hot(x: Array, classes: int = -1) -> Any:
    whole = numpy.asarray(x).astype(int)
    return numpy.eye(int(classes) if classes > 0 else int(whole.max()) + 1)[whole]


def _logical(function: Operation) -> Operation:
    return lambda a, b: numpy.asarray(function(a, b), dtype=float)


_SAME_NAME_IN_NUMPY = """
    exp expm1 log log1p log2 log10 sqrt square reciprocal sign tanh sinh cosh sin cos tan zeros_like ones_like diag
    trace maximum minimum outer
"""

TABLE: dict[str, Operation] = {
    **{name: getattr(numpy, name) for name in _SAME_NAME_IN_NUMPY.split()},
    "neg": numpy.negative,
    "abs": numpy.abs,
    "atan": numpy.arctan,
    "atanh": numpy.arctanh,
    "asinh": numpy.arcsinh,
    "atan2": numpy.arctan2,
    "rsqrt": lambda x: 1.0 / numpy.sqrt(x),
    "sigmoid": _sigmoid,
    "logsigmoid": lambda x: -numpy.logaddexp(0.0, -numpy.asarray(x)),
    "relu": lambda x: numpy.maximum(x, 0.0),
    "leaky_relu": lambda x, negative_slope=0.01: numpy.where(x > 0, x, negative_slope * x),
    "erf": lambda x: numpy.vectorize(math.erf, otypes=[float])(x),
    "gelu": lambda x: x * numpy.vectorize(math.erfc, otypes=[float])(-numpy.asarray(x) / math.sqrt(2.0)) / 2.0,
    "silu": lambda x: x * _sigmoid(x),
    "softplus": lambda x: numpy.logaddexp(0.0, x),
    "transpose_all": numpy.transpose,
    "matrix_transpose": lambda x: numpy.swapaxes(x, -1, -2) if numpy.ndim(x) > 1 else x,
    "detach": lambda x: x,
    "same": lambda x: x,
    "shape_of": lambda x: list(numpy.shape(x)),
    "length": len,
    "add": numpy.add,
    "sub": numpy.subtract,
    "mul": numpy.multiply,
    "div": numpy.divide,
    "floordiv": numpy.floor_divide,
    "mod": numpy.mod,
    "pow": lambda a, b: numpy.power(numpy.asarray(a, dtype=float), b),
    "matmul": numpy.matmul,
    "dot": numpy.dot,
    "gt": _logical(numpy.greater),
    "ge": _logical(numpy.greater_equal),
    "lt": _logical(numpy.less),
    "le": _logical(numpy.less_equal),
    "eq": _logical(numpy.equal),
    "ne": _logical(numpy.not_equal),
    "and_": _logical(numpy.logical_and),
    "or_": _logical(numpy.logical_or),
    "sum": reduced(numpy.sum),
    "mean": reduced(numpy.mean),
    "prod": reduced(numpy.prod),
    "max": _extreme(numpy.max, numpy.maximum),
    "min": _extreme(numpy.min, numpy.minimum),
    "logsumexp": _logsumexp,
    "norm": _norm,
    "argmax": lambda x, dim=None, keepdim=False: numpy.argmax(x, axis=axis_of(dim), keepdims=bool(keepdim)),
    "cumsum": lambda x, dim=None: numpy.cumsum(x, axis=axis_of(dim)),
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "reshape": lambda x, shape: numpy.reshape(x, _shape(shape)),
    "flatten": lambda x, start_dim=0, end_dim=-1: numpy.ravel(x),
    "squeeze": _squeeze,
    "unsqueeze": lambda x, dim: numpy.expand_dims(x, int(dim)),
    "transpose": lambda x, dim0=0, dim1=1: numpy.swapaxes(x, int(dim0), int(dim1)),
    "permute": lambda x, dims: numpy.transpose(x, _shape(dims)),
    "broadcast_to": lambda x, shape: numpy.broadcast_to(x, _shape(shape)),
    "clip": lambda x, min=None, max=None: numpy.clip(x, min, max),
    "where": lambda c, a, b: numpy.where(numpy.asarray(c) != 0, a, b),
    "one_hot": _one_hot,
    "triu": lambda x, diagonal=0: numpy.triu(x, int(diagonal)),
    "tril": lambda x, diagonal=0: numpy.tril(x, int(diagonal)),
    "flip": lambda x, dims: numpy.flip(x, _shape(dims)),
    "einsum": lambda *parts, equation: numpy.einsum(equation, *parts),
    "stack": lambda *parts, dim=0: numpy.stack(parts, axis=int(dim)),
    "concat": lambda *parts, dim=0: numpy.concatenate(parts, axis=int(dim)),
    "zeros": lambda shape: numpy.zeros(_shape(shape)),
    "ones": lambda shape: numpy.ones(_shape(shape)),
    "full": lambda shape, fill_value: numpy.full(_shape(shape), float(fill_value)),
    "eye": lambda n: numpy.eye(int(n)),
    "arange": lambda start=0, stop=None, step=1: numpy.arange(start, stop, step),
}


class NumpyMeaning(StudentMeaning):
    """Meaning of formulas over arrays. `var` and `std` divide by N - `correction` unless their options override it."""

    table: Mapping[str, Operation] = TABLE
    correction = 0

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        if operation in ("var", "std"):
            spread = numpy.var if operation == "var" else numpy.std
            return spread(
                operands[0],
                axis=axis_of(options.get("dim")),
                ddof=int(options.get("correction", self.correction)),
                keepdims=bool(options.get("keepdim", False)),
            )
        return super().apply(operation, operands, options)

    def _composed(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        from grader.diagnosis.chain_rule.rare_arithmetic import TABLE as RARE  # few lines need it

        if operation in RARE:
            return self.call(RARE[operation], operands, options)
        return super()._composed(operation, operands, options)

    def call(self, function: Operation, operands: list[Any], options: dict[str, Any]) -> Any:
        return function(*map(_number, operands), **options)


def _number(value: object) -> object:
    return numpy.asarray(value, dtype=float) if isinstance(value, list) else value
