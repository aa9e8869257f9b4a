"""Python's own parser, for one thread at a time.

While it makes a tree it counts how deep it is in a place that all threads share, and finds the count wrong where
another thread has made a tree meanwhile: `SystemError: AST constructor recursion depth mismatch` (CPython 3.11).
"""

from __future__ import annotations

import ast
import threading
from functools import lru_cache
from typing import Literal, overload

_ONE_AT_A_TIME = threading.RLock()

LONGEST = 64 * 1024
"""Characters beyond which no tree is kept: it takes a hundred times as much memory as its source."""


@overload
def tree_of(source: str, mode: Literal["exec"] = "exec") -> ast.Module: ...


@overload
def tree_of(source: str, mode: Literal["eval"]) -> ast.Expression: ...


def tree_of(source: str, mode: Literal["exec", "eval"] = "exec") -> ast.Module | ast.Expression:
    """As `ast.parse`, and raises what that does."""
    with _ONE_AT_A_TIME:
        return ast.parse(source) if mode == "exec" else ast.parse(source, mode="eval")


def shared_tree(source: str) -> ast.Module:
    """The same for those who change nothing in it: several of them are given one tree."""
    return _remembered(source) if len(source) <= LONGEST else tree_of(source)


@lru_cache(maxsize=16)
def _remembered(source: str) -> ast.Module:
    return tree_of(source)
