"""How names are compared: exactly first, then ignoring case and underscores. Shared with the child."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_OF = "\x1f"
"""Separates owner and name in a label where both are known only at run time."""

_MAX_NAME_LENGTH = 48


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """Normal spelling: the same for `W_h`, `w_h` and `wh`."""
    return name.replace("_", "").lower()


@lru_cache(maxsize=4096)
def holds_gradients(owner: str) -> bool:
    """Whether `owner['w_h']` is a derivative by w_h rather than w_h: true for `grads`, `dparams`, `deltas`, and for
    what is kept in one of them (`grads.layer1`)."""
    return any(_is_for_gradients(normal(part)) for part in owner.split("."))


@lru_cache(maxsize=4096)
def may_hold_data(owner: str) -> bool:
    """Whether what has the name of a container of gradients may as well hold data: `d` is short for both."""
    return not any(_says_gradients(normal(part)) for part in owner.split("."))


def _is_for_gradients(label: str) -> bool:
    return label in ("d", "g") or _says_gradients(label)


def _says_gradients(label: str) -> bool:
    return "grad" in label or label in ("delta", "deltas", "dparams", "dcache", "derivatives")


@lru_cache(maxsize=4096)
def spelled_in(owner: str, label: str) -> tuple[str, ...]:
    """The ways to read a name that has an owner, the most certain first: `grads["w_h"]` is dw_h rather than w_h, and
    `da["o"]` is da_o rather than o. A number alone is no owner: `net[0].weight` is net_0_weight."""
    if not owner:
        return (label,)
    of = (f"d{label}",) if holds_gradients(owner) else ()
    parts = owner.split(".")
    start = max((at for at, part in enumerate(parts) if not part.isdigit()), default=0)
    return (*of, "_".join((*parts[start:], label)), label)


@lru_cache(maxsize=4096)
def numbered_in(owner: str, label: str) -> tuple[str, ...]:
    """The ways to read a name whose owner ends in a number: `layer1["W"]` may be W1, unless the student counts from
    0."""
    inner = owner.rpartition(".")[2]
    number = inner[len(inner.rstrip("0123456789")) :]
    if not number:
        return ()
    return (*((f"d{label}{number}",) if holds_gradients(owner) else ()), f"{label}{number}")


def joined(owner: str, label: str) -> str:
    """Owner and name as one label."""
    return f"{owner[-_MAX_NAME_LENGTH:]}{_OF}{label}"


def parted(label: str) -> tuple[str, str]:
    """Split a label into owner ("" where the site has it) and name."""
    owner, _, name = label.rpartition(_OF)
    return owner, name


def input_of(name: str, inputs: Mapping[str, str], quantities: frozenset[str]) -> str | None:
    """The input that a student's name stands for. `inputs` has exact names and unambiguous normal spellings as keys."""
    if name in inputs:
        return inputs[name]
    return None if name in quantities else inputs.get(normal(name))
