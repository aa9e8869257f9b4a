"""How names are told apart: exactly first, then without case and underscores. Shared with the child."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_OF = "\x1f"
"""Between what holds a name and the name, where both are only known when the code ran."""

_LONGEST = 48


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """`W_h`, `w_h` and `wh` are one spelling."""
    return name.replace("_", "").lower()


@lru_cache(maxsize=4096)
def holds_gradients(owner: str) -> bool:
    """Whether `owner['w_h']` is a derivative by w_h rather than w_h: `grads`, `dparams`, `deltas`, and what is kept in
    one (`grads.layer1`)."""
    return any(_is_for_gradients(normal(part)) for part in owner.split("."))


def _is_for_gradients(label: str) -> bool:
    return "grad" in label or label in ("d", "g", "delta", "deltas", "dparams", "dcache", "derivatives")


@lru_cache(maxsize=4096)
def spelled_in(owner: str, label: str) -> tuple[str, ...]:
    """The ways to read a name that belongs to something, the surest first: `grads["w_h"]` is dw_h rather than w_h, and
    `da["o"]` is da_o rather than o."""
    if not owner:
        return (label,)
    of = (f"d{label}",) if holds_gradients(owner) else ()
    return (*of, f"{owner.rpartition('.')[2]}_{label}", label)


@lru_cache(maxsize=4096)
def numbered_in(owner: str, label: str) -> tuple[str, ...]:
    """The ways to read a name that belongs to something with a number: `layer1["W"]` may be W1, unless the student
    counts from 0."""
    inner = owner.rpartition(".")[2]
    number = inner[len(inner.rstrip("0123456789")) :]
    if not number:
        return ()
    return (*((f"d{label}{number}",) if holds_gradients(owner) else ()), f"{label}{number}")


def joined(owner: str, label: str) -> str:
    """A name and what holds it, as one label."""
    return f"{owner[-_LONGEST:]}{_OF}{label}"


def parted(label: str) -> tuple[str, str]:
    """What holds a name ("" where its site says it), and the name."""
    owner, _, name = label.rpartition(_OF)
    return owner, name


def input_of(name: str, inputs: Mapping[str, str], quantities: frozenset[str]) -> str | None:
    """The input a student's name stands for. `inputs` has exact names and unambiguous normal ones as keys."""
    if name in inputs:
        return inputs[name]
    return None if name in quantities else inputs.get(normal(name))
