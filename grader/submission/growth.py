"""Estimate the size of the compiled code. CPython duplicates a `finally` block for every way out of its `try`: twenty
nested ones, a kilobyte of text, take half a minute and gigabytes to compile."""

from __future__ import annotations

import ast

MOST = 300_000
"""Maximum number of nodes, each counted as often as it is compiled: a long submission has some ten thousand."""


def overgrown(tree: ast.Module) -> ast.stmt | None:
    """The top-level statement that makes a text too expensive to compile; None if there is none.

    Raises `RecursionError` if the text is nested too deeply."""
    sizes = [(_compiled(statement), statement) for statement in tree.body]
    return max(sizes, key=lambda one: one[0])[1] if sum(size for size, _ in sizes) > MOST else None


def _compiled(node: ast.AST) -> int:
    """The number of compiled nodes of a node with its descendants. An upper bound: it also counts exits that do not
    leave the `try`, from functions defined there and loops that end there."""
    total = 1
    for name, value in ast.iter_fields(node):
        parts = value if isinstance(value, list) else [value]
        size = sum(_compiled(part) for part in parts if isinstance(part, ast.AST))
        if name == "finalbody" and size:
            size *= 2 + sum(isinstance(part, ast.Return | ast.Break | ast.Continue) for part in ast.walk(node))
        total += size
    return total
