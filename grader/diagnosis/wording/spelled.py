"""Determines how a student writes reductions (`x.sum(0)` or `np.sum(x, axis=0)`, `keepdim` or `keepdims`) and products
of matrices (`a @ b`, `np.dot(a, b)`, `a.dot(b)`)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.instrument.nodes import parts_of
from grader.syntax_trees import shared_tree, tree_of

REDUCTIONS = frozenset({"sum", "mean", "max", "min", "amax", "amin", "var", "std", "prod"})
LIBRARIES = frozenset({"np", "numpy", "torch", "jnp"})


@dataclass(frozen=True, slots=True)
class Style:
    """The style of a reduction. `library`: the prefix of a function called with the array ("np."), "" for a method.
    `axis`: the axis keyword, "" if the axis is positional. `keep`: the keyword that keeps the axis."""

    library: str = ""
    axis: str = "axis"
    keep: str = "keepdims"

    def written(self, operation: str, array: str, axis: str | None, others: list[str]) -> str:
        """Return the text of a call. `array` must already have brackets if a method call needs them; `others` are the
        texts of further options."""
        along = [] if axis is None else [f"{self.axis}={axis}" if self.axis else axis]
        if not self.library:
            return f"{array}.{operation}({', '.join([*along, *others])})"
        return f"{self.library}{operation}({', '.join([array, *along, *others])})"


def style(source: str, own: str, operation: str, usual: Style) -> Style:
    """Return the style of the call `own`, else of calls of that operation in `source`, else of any reduction there,
    else `usual`."""
    calls = [*_calls(own, "eval"), *sorted(_calls(source, "exec"), key=lambda one: one[0] != operation)]
    found = usual if not calls else replace(usual, library=calls[0][1])
    axis = next((one for _, _, one, _ in calls if one is not None), usual.axis)
    keep = next((one for _, _, _, one in calls if one is not None), usual.keep)
    return replace(found, axis=axis, keep=keep)


Told = tuple[str, str, str | None, str | None]
"""A call's operation, library prefix, axis keyword, and keyword that keeps the axis; None for an absent keyword."""


def _calls(source: str, mode: str) -> Iterator[Told]:
    try:
        tree = shared_tree(source) if mode == "exec" else tree_of(source.strip(), "eval")
    except (SyntaxError, ValueError):
        return
    for node in parts_of(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in REDUCTIONS:
                library = f"{owner.id}." if isinstance(owner, ast.Name) and owner.id in LIBRARIES else ""
                words = {one.arg for one in node.keywords}
                by_place = len(node.args) > (1 if library else 0)
                axis = "" if by_place else next((one for one in ("axis", "dim") if one in words), None)
                keep = next((one for one in ("keepdims", "keepdim") if one in words), None)
                yield name, library, axis, keep


_PRODUCTS = re.compile(r"\b(?:np|numpy|torch|jnp)\.(?:matmul|dot|mm)\(|\.(?:matmul|dot|mm)\(|(?<=[\w)\]]) ?@(?!=)")


def product_style(code: str) -> str:
    """Return how the code writes most of its products of matrices: "@", the beginning of a call of a function with both
    (`np.dot(`), or that of a method (`.dot(`)."""
    written = [found.strip() for found in _PRODUCTS.findall(code)]
    return max(written, key=written.count, default="@")
