"""Names of quantities: which are valid, and how elements of families are written."""

from __future__ import annotations

import difflib
import keyword
import re
import unicodedata
from collections.abc import Collection

from grader.formula.operations import PREFIXES
from grader.formula.syntax import Expression, Index, Name, Number, Place

_ELEMENT = re.compile(r"(\w+)\[\s*(\w+)\s*\]")
_ALIAS = re.compile(r"""[^\W\d]\w*(\.[^\W\d]\w*|\[\d+\]|\['[^'"\]]+'\]|\["[^'"\]]+"\])*""")
_RESERVED = frozenset({"d", "partial"}) | {name for name in PREFIXES if "." not in name}

Element = tuple[str, int | None]
"""A name and an index: `("h1", None)`, or `("h", 3)` for the element `h[3]`."""


def complaint(name: str) -> str | None:
    """If `name` cannot name a quantity, what is expected instead; otherwise None."""
    if not name.isidentifier() or unicodedata.normalize("NFKC", name) != name:
        return "a Python name: letters, digits and `_`"
    if keyword.iskeyword(name):
        return "a name that is no word of Python"
    if name.startswith("__"):
        return "a name that does not start with `__`"
    if name in _RESERVED:
        return f"another name (`{name}` has a meaning of its own in formulas)"
    return None


def split(name: str) -> tuple[str, str | None]:
    """Split a name from its bracket: `dh[t]` into `("dh", "t")`, `dh1` into `("dh1", None)`."""
    match = _ELEMENT.fullmatch(name)
    return (match[1], match[2]) if match else (name, None)


def is_alias(text: str) -> bool:
    """Whether a student's code could bind this: `dx`, `self.dx`, `grads['dx']`, `dh[3]`."""
    return _ALIAS.fullmatch(text) is not None


def spelled(element: Element) -> str:
    name, index = element
    return name if index is None else f"{name}[{index}]"


def expression(element: Element, place: Place) -> Expression:
    """The expression that reads the element."""
    name, index = element
    read = Name(name, place)
    return read if index is None else Index(read, (Number(index, place),), place)


def one_of(name: str, known: Collection[str]) -> str:
    """Suggestions for an unknown name: the most similar known names, then all of them."""
    near = difflib.get_close_matches(name[:60], known, n=2)
    everything = ", ".join(f"`{one}`" for one in list(known)[:40]) + (", ..." if len(known) > 40 else "")
    if not near:
        return f"one of {everything}" if everything else "a quantity"
    offered = " or ".join(f"`{one}`" for one in near)
    return f"{offered} (there are {everything})"
