"""Find what decides whether a line runs: the `if` around it, a `continue` before it, a `return` that ends its loop
early."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from grader.instrument.nodes import names_read, position_of
from grader.instrument.site import Position, Site
from grader.model import Submission
from grader.syntax_trees import shared_tree

_LOOPS = (ast.For, ast.While)


def returned_early(submission: Submission, site: Site) -> Site | None:
    """The unconditional `return` or `break` at the end of a loop around a line."""
    for outer in _around(submission, site):
        if isinstance(outer, _LOOPS):
            last = outer.body[-1]
            if isinstance(last, ast.Return | ast.Break):
                return at(site, position_of(last))
    return None


def condition_of(submission: Submission, site: Site) -> Site | None:
    """The nearest condition under which a line runs."""
    for outer in _around(submission, site):
        if isinstance(outer, ast.If):
            return at(site, position_of(outer.test))
        if isinstance(outer, _LOOPS) and (passed := _passed_over(outer, site)) is not None:
            return at(site, position_of(passed.test))
        if isinstance(outer, ast.While):
            return at(site, position_of(outer.test))
    return None


def passes_of(submission: Submission, site: Site) -> Site | None:
    """The iterable of the nearest `for` loop around a line."""
    loops = (one for one in _around(submission, site) if isinstance(one, ast.For))
    return next((at(site, position_of(one.iter)) for one in loops), None)


def handed_to_a_call(submission: Submission, site: Site, name: str) -> Site | None:
    """The last call that is a statement of its own, comes after a line in the same function, and is passed a name."""
    functions = [one for one in _around(submission, site, ast.FunctionDef) if isinstance(one, ast.FunctionDef)]
    body = list(ast.walk(functions[0])) if functions else []
    calls = [one for one in body if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)]
    given = [one for one in calls if one.lineno > site.statement[0] and name in names_read(one)]
    return at(site, position_of(given[-1])) if given else None


def at(site: Site, position: Position) -> Site:
    """A site, at a position in the cell of `site`, to point at."""
    return replace(site, kind="assign", value=position, statement=position)


def _passed_over(loop: ast.For | ast.While, site: Site) -> ast.If | None:
    """The `if ...: continue` (or `break`) before a line in the same loop."""
    before = (one for one in loop.body if isinstance(one, ast.If) and one.lineno < site.statement[0])
    return next((one for one in before if any(isinstance(s, ast.Continue | ast.Break) for s in one.body)), None)


def _around(submission: Submission, site: Site, kept: type[ast.AST] = ast.Module) -> list[ast.AST]:
    """The statements around a line, the nearest first, up to its function. The function is included if it is of the
    type `kept`."""
    found: list[ast.AST] = []
    for node in _within(shared_tree(submission.cells[site.cell].source), site.statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            found = [node] if isinstance(node, kept) else []
        elif isinstance(node, ast.stmt) and position_of(node) != site.statement:
            found.append(node)
    return found[::-1]


def _within(node: ast.AST, position: Position) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        line, end = getattr(child, "lineno", None), getattr(child, "end_lineno", None)
        if line is None or end is None:
            continue
        there = position_of(child)
        if there[:2] <= position[:2] and position[2:] <= there[2:]:
            yield child
            yield from _within(child, position)
