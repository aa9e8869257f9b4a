"""A student's right-hand side as a formula, with every place as it is in the cell.

`self.h1`, `grads["h1"]` and `cache.h1` are read as names: what they hold was observed like any other binding.
"""

from __future__ import annotations

import ast
import contextlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from grader.formula.faults import FormulaError
from grader.formula.parse import expression_of
from grader.formula.syntax import Call, Expression, Index
from grader.runner.nodes import label_of, parts_of, position_of
from grader.runner.site import Position, Site
from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import shared_tree

_FORMULA = frozenset({"T", "mT", "shape", "data", "newaxis", "pi", "e"})
"""Attributes the formula language gives a meaning of its own."""

_AGAIN: dict[type[ast.operator], str] = {
    ast.Add: "again_add",
    ast.Sub: "again_sub",
    ast.Mult: "again_mul",
    ast.Div: "again_div",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One formula of a function's body and the range of its statement; `name` is what it is bound to, "" where it is
    what the function gives back."""

    name: str
    formula: Expression
    statement: Position


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the student's that is formulas of its parameters, one after the other, in the cell numbered `cell`
    from 0."""

    parameters: tuple[str, ...]
    parts: tuple[Part, ...]
    cell: int

    def with_part(self, place: int, formula: Expression) -> Function:
        """The same function with one formula another."""
        changed = replace(self.parts[place], formula=formula)
        return replace(self, parts=(*self.parts[:place], changed, *self.parts[place + 1 :]))


Ran = frozenset[tuple[int, Position]]
"""Cells, and statements in them that have bound something."""


def functions(sources: Sequence[str], ran: Ran = frozenset()) -> dict[str, Function]:
    """The functions and lambdas of a submission that are made of formulas, also those in a dictionary; of two of a name
    the last. Of an `if` that branch is read of which a statement has `ran`."""
    found: dict[str, Function] = {}
    for cell, source in enumerate(sources):
        for name, parameters, bound in _defined(_tree(source), cell, ran):
            if not bound or parameters.vararg or parameters.kwarg or parameters.kwonlyargs or parameters.defaults:
                continue
            # What it calls must be known: functions stand before those that use them.
            with contextlib.suppress(FormulaError):
                known = frozenset(found)
                parts = tuple(
                    Part(own, expression_of(source, value, name_of, known), position_of(statement))
                    for own, value, statement in bound
                )
                found[name] = Function(tuple(argument.arg for argument in parameters.args), parts, cell)
    return found


Formulas = list[tuple[str, ast.expr, ast.AST]]
"""What names are bound to, one after the other, and the statements that say so; "" is what is given back."""


def _defined(tree: ast.Module, cell: int, ran: Ran) -> Iterator[tuple[str, ast.arguments, Formulas]]:
    for node in parts_of(tree):
        match node:
            case ast.FunctionDef(name=name, args=parameters, body=body, decorator_list=[]):
                yield name, parameters, _formulas(body, cell, ran)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=parameters, body=result)):
                yield name, parameters, [("", result, node)]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values)):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Lambda):
                        yield f"{name}[{key.value!r}]", value.args, [("", value.body, node)]


def _formulas(body: list[ast.stmt], cell: int, ran: Ran) -> Formulas:
    """What a body binds and then returns; nothing where it does anything else."""
    found: Formulas = []
    statements = _straight([one for one in body if not _is_text(one)], cell, ran)
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.append((name, value, statement))
            case ast.Return(value=ast.expr() as value) if statement is statements[-1]:
                # `t = e` before `return t`: the mistake, if there is one, is in e.
                if found and isinstance(value, ast.Name) and value.id == found[-1][0]:
                    return [*found[:-1], ("", *found[-1][1:])]
                return [*found, ("", value, statement)]
            case _:
                return []
    return []


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _straight(body: Sequence[ast.stmt], cell: int, ran: Ran) -> list[ast.stmt]:
    """A body without its conditions, as far as it has run: of each the branch that was taken, and nothing after that
    where it returns."""
    found: list[ast.stmt] = []
    for statement in body:
        if not isinstance(statement, ast.If):
            found.append(statement)
            continue
        taken = [one for one in (statement.body, statement.orelse) if _has_run(one, cell, ran)]
        if len(taken) > 1 or (not taken and not isinstance(statement.body[-1], ast.Return | ast.Raise)):
            return [*found, statement]
        found += _straight(taken[0] if taken else statement.orelse, cell, ran)
        if found and isinstance(found[-1], ast.Return):
            break
    return found


def _has_run(body: Sequence[ast.stmt], cell: int, ran: Ran) -> bool:
    return any((cell, position_of(part)) in ran for one in body for part in parts_of(one) if isinstance(part, ast.stmt))


