"""Lengths as factors: an exercise that takes no mean has none, and a repair that brings one is right by chance."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from grader.diagnosis.lines.source_writer import SourceEdit
from grader.exercise.types import Exercise
from grader.formula.syntax import Call, For, Number, Statement, walk
from grader.submission.spans import lines_of
from grader.syntax_trees import tree_of

_AVERAGING = re.compile(r"mean|var|std|norm|loss|entropy|length|shape_of|average")
"""Operations that divide by a length, or are one."""


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
