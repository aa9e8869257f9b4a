"""How much code a text becomes. Python writes a `finally` block out once for every way that leads out of its `try`:
twenty of them within one another, a kilobyte of text, take half a minute and gigabytes to compile."""

from __future__ import annotations

import ast

MOST = 300_000
"""Nodes, each counted as often as it is compiled: a long submission has some ten thousand."""


def overgrown(tree: ast.Module) -> ast.stmt | None:
    """The top-level statement because of which a text takes too long to compile; None where it does not.

    Raises `RecursionError` where it is nested too deeply."""
    sizes = [(_compiled(statement), statement) for statement in tree.body]
    return max(sizes, key=lambda one: one[0])[1] if sum(size for size, _ in sizes) > MOST else None


def _compiled(node: ast.AST) -> int:
    """How many nodes are compiled for one, it and those below it. What leaves a `try` is counted generously: also in
    functions defined there, and in loops that end there."""
    total = 1
    for name, value in ast.iter_fields(node):
        parts = value if isinstance(value, list) else [value]
        size = sum(_compiled(part) for part in parts if isinstance(part, ast.AST))
        if name == "finalbody" and size:
            size *= 2 + sum(isinstance(part, ast.Return | ast.Break | ast.Continue) for part in ast.walk(node))
        total += size
    return total
