"""Replaces the half floats a submission asks for by the float type of the run.

float16 keeps three digits and bfloat16 two: a right derivation in them may be off by a few percent, as may a wrong one.
With wider floats the derivation is the same, and can be judged.
"""

from __future__ import annotations

import sys
from typing import Any

_METHODS = {"float64": "double", "float32": "float"}
_TENSORS = {"float64": "DoubleTensor", "float32": "FloatTensor"}


class HalfFloats:
    """The names that ask for half floats in torch and numpy: widened, or original."""

    def __init__(self) -> None:
        self._own: dict[tuple[Any, str], Any] = {}

    def widen(self, width: str) -> None:
        """Make these names mean `width`: "float64" or "float32"."""
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if numpy is not None:
            for name in ("float16", "half"):
                self._put(numpy, name, getattr(numpy, width))
        if torch is not None and hasattr(torch, "Tensor"):
            for name in ("float16", "half", "bfloat16"):
                self._put(torch, name, getattr(torch, width))
            for name in ("half", "bfloat16"):
                self._put(torch.Tensor, name, getattr(torch.Tensor, _METHODS[width]))
            for name in ("HalfTensor", "BFloat16Tensor"):
                self._put(torch, name, getattr(torch, _TENSORS[width]))

    def narrow(self) -> None:
        """Restore the original names."""
        for (owner, name), value in self._own.items():
            setattr(owner, name, value)
        self._own.clear()

    def _put(self, owner: Any, name: str, value: Any) -> None:
        self._own.setdefault((owner, name), getattr(owner, name))
        setattr(owner, name, value)
