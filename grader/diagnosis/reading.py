"""A student's right-hand side as a formula, with every place as it is in the cell.

`self.h1`, `grads["h1"]` and `cache.h1` are read as names: what they hold was observed like any other binding.
"""

from __future__ import annotations

import ast
import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from grader.formula.faults import FormulaError
from grader.formula.parse import expression_of
from grader.formula.syntax import Call, Expression, Name
from grader.runner.nodes import Position, position_of
from grader.runner.sites import Site

_FORMULA = frozenset({"T", "mT", "shape", "data", "newaxis", "pi", "e"})
"""Attributes the formula language gives a meaning of its own."""

_SIGN = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.MatMult: "matmul"}


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the student's that is one formula of its parameters; `statement` is the range of what says so, in
    the cell numbered `cell` from 0."""

    parameters: tuple[str, ...]
    body: Expression
    cell: int
    statement: Position


def functions(sources: Sequence[str]) -> dict[str, Function]:
    """The functions and lambdas of a submission that are one formula; of two of a name the last."""
    found: dict[str, Function] = {}
    for cell, source in enumerate(sources):
        for node in ast.walk(_tree(source)):
            match node:
                case ast.FunctionDef(name=name, args=parameters, body=body, decorator_list=[]):
                    statement, result = _single_result(body)
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=parameters, body=result)):
                    statement = node
                case _:
                    continue
            if result is None or parameters.vararg or parameters.kwarg or parameters.kwonlyargs or parameters.defaults:
                continue
            # What it calls must be known: functions stand before those that use them.
            with contextlib.suppress(FormulaError):
                body_read = expression_of(source, result, name_of, frozenset(found))
                given = tuple(argument.arg for argument in parameters.args)
                found[name] = Function(given, body_read, cell, position_of(statement))
    return found


def _single_result(body: list[ast.stmt]) -> tuple[ast.stmt, ast.expr | None]:
    """The statement and expression of `return e`, perhaps after a docstring, or of `t = e` before `return t`."""
    statements = [one for one in body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    match statements:
        case [ast.Return(value=ast.expr() as result) as statement]:
            return statement, result
        case [ast.Assign(targets=[ast.Name(id=name)]) as statement, ast.Return(value=ast.Name(id=given))] if (
            name == given
        ):
            return statement, statement.value
        case _:
            return body[0], None


def read(source: str, site: Site, known: frozenset[str] = frozenset()) -> Expression | None:
    """What a site binds its name to, in the words of the formula language; None where it has none for it.

    `x += e` is read as `x + e`; `known` are functions of the student's own."""
    node = _node_at(source, site.value)
    if not isinstance(node, ast.expr):
        return None
    try:
        expression = expression_of(source, node, name_of, known)
    except FormulaError:
        return None
    if site.kind != "again":
        return expression
    statement = _node_at(source, site.statement)
    if not isinstance(statement, ast.AugAssign) or type(statement.op) not in _SIGN:
        return None
    before = name_of(statement.target) or (statement.target.id if isinstance(statement.target, ast.Name) else None)
    if before is None:
        return None
    return Call(_SIGN[type(statement.op)], (Name(before, expression.place), expression), (), expression.place)


def name_of(node: ast.expr) -> str | None:
    """The name a place is known by: `self.h1`, `grads['h1']`; None for anything else."""
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if name not in _FORMULA:
            return f"{owner}.{name}"
        case ast.Subscript(
            value=ast.Name(id=owner) | ast.Attribute(attr=owner), slice=ast.Constant(value=str() as name)
        ):
            return f"{owner}[{name!r}]"
        case _:
            return None


@lru_cache(maxsize=64)
def _tree(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _node_at(source: str, position: Position) -> ast.AST | None:
    """The outermost expression or statement with exactly this range."""
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.expr | ast.stmt) and position_of(node) == position:
            return node
    return None
