"""Python's own parser, for one thread at a time.

While it makes a tree it counts how deep it is in a place that all threads share, and finds the count wrong where
another thread has made a tree meanwhile: `SystemError: AST constructor recursion depth mismatch` (CPython 3.11).
"""

from __future__ import annotations

import ast
import threading
from typing import Literal, overload

_ONE_AT_A_TIME = threading.RLock()


@overload
def tree_of(source: str, mode: Literal["exec"] = "exec") -> ast.Module: ...


@overload
def tree_of(source: str, mode: Literal["eval"]) -> ast.Expression: ...


def tree_of(source: str, mode: Literal["exec", "eval"] = "exec") -> ast.Module | ast.Expression:
    """As `ast.parse`, and raises what that does."""
    with _ONE_AT_A_TIME:
        return ast.parse(source) if mode == "exec" else ast.parse(source, mode="eval")
