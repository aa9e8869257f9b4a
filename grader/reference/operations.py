"""The operations of the formula language in torch, in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, overload

import torch
from torch import Tensor as Tensor
from torch.nn import functional

from grader.formula.evaluate import UnsuitedOperands

Function = Callable[..., Tensor]
Operation = Callable[..., Tensor | Sequence[Tensor] | Sequence[int] | int]
Axes = int | tuple[int, ...] | list[int] | None
"""One axis, several, or all."""


@overload
def to_tensor(value: Tensor | float | list[Any]) -> Tensor: ...
@overload
def to_tensor(value: object) -> object: ...
def to_tensor(value: object) -> object:
    """Convert numbers and lists of numbers to float64 tensors; tensors and options stay as they are."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, list):
        # `torch.tensor` would detach tensors in the list from the graph.
        if any(isinstance(item, Tensor | list) for item in value):
            return torch.stack([to_tensor(item) for item in value])
        return torch.tensor(value, dtype=torch.float64)
    if isinstance(value, bool | int | float):
        return torch.tensor(float(value), dtype=torch.float64)
    return value


def only_axis(x: Tensor) -> int:
    """The axis of an array that has one. Raises `ValueError`: of several, libraries mean different ones."""
    if x.dim() > 1:
        raise UnsuitedOperands("an array of several axes without `dim=`")
    return 0


def _every(x: Tensor) -> tuple[int, ...]:
    return tuple(range(x.dim()))


def _reduce(function: Function) -> Function:
    def reduced(x: Tensor, dim: Axes = None, keepdim: bool = False) -> Tensor:
        return function(x, dim=_every(x) if dim is None else dim, keepdim=keepdim)

    return reduced


class _Extremes(Protocol):
    """What torch returns of `max` and `min` along an axis."""

    @property
    def values(self) -> Tensor: ...


def _extreme(amax: Function, two: Function, along: Callable[..., _Extremes]) -> Function:
    def extreme(x: Tensor, other: Tensor | None = None, dim: Axes = None, keepdim: bool = False) -> Tensor:
        if other is not None:
            return two(x, other)
        # amax splits the gradient of a tie evenly; max along an axis gives it to one entry, as students' code does.
        if isinstance(dim, int):
            return along(x, dim=dim, keepdim=keepdim).values
        return amax(x, dim=_every(x) if dim is None else dim, keepdim=keepdim)

    return extreme


def _spread(function: Function) -> Function:
    def spread(x: Tensor, dim: Axes = None, correction: int = 1, keepdim: bool = False) -> Tensor:
        return function(x, dim=dim, correction=correction, keepdim=keepdim)

    return spread