def read(source: str, site: Site, known: frozenset[str] = frozenset()) -> Expression | None:
    """What a site binds its name to, in the words of the formula language; None where it has none for it.

    `x += e` is read as e under a root that says so; `known` are functions of the student's own."""
    node = _node_at(source, site.value)
    if not isinstance(node, ast.expr):
        return None
    try:
        expression = expression_of(source, node, name_of, known)
    except FormulaError:
        return None
    if site.kind == "unpack":
        return _one_of(_node_at(source, site.statement), site, expression)
    if site.kind not in ("again", "whole", "item"):
        return expression
    statement = _node_at(source, site.statement)
    if not isinstance(statement, ast.AugAssign):
        return None if site.kind == "again" else expression
    if type(statement.op) not in _AGAIN:
        return None
    return Call(_AGAIN[type(statement.op)], (expression,), (), expression.place)


ENTRY = "entry_"
"""With a number from 0, the operation that takes one of several results."""


def _one_of(statement: ast.AST | None, site: Site, expression: Expression) -> Expression:
    """What one name gets of the results of a call: `dx, dw = back(g)`."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Call()) if not any(
            isinstance(one, ast.Starred) for one in targets
        ):
            place = next((place for place, one in enumerate(targets) if label_of(one) in site.names), None)
            if place is not None:
                return Call(f"{ENTRY}{place}", (expression,), (), expression.place)
    return expression


def entries(source: str, site: Site, known: frozenset[str] = frozenset()) -> tuple[str, tuple[Expression, ...]] | None:
    """Of `x[i, j] = e` the name x and the formulas of i and j; None where a statement changes no entries."""
    match _node_at(source, site.statement):
        case ast.Assign(targets=[ast.Subscript() as changed]) | ast.AugAssign(target=ast.Subscript() as changed):
            pass
        case _:
            return None
    owner = changed.value.id if isinstance(changed.value, ast.Name) else name_of(changed.value)
    try:
        read_back = expression_of(source, changed, name_of, known)
    except FormulaError:
        return None
    return (owner, read_back.keys) if owner is not None and isinstance(read_back, Index) else None


def parts_read(sources: Sequence[str]) -> dict[str, str]:
    """All names of the form `cache.h1` and `cache['h1']` in a submission, each with what it is called there: `h1`."""
    found = {}
    for source in sources:
        for node in parts_of(_tree(source)):
            name = name_of(node) if isinstance(node, ast.expr) else None
            match node:
                case ast.Attribute(attr=label) | ast.Subscript(slice=ast.Constant(value=str(label))) if name:
                    found[name] = label
    return found


def target(source: str, site: Site) -> str | None:
    """The name a statement binds, as `name_of` spells it; None where it binds several, or none."""
    match _node_at(source, site.statement):
        case ast.Assign(targets=[one]) | ast.AugAssign(target=one) | ast.AnnAssign(target=one):
            return one.id if isinstance(one, ast.Name) else name_of(one)
        case _:
            return None


def target_end(source: str, site: Site) -> tuple[int, int]:
    """The line and character column behind what a statement binds."""
    match _node_at(source, site.statement):
        case ast.Assign(targets=[one]) | ast.AugAssign(target=one):
            line, column = one.end_lineno or 1, one.end_col_offset or 0
            return line, character_column(lines_of(source)[line - 1], column)
        case _:
            raise ValueError("this statement binds several names, or none")


def name_of(node: ast.expr) -> str | None:
    """The name a place is known by: `self.h1`, `grads['h1']`, `grads['layer1']['h1']`; None for anything else."""
    match node:
        case ast.Subscript(value=ast.Subscript() as inner, slice=ast.Constant(value=str() as name)):
            owner = name_of(inner)
            return None if owner is None else f"{owner}[{name!r}]"
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if name not in _FORMULA:
            return f"{owner}.{name}"
        case ast.Subscript(
            value=ast.Name(id=owner) | ast.Attribute(attr=owner), slice=ast.Constant(value=str() as name)
        ):
            return f"{owner}[{name!r}]"
        case _:
            return None


def _tree(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return shared_tree(source)


def _node_at(source: str, position: Position) -> ast.AST | None:
    """The outermost expression or statement with exactly this range."""
    return _nodes(source).get(position)


@lru_cache(maxsize=64)
def _nodes(source: str) -> dict[Position, ast.AST]:
    found: dict[Position, ast.AST] = {}
    for node in parts_of(_tree(source)):
        if isinstance(node, ast.expr | ast.stmt):
            found.setdefault(position_of(node), node)
    return found
