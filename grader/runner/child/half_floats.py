"""Half floats that a submission asks for, given as the floats of the run.

float16 keeps three digits and bfloat16 two: of a right derivation in them a few percent may be left, of a wrong one as
little. In wider floats it is the same derivation, and can be judged.
"""

from __future__ import annotations

import sys
from typing import Any

_METHODS = {"float64": "double", "float32": "float"}
_TENSORS = {"float64": "DoubleTensor", "float32": "FloatTensor"}


class HalfFloats:
    """What asks for half floats in torch and numpy: widened, or as it was."""

    def __init__(self) -> None:
        self._own: dict[tuple[Any, str], Any] = {}

    def widen(self, width: str) -> None:
        """From now on they ask for `width`: "float64" or "float32"."""
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
        """They ask for half floats again."""
        for (owner, name), value in self._own.items():
            setattr(owner, name, value)
        self._own.clear()

    def _put(self, owner: Any, name: str, value: Any) -> None:
        self._own.setdefault((owner, name), getattr(owner, name))
        setattr(owner, name, value)
