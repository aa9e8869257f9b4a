"""The rarer operations in torch: torch's own functions of the same name, and those that differ from them."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from grader.formula.compositions import is_composed
from grader.formula.evaluate import composed
from grader.formula.operations import arranged, named
from grader.formula.rare_operations import HOMES
from grader.reference import operations
from grader.reference.operations import Axes, Function, Operation, only_axis

_MODULES = {
    "torch": torch,
    "torch.linalg": torch.linalg,
    "torch.special": torch.special,
    "torch.fft": torch.fft,
    "F": functional,
}

_INDICES = frozenset({"index", "indices"})
_INDEXED = {
    "embedding": "input",
    "nll_loss": "target",
    "multi_margin_loss": "target",
    "multilabel_margin_loss": "target",
}
"""Operands that torch wants as whole numbers: by their name, and by operation."""


@cache
def function(operation: str) -> Operation:
    """The value of an operation as a function of tensors and options. Raises `LookupError`."""
    made = _OWN.get(operation)
    home = next((home for home, names in HOMES.items() if operation in names.split()), None)
    if made is None and home is None:
        return composed_of(operation)
    made = made or _native(operation, getattr(_MODULES[home or ""], operation))
    return _or_composed(made, operation) if is_composed(operation) else made


def _native(operation: str, function: Operation) -> Operation:
    """torch's own function, which gets operands in torch's order."""
    known = named(operation)
    if not known.order:
        return function

    def native(*operands: Any, **options: Any) -> Any:
        whole = [
            one.to(torch.int64)
            if isinstance(one, Tensor) and (name in _INDICES or _INDEXED.get(operation) == name)
            else one
            for name, one in zip(known.operands, operands, strict=False)
        ]
        placed, kept = arranged(known, whole, options)
        return function(*placed, **kept)

    return native


def _or_composed(function: Operation, operation: str) -> Operation:
    """Use the definition where torch cannot differentiate by an operand, such as the weights of a loss."""

    def tried(*operands: Any, **options: Any) -> Any:
        try:
            return function(*operands, **options)
        except RuntimeError as error:
            if "differentiable" not in str(error):
                raise
            return composed_of(operation)(*operands, **options)

    return tried


def composed_of(operation: str) -> Operation:
    """The value of an operation by its definition."""

    def from_definition(*operands: Any, **options: Any) -> Any:
        made = composed(operation, list(operands), options, operations.TorchMeaning())
        if made is None:
            raise LookupError(operation)
        return made

    return from_definition


def _along(function: Function) -> Function:
    """Wrap a function along one axis to go along the only one if there is no option."""
    return lambda x, dim=None: function(x, only_axis(x) if dim is None else dim)


def _truth(function: Function) -> Function:
    def true(x: Tensor, dim: Axes = None, keepdim: bool = False) -> Tensor:
        made: Tensor = function(x != 0) if dim is None else function(x != 0, dim=dim, keepdim=keepdim)
        return made.to(torch.float64)

    return true


def _scattered(function: Function) -> Function:
    def scattered(x: Tensor, index: Tensor, src: Tensor, dim: int) -> Tensor:
        # torch has no derivative by the entries of a larger `src` that are not used.
        used = src[tuple(slice(size) for size in index.shape)]
        return function(x, dim, index.to(torch.int64), used)

    return scattered


def _median(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    return x.median() if dim is None else x.median(dim=dim, keepdim=keepdim).values


def _split(x: Tensor, split_size: int | list[int], dim: int = 0) -> tuple[Tensor, ...]:
    return tuple(torch.split(x, split_size, dim))


def _batch_norm(x: Tensor, *others: Any, training: bool = False, **options: Any) -> Tensor:
    mean, var, weight, bias = (*others, None, None, None, None)[:4]
    # In training torch changes the running statistics in place, and does not use them.
    if training or mean is None:
        mean, var, training = None, None, True
    return functional.batch_norm(x, mean, var, weight, bias, training, **options)


def _sizes(shape: int | list[int]) -> list[int]:
    return [shape] if isinstance(shape, int) else shape


def _layer_norm(
    x: Tensor,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    *,
    normalized_shape: int | list[int],
    eps: float = 1e-5,
) -> Tensor:
    return functional.layer_norm(x, _sizes(normalized_shape), weight, bias, eps)


def _rms_norm(
    x: Tensor, weight: Tensor | None = None, *, normalized_shape: int | list[int], eps: float | None = None
) -> Tensor:
    return functional.rms_norm(x, _sizes(normalized_shape), weight, eps)


def _attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None, **options: Any) -> Tensor:
    # A condition keeps the scores where it is 1; other numbers are added to them.
    if mask is not None and bool(((mask == 0) | (mask == 1)).all()) and bool(mask.any()):
        mask = mask != 0
    return functional.scaled_dot_product_attention(query, key, value, mask, **options)


def _vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    powers = torch.arange(len(x) if N is None else N)
    return x[:, None] ** (powers if increasing else powers.flip(0))


_OWN: dict[str, Operation] = {
    "not_": lambda x: (x == 0).to(torch.float64),
    "xor_": lambda a, b: ((a != 0) ^ (b != 0)).to(torch.float64),
    "isinf": lambda x: torch.isinf(x).to(torch.float64),
    "isfinite": lambda x: torch.isfinite(x).to(torch.float64),
    "any": _truth(torch.any),
    "all": _truth(torch.all),
    "argmin": lambda x, dim=None, keepdim=False: torch.argmin(x, dim=dim, keepdim=keepdim),
    "median": _median,
    "cumprod": _along(torch.cumprod),
    "logcumsumexp": _along(torch.logcumsumexp),
    "sort": lambda x, dim=-1, descending=False: torch.sort(x, dim=dim, descending=descending).values,
    "topk": lambda x, k, dim=-1, largest=True: torch.topk(x, k, dim, largest).values,
    "topk_indices": lambda x, k, dim=-1, largest=True: torch.topk(x, k, dim, largest).indices,
    "tile": lambda x, dims: torch.tile(x, operations.sizes(dims)),
    "hstack": lambda *parts: torch.hstack(parts),
    "vstack": lambda *parts: torch.vstack(parts),
    "dstack": lambda *parts: torch.dstack(parts),
    "column_stack": lambda *parts: torch.column_stack(parts),
    "block_diag": torch.block_diag,
    "multi_dot": lambda *parts: torch.linalg.multi_dot(parts),
    "scatter": _scattered(torch.scatter),
    "scatter_add": _scattered(torch.scatter_add),
    "split": _split,
    "chunk": lambda x, chunks, dim=0: tuple(torch.chunk(x, chunks, dim)),
    "unbind": lambda x, dim=0: tuple(torch.unbind(x, dim)),
    "windows": lambda x, dimension, size, step=1: x.unfold(dimension, size, step),
    "masked_fill": lambda x, mask, value: torch.where(mask != 0, value, x),
    "masked_select": lambda x, mask: torch.masked_select(x, mask != 0),
    "slogdet": lambda x: tuple(torch.linalg.slogdet(x)),
    "eigh": lambda x: tuple(torch.linalg.eigh(x)),
    "qr": lambda x: tuple(torch.linalg.qr(x)),
    "svd": lambda x: tuple(torch.linalg.svd(x, full_matrices=False)),
    "lstsq": lambda a, b: torch.linalg.pinv(a) @ b,
    "matrix_norm": lambda x, p="fro", **options: torch.linalg.matrix_norm(x, p, **options),
    "linalg_norm": lambda x, p=None, **options: torch.linalg.norm(x, p, **options),
    "tensordot": lambda a, b, axes=2: torch.tensordot(a, b, dims=axes),
    "cond": lambda x, p=None: torch.linalg.cond(x, p),
    # torch has no derivative of its own for a jump.
    "heaviside": lambda x, values: torch.heaviside(x.detach(), values.detach()),
    "vander": _vander,
    "linspace": lambda start, end, steps: torch.linspace(start, end, steps, dtype=torch.float64),
    "matrix_rank": lambda x: torch.linalg.matrix_rank(x).to(torch.float64),
    "batch_norm": _batch_norm,
    "instance_norm": functional.instance_norm,
    "layer_norm": _layer_norm,
    "rms_norm": _rms_norm,
    "scaled_dot_product_attention": _attention,
    "bilinear": lambda a, b, w, bias=None: functional.bilinear(a, b, w, bias),
}
