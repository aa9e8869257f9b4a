"""Tell from the text of code that imports no library of arrays whose arrays it is written for.

Functions that take arrays need no import for `X.T @ dY`, but have to be called with arrays rather than with lists.
What code that does import libraries reads is told from its objects, as it runs (`runner/child/preferred_library.py`).
"""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from collections.abc import Sequence
from typing import Literal

from grader.syntax_trees import shared_tree

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
