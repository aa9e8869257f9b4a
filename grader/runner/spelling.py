"""How names are told apart: exactly first, then without case and underscores. Shared with the child."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """`W_h`, `w_h` and `wh` are one spelling."""
    return name.replace("_", "").lower()


@lru_cache(maxsize=4096)
def holds_gradients(owner: str) -> bool:
    """Whether `owner['w_h']` is a derivative by w_h rather than w_h: `grads`, `dparams`, `deltas`."""
    label = normal(owner)
    return "grad" in label or label in ("d", "g", "delta", "deltas", "dparams", "dcache", "derivatives")


def input_of(name: str, inputs: Mapping[str, str], quantities: frozenset[str]) -> str | None:
    """The input a student's name stands for. `inputs` has exact names and unambiguous normal ones as keys."""
    if name in inputs:
        return inputs[name]
    return None if name in quantities else inputs.get(normal(name))
