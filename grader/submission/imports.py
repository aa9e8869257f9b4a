"""Find the libraries that a submission imports, or is written for where it imports none.

Functions that take arrays need no import for `X.T @ dY`, but have to be called with arrays rather than with lists.
What code that does import libraries reads is told from its objects, as it runs (`runner/child/libraries.py`).
"""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal

from grader.model import Submission
from grader.syntax_trees import shared_tree

_SLOW = frozenset({"jax", "matplotlib", "numpy", "pandas", "scipy", "sklearn", "sympy", "tensorflow", "torch"})

_NAMED = re.compile("|".join(sorted(_SLOW)))

_ARRAYS = frozenset({"jax", "numpy", "tensorflow", "torch"})
"""Libraries whose arrays a submission computes with."""


def libraries_needed(submission: Submission) -> tuple[str, ...]:
    """The libraries to import before any time limit starts, since waiting for them must not count: the slow ones that a
    submission imports, and the one whose arrays it is written for."""
    found = slow_imports(submission)
    arrays = array_library([cell.source for cell in submission.cells]) if _ARRAYS.isdisjoint(found) else None
    return tuple(sorted(found if arrays is None else {*found, arrays}))


def slow_imports(submission: Submission) -> frozenset[str]:
    """The slow libraries that a submission imports."""
    found: set[str] = set()
    for cell in submission.cells:
        if not _NAMED.search(cell.source):
            continue
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for node in _statements(shared_tree(cell.source)):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    return _SLOW & found


def unguarded(sources: Iterable[str], packages: Collection[str]) -> tuple[str, ...]:
    """Those of `packages` that are imported somewhere without a `try` that handles their absence."""
    roots = {name.partition(".")[0] for name in packages}
    found: set[str] = set()
    for source in sources:
        if not any(root in source for root in roots):
            continue
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name in _asked_for(shared_tree(source)):
                found |= {one for one in packages if f"{name}.".startswith(f"{one}.")}
    return tuple(sorted(found))


def _asked_for(tree: ast.AST) -> Iterator[str]:
    """The imported modules, with the names imported from them, except those within a `try`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Try) and node.handlers:
            for part in (*node.handlers, *node.orelse, *node.finalbody):
                yield from _asked_for(part)
        elif not isinstance(node, ast.expr):
            yield from _asked_for(node)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements; expressions are skipped, since they cannot contain imports."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.expr):
            yield node
            yield from _statements(node)


_OF_ARRAYS = frozenset({"T", "dot", "ndim", "reshape", "shape", "sum", "mean", "transpose"})
_OF_TENSORS = frozenset({"bmm", "clone", "detach", "matmul", "mm", "numel", "unsqueeze"})
"""Attributes that arrays have and lists have not; those that only torch's have."""

_MAY_COMPUTE_WITH_ARRAYS = re.compile(rf"@|\.(?:{'|'.join(sorted(_OF_ARRAYS | _OF_TENSORS))})\b")


def array_library(sources: Sequence[str]) -> Literal["numpy", "torch"] | None:
    """The library whose arrays the code computes with, by operators and attributes that lists have not, and that the
    code does not define itself; None if it uses none of these."""
    used: set[str] = set()
    own: set[str] = set()
    for source in sources:
        if not _MAY_COMPUTE_WITH_ARRAYS.search(source):
            continue
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for node in ast.walk(shared_tree(source)):
                match node:
                    case ast.BinOp(op=ast.MatMult()):
                        used.add("__matmul__")
                    case ast.Attribute(attr=name, ctx=ast.Load()) | ast.keyword(arg="dim" | "keepdim" as name):
                        used.add(name)
                    case ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.AnnAssign(ast.Name(name)):
                        own.add(name)
    used -= own
    if used.isdisjoint(_OF_ARRAYS | _OF_TENSORS | {"__matmul__"}):
        return None
    return "numpy" if used.isdisjoint(_OF_TENSORS | {"dim", "keepdim"}) else "torch"
