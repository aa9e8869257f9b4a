"""Which objects share numbers: an array and its rows, a list and the lists inside it."""

from __future__ import annotations

import sys
from typing import Any


def is_part_of(part: Any, whole: Any) -> bool:
    """Whether `part` is another object than `whole`, and changing one may change the other."""
    if part is whole:
        return False
    if type(whole) is list:
        return any(one is part or (type(one) is list and any(inner is part for inner in one)) for one in whole)
    return _overlap(part, whole)


def is_same(one: Any, other: Any) -> bool:
    """Whether both hold the same numbers in the same shape: one object, or two views of one storage."""
    return one is other or (_overlap(one, other) and one.shape == other.shape)


def _overlap(one: Any, other: Any) -> bool:
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if numpy is not None and isinstance(one, numpy.ndarray) and isinstance(other, numpy.ndarray):
        return bool(numpy.may_share_memory(one, other))
    if torch is not None and isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return bool(one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr())
    return False


def may_change(value: Any) -> bool:
    """Whether a value can be changed in place: a list or an array."""
    return type(value) is list or any(isinstance(value, kind) for kind in _arrays())


def _arrays() -> list[type]:
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    return [*([numpy.ndarray] if numpy is not None else ()), *([torch.Tensor] if torch is not None else ())]
