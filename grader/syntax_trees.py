"""A thread-safe wrapper of Python's parser.

CPython 3.11 keeps the recursion depth of tree construction in state that all threads share. If another thread parses
meanwhile, the check fails: `SystemError: AST constructor recursion depth mismatch`.
"""

from __future__ import annotations

import ast
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, overload

_ONE_AT_A_TIME = threading.RLock()

LONGEST = 64 * 1024
"""Maximum length of a source whose tree is cached: a tree takes about a hundred times its source's memory."""


@overload
def tree_of(source: str, mode: Literal["exec"] = "exec") -> ast.Module: ...


@overload
def tree_of(source: str, mode: Literal["eval"]) -> ast.Expression: ...


def tree_of(source: str, mode: Literal["exec", "eval"] = "exec") -> ast.Module | ast.Expression:
    """Like `ast.parse`, and raises the same exceptions."""
    with _ONE_AT_A_TIME:
        return ast.parse(source) if mode == "exec" else ast.parse(source, mode="eval")


def shared_tree(source: str) -> ast.Module:
    """Like `tree_of`, for callers that do not modify the tree: they share one cached tree."""
    return _remembered(source) if len(source) <= LONGEST else tree_of(source)


@lru_cache(maxsize=16)
def _remembered(source: str) -> ast.Module:
    return tree_of(source)


_LEAVES = frozenset({ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue})
"""Node types with nothing below them but the context of a name."""


class Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The names of the fields of a node type, except some; looked up when a type is first met."""

    def __init__(self, without: Iterable[str]) -> None:
        super().__init__()
        self._without = frozenset(without)

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        found = self[kind] = tuple(name for name in kind._fields if name not in self._without)
        return found


_FIELDS = Fields({"ctx", "id", "attr", "asname", "type_comment", "module", "level", "simple", "conversion"})
"""Those that may hold nodes, without the context of a name."""


def children_of(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below, without the context of a name."""
    found: list[ast.AST] = []
    if type(node) not in _LEAVES:
        _add_children(found, node)
    return found


def same_tree(one: object, other: object) -> bool:
    """Whether two trees, or parts of them, are the same wherever they stand: whether `ast.dump` is the same."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_tree, one, other))
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        return all(same_tree(getattr(one, name, None), getattr(other, name, None)) for name in one._fields)
    return repr(one) == repr(other)


def nodes_of(tree: ast.AST) -> list[ast.AST]:
    """All nodes in the order of `ast.walk`, without the contexts of names (`Load`)."""
    found = [tree]
    for node in found:  # it grows meanwhile
        if type(node) not in _LEAVES:
            _add_children(found, node)
    return found


def _add_children(found: list[ast.AST], node: ast.AST) -> None:
    for name in _FIELDS[type(node)]:
        part = getattr(node, name, None)
        if type(part) is list:
            found += [one for one in part if isinstance(one, ast.AST)]
        elif isinstance(part, ast.AST):
            found.append(part)
