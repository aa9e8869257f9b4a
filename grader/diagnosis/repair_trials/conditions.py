"""Which changes only decide which code runs.

A condition that holds where it did not lets other lines run than the student's own runs have shown. That these are
right says nothing of the lines that ran. In a loop or a function the same lines run for other numbers as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.formula.syntax import Place
from grader.syntax_trees import tree_of

_REPEATED = (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def decides_what_runs(source: str, place: Place) -> bool:
    """Whether a change at a place, outside of loops and functions, is one of a condition, or of a name that only
    conditions read."""
    try:
        tree = tree_of(source)
    except (SyntaxError, ValueError):
        return False
    first, last = (place.line, place.end_line) if place.end_column > 1 else (place.line, place.end_line - 1)
    decided = {id(node) for test in _tests(tree) for node in ast.walk(test)}
    names = _read_by_conditions_only(tree, decided)
    for statement in _changed(tree, first, max(first, last)):
        if isinstance(statement, ast.If) or set(_targets(statement)) & names:
            return True
        if any(_holds(test, place) for test in _tests(statement)):
            return True
    return False


def _changed(block: ast.AST, first: int, last: int) -> Iterator[ast.stmt]:
    """The innermost statements on these lines, but for those of loops and functions."""
    for node in ast.iter_child_nodes(block):
        if isinstance(node, ast.ExceptHandler | ast.match_case):
            yield from _changed(node, first, last)
        if not isinstance(node, ast.stmt) or node.lineno > last or (node.end_lineno or node.lineno) < first:
            continue
        if not isinstance(node, _REPEATED):
            inner = list(_changed(node, first, last))
            yield from inner or [node]


def _tests(tree: ast.AST) -> Iterator[ast.expr]:
    return (node.test for node in ast.walk(tree) if isinstance(node, ast.If | ast.IfExp | ast.While))


def _holds(node: ast.expr, place: Place) -> bool:
    begins, ends = (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return begins <= (place.line, place.column - 1) and (place.end_line, place.end_column - 1) <= ends


def _targets(statement: ast.AST) -> Iterator[str]:
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (one.id for one in targets if isinstance(one, ast.Name))


def _read_by_conditions_only(tree: ast.AST, decided: set[int]) -> set[str]:
    read = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return {node.id for node in read} - {node.id for node in read if id(node) not in decided}