def _prod(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    if dim is None:
        return x.prod().reshape((1,) * x.dim() if keepdim else ())
    return x.prod(dim=dim, keepdim=keepdim)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return a * b if a.dim() == 0 or b.dim() == 0 else a @ b


def _norm(x: Tensor, p: float | str = 2, dim: Axes = None, keepdim: bool = False) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(x, ord=2 if p == "fro" else p, dim=dim, keepdim=keepdim)
    return norm


def _squeeze(x: Tensor, dim: Axes = None) -> Tensor:
    return x.squeeze() if dim is None else x.squeeze(dim)


def _leaky_relu(x: Tensor, negative_slope: Tensor | float = 0.01) -> Tensor:
    # torch's own leaky_relu does not accept a slope that requires a gradient.
    return torch.where(x > 0, x, negative_slope * x)


def _arange(start: Any = 0, stop: Any = None, step: Any = 1) -> Tensor:
    real = any(isinstance(end, float) for end in (start, stop, step))
    return torch.arange(start, stop, step, dtype=torch.float64 if real else torch.int64)


def _whole(x: Tensor) -> Tensor:
    return x.to(torch.int64)


def _one_hot(x: Tensor, classes: int = -1) -> Tensor:
    return functional.one_hot(_whole(x), classes).to(torch.float64)


def _cross_entropy(logits: Tensor, target: Tensor, weight: Tensor | None = None, **options: Any) -> Tensor:
    wanted = target if target.shape == logits.shape else _whole(target)
    if weight is not None and weight.requires_grad and not options.get("label_smoothing"):
        # torch cannot differentiate by the weights: the definition can.
        from grader.reference.rare_operations import composed_of

        own = composed_of("cross_entropy")(logits, target, weight, **options)
        assert isinstance(own, Tensor)
        return own
    return functional.cross_entropy(logits, wanted, weight, **options)


def sizes(shape: float | Iterable[float]) -> tuple[int, ...]:
    return (int(shape),) if isinstance(shape, int | float) else tuple(int(size) for size in shape)


def _double(function: Function) -> Function:
    return lambda shape: function(sizes(shape), dtype=torch.float64)


def _truth(function: Function) -> Function:
    """Wrap a comparison to return 0 and 1, so that its result can be used as a factor."""
    return lambda a, b: function(a, b).to(torch.float64)


_SAME_NAME_IN_TORCH = """
    neg exp expm1 log log1p log2 log10 sqrt rsqrt square reciprocal abs sign tanh sinh cosh sin cos tan atan atanh
    asinh sigmoid erf isnan detach zeros_like ones_like diag trace
"""

TABLE: dict[str, Operation] = {
    **{name: getattr(torch, name) for name in _SAME_NAME_IN_TORCH.split()},
    "logsigmoid": functional.logsigmoid,
    "relu": torch.relu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "leaky_relu": _leaky_relu,
    "transpose_all": lambda x: x.permute(*reversed(range(x.dim()))),
    "matrix_transpose": lambda x: x.transpose(-1, -2) if x.dim() > 1 else x,
    "same": lambda x: x,
    "shape_of": lambda x: list(x.shape),
    "length": len,
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "floordiv": torch.floor_divide,
    "mod": torch.remainder,
    "matmul": torch.matmul,
    "dot": _dot,
    "inner": torch.inner,
    "outer": torch.outer,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "gt": _truth(torch.gt),
    "ge": _truth(torch.ge),
    "lt": _truth(torch.lt),
    "le": _truth(torch.le),
    "eq": _truth(torch.eq),
    "ne": _truth(torch.ne),
    "and_": _truth(torch.logical_and),
    "or_": _truth(torch.logical_or),
    "atan2": torch.atan2,
    "sum": _reduce(torch.sum),
    "mean": _reduce(torch.mean),
    "prod": _prod,
    "max": _extreme(torch.amax, torch.maximum, torch.max),
    "min": _extreme(torch.amin, torch.minimum, torch.min),
    "var": _spread(torch.var),
    "std": _spread(torch.std),
    "logsumexp": _reduce(torch.logsumexp),
    "norm": _norm,
    "argmax": lambda x, dim=None, keepdim=False: torch.argmax(x, dim=dim, keepdim=keepdim),
    "cumsum": lambda x, dim=None: torch.cumsum(x, only_axis(x) if dim is None else dim),
    "softmax": lambda x, dim=-1: torch.softmax(x, dim),
    "log_softmax": lambda x, dim=-1: torch.log_softmax(x, dim),
    "cross_entropy": _cross_entropy,
    "mse_loss": functional.mse_loss,
    "reshape": lambda x, shape: x.reshape(sizes(shape)),
    "flatten": lambda x, start_dim=0, end_dim=-1: x.flatten(start_dim, end_dim),
    "squeeze": _squeeze,
    "unsqueeze": lambda x, dim: x.unsqueeze(dim),
    "transpose": lambda x, dim0=0, dim1=1: x.transpose(dim0, dim1),
    "permute": lambda x, dims: x.permute(sizes(dims)),
    "broadcast_to": lambda x, shape: x.expand(sizes(shape)),
    "clip": lambda x, min=None, max=None: torch.clamp(x, min, max),
    "where": lambda c, a, b: torch.where(c != 0, a, b),
    "one_hot": _one_hot,
    "triu": lambda x, diagonal=0: torch.triu(x, diagonal),
    "tril": lambda x, diagonal=0: torch.tril(x, diagonal),
    "flip": lambda x, dims=None: torch.flip(x, _every(x) if dims is None else sizes(dims)),
    "conv1d": functional.conv1d,
    "einsum": lambda *parts, equation: torch.einsum(equation, *parts),
    "stack": lambda *parts, dim=0: torch.stack(parts, dim),
    "concat": lambda *parts, dim=0: torch.cat(parts, dim),
    "zeros": _double(torch.zeros),
    "ones": _double(torch.ones),
    "full": lambda shape, fill_value: to_tensor(fill_value).expand(sizes(shape)),
    "eye": lambda n: torch.eye(int(n), dtype=torch.float64),
    "arange": _arange,
}

_WHOLE_STAYS_WHOLE = """
    neg square abs sign isnan detach zeros_like ones_like diag trace transpose_all matrix_transpose same shape_of length
    add sub mul floordiv mod maximum minimum gt ge lt le eq ne and_ or_ sum prod max min argmax cumsum reshape flatten
    squeeze unsqueeze transpose permute broadcast_to clip where one_hot triu tril flip stack concat cross_entropy
"""

_EXACT = frozenset(_WHOLE_STAYS_WHOLE.split())
"""Operations that keep whole numbers whole, so that their results may be indices. For the others torch would choose a
precision, namely float32."""


def _function(operation: str) -> Operation:
    found = TABLE.get(operation)
    if found is None:
        from grader.reference.rare_operations import function

        found = function(operation)
    return found


class TorchMeaning:
    """The implementation of `grader.formula.evaluate.OperationMeaning` in torch."""

    def apply(self, operation: str, operands: list[Any], options: dict[str, Any]) -> Any:
        if operation == "pow":
            # A plain number as exponent stays one: torch would also differentiate by a tensor, which gives nan for a
            # negative base.
            base, exponent = operands
            return _real(to_tensor(base)) ** (exponent if isinstance(exponent, int | float) else to_tensor(exponent))
        tensors = [to_tensor(operand) for operand in operands]
        if operation not in _EXACT:
            tensors = [_real(tensor) for tensor in tensors]
        elif any(isinstance(one, Tensor) and not one.is_floating_point() for one in operands):
            # `labels - 1` may still be used as an index.
            tensors = [torch.tensor(o) if isinstance(o, int) else t for o, t in zip(operands, tensors, strict=True)]
        return _function(operation)(*tensors, **options)

    def pick(self, whole: Any, key: tuple[Any, ...]) -> Any:
        if not isinstance(whole, Tensor):
            return whole[key if len(key) > 1 else key[0]]
        keys: tuple[Any, ...] = tuple(_mask(one) for one in key)
        if any(isinstance(one, slice) and isinstance(one.step, int) and one.step < 0 for one in keys):
            whole, keys = _forwards(whole, keys)
        return whole[keys if len(keys) > 1 else keys[0]]

    def put(self, whole: Any, key: tuple[Any, ...], part: Any) -> Any:
        changed = to_tensor(whole).clone()
        keys: tuple[Any, ...] = tuple(_index(one) for one in key)
        if any(isinstance(one, slice) and isinstance(one.step, int) and one.step < 0 for one in keys):
            said = "a slice from back to front cannot be assigned to: turn the value with `flip` instead"
            raise UnsuitedOperands(said)
        changed[keys] = to_tensor(part)
        return changed


def _real(value: Any) -> Any:
    whole = isinstance(value, Tensor) and not value.is_floating_point() and not value.is_complex()
    return value.to(torch.float64) if whole else value


def _mask(key: object) -> object:
    """A condition as an index chooses the entries where it is 1. Other real numbers are no index: torch refuses."""
    if isinstance(key, Tensor) and key.is_floating_point() and key.dim() and bool(((key == 0) | (key == 1)).all()):
        return key != 0
    return key


def _index(key: object) -> object:
    key = _mask(key)
    return _whole(key) if isinstance(key, Tensor) and key.is_floating_point() else key


def _forwards(whole: Tensor, keys: tuple[Any, ...]) -> tuple[Tensor, tuple[Any, ...]]:
    """The same choice without slices from back to front, which torch does not have: the axis is turned first."""
    taken = sum(one.dim() if isinstance(one, Tensor) and one.dtype == torch.bool else one is not None for one in keys)
    made: list[Any] = []
    axis = 0
    for one in keys:
        if isinstance(one, slice) and isinstance(one.step, int) and one.step < 0:
            size = whole.shape[axis]
            start, stop, step = one.indices(size)
            whole = whole.flip(axis)
            one = slice(size - 1 - start, size - 1 - stop, -step)
        made.append(one)
        if one is Ellipsis:
            axis += whole.dim() - (taken - 1)
        elif one is not None:
            axis += one.dim() if isinstance(one, Tensor) and one.dtype == torch.bool else 1
    return whole, tuple(made)
