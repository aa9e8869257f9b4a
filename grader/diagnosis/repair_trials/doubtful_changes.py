"""Changes that may be right by chance only: of conditions that decide which code runs, and of lengths as factors, where
an exercise takes no mean.

A condition that holds where it did not lets other lines run than the student's own runs have shown. That these are
right says nothing of the lines that ran. In a loop or a function the same lines run for other numbers as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from grader.diagnosis.source_writer import SourceEdit
from grader.exercise.types import Exercise
from grader.formula.syntax import Call, For, Number, Place, Statement, walk
from grader.submission.spans import lines_of
from grader.syntax_trees import tree_of

_REPEATED = (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_AVERAGING = re.compile(r"mean|var|std|norm|loss|entropy|length|shape_of|average")
"""Operations that divide by a length, or are one."""


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


def averages(exercise: Exercise) -> bool:
    """Whether the program of an exercise may divide by a length."""
    return any(map(_averages, exercise.program))


def _averages(statement: Statement) -> bool:
    if isinstance(statement, For):
        return any(map(_averages, statement.body))
    return any(
        (isinstance(part, Call) and _AVERAGING.search(part.operation) is not None)
        or (isinstance(part, Number) and part.value > 2)
        for part in walk(statement.value)
    )


def brings_length(source: str, edit: SourceEdit) -> bool:
    """Whether an edit puts a length into a line as a factor or divisor that had none of it before."""
    place = edit.place
    old = "\n".join(lines_of(source)[place.line - 1 : place.end_line])
    return any(
        edit.text.count(factor) > old.count(factor)
        for length in (*_lengths(source), r"len(")
        for factor in (f"* {length}", f"/ {length}")
        if re.search(rf"{re.escape(factor)}(?!\w)" if length.isidentifier() else re.escape(factor), edit.text)
    )


@lru_cache(maxsize=8)
def _lengths(source: str) -> tuple[str, ...]:
    """Return the names that a source binds to lengths, or to sums and differences of these and of numbers."""
    found: set[str] = set()
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            found |= _bound_to_lengths(node.targets[0], node.value, found)
    return tuple(sorted(found))


def _bound_to_lengths(target: ast.expr, value: ast.expr, known: set[str]) -> set[str]:
    match target, value:
        case ast.Tuple(names), ast.Tuple(values) if len(names) == len(values):
            pairs = zip(names, values, strict=True)
            return set().union(*(_bound_to_lengths(one, other, known) for one, other in pairs))
        case ast.Tuple(names), ast.Attribute(attr="shape") | ast.Subscript(ast.Attribute(attr="shape")):
            return {one.id for one in names if isinstance(one, ast.Name)}
        case ast.Name(name), _ if _is_length(value, known):
            return {name}
        case _:
            return set()


def _is_length(node: ast.expr, known: set[str]) -> bool:
    match node:
        case ast.Subscript(ast.Attribute(attr="shape")) | ast.Call(ast.Name("len")) | ast.Attribute(attr="size"):
            return True
        case ast.Name(name):
            return name in known
        case ast.BinOp(left, ast.Add() | ast.Sub() | ast.FloorDiv() | ast.Mult(), right):
            return _is_length(left, known) or _is_length(right, known)
        case _:
            return False
