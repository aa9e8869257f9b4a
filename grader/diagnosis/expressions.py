"""Reads a student's right-hand sides as formulas that keep their places in the cell.

`self.h1`, `grads["h1"]` and `cache.h1` are read as names, as their values were observed like any other binding.
"""

from __future__ import annotations

import ast
import contextlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from grader.formula.parse import expression_of
from grader.formula.syntax import Call, Expression, FormulaError, FormulaFault, Index, Name, Place, names
from grader.instrument.nodes import label_of, parts_of, position_of
from grader.instrument.site import Position, Site
from grader.model import Submission
from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import shared_tree

_FORMULA = frozenset({"T", "mT", "shape", "size", "data", "newaxis", "pi", "e"})
"""Attributes with a meaning in the formula language."""

_AGAIN: dict[type[ast.operator], str] = {
    ast.Add: "again_add",
    ast.Sub: "again_sub",
    ast.Mult: "again_mul",
    ast.Div: "again_div",
}


Ran = frozenset[tuple[int, Position]]
"""Pairs of a cell index and the position of a statement in it that has bound something."""


Formulas = list[tuple[str, ast.expr, ast.AST]]
"""Names with the expressions bound to them and their statements, in order; "" stands for the returned value."""


ENTRY = "entry_"
"""Prefix of the operation that takes one of several results; the index follows."""


@dataclass(frozen=True, slots=True)
class BodyFormula:
    """One formula of a function's body and the range of its statement. `name` is the name it is bound to, "" for the
    returned value."""

    name: str
    formula: Expression
    statement: Position


@dataclass(frozen=True, slots=True)
class Function:
    """A student's function that consists of a sequence of formulas, in the cell with index `cell`."""

    parameters: tuple[str, ...]
    parts: tuple[BodyFormula, ...]
    cell: int

    @property
    def free(self) -> frozenset[str]:
        """The names that its formulas read and that it does not bind: those of the program around it."""
        bound, found = set(self.parameters), set[str]()
        for part in self.parts:
            found |= names(part.formula) - bound
            bound.add(part.name)
        return frozenset(found)

    def with_part(self, place: int, formula: Expression) -> Function:
        """Return the same function with one formula replaced."""
        changed = replace(self.parts[place], formula=formula)
        return replace(self, parts=(*self.parts[:place], changed, *self.parts[place + 1 :]))


def functions(sources: Sequence[str], ran: Ran = frozenset()) -> dict[str, Function]:
    """Return the functions and lambdas of a submission that consist of formulas, including lambdas in a dictionary; the
    last of several with the same name. Of an `if`, the branch that `ran` is read."""
    found: dict[str, Function] = {}
    for cell, source in enumerate(sources):
        for name, parameters, bound in _defined(_tree(source), cell, ran):
            if not bound or parameters.vararg or parameters.kwarg or parameters.kwonlyargs or parameters.defaults:
                continue
            # A function that calls one defined later is skipped: its callees must be known.
            with contextlib.suppress(FormulaError):
                known = frozenset(found)
                parts = tuple(
                    BodyFormula(own, expression_of(source, value, name_of, known), position_of(statement))
                    for own, value, statement in bound
                )
                found[name] = Function(tuple(argument.arg for argument in parameters.args), parts, cell)
    return found


def _defined(tree: ast.Module, cell: int, ran: Ran) -> Iterator[tuple[str, ast.arguments, Formulas]]:
    for node in parts_of(tree):
        match node:
            case ast.FunctionDef(name=name, args=parameters, body=body):
                yield name, parameters, _formulas(body, cell, ran)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda(args=parameters, body=result)):
                yield name, parameters, [("", result, node)]
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(keys=keys, values=values)):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Lambda):
                        yield f"{name}[{key.value!r}]", value.args, [("", value.body, node)]


def _formulas(body: list[ast.stmt], cell: int, ran: Ran) -> Formulas:
    """Return the bindings and the returned value of a body; empty if it contains other statements."""
    found: Formulas = []
    statements = _straight([one for one in body if not _is_text(one)], cell, ran)
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.append((name, value, statement))
            case ast.Return(value=ast.expr() as value) if statement is statements[-1]:
                # `t = e` before `return t`: treat e as the returned value, as a mistake would be in e.
                if found and isinstance(value, ast.Name) and value.id == found[-1][0]:
                    return [*found[:-1], ("", *found[-1][1:])]
                return [*found, ("", value, statement)]
            case _:
                return []
    return []


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _straight(body: Sequence[ast.stmt], cell: int, ran: Ran) -> list[ast.stmt]:
    """Return a body with each condition replaced by the branch that ran; nothing after a branch that returns."""
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
    """Return the value that a site binds, as a formula; None if the formula language cannot express it.

    `x += e` is read as e under a root operation (`again_add`); `known` are the student's own functions."""
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


def fault_of(source: str, site: Site, known: frozenset[str] = frozenset()) -> FormulaFault | None:
    """Return the first reason why the value that a site binds is no formula; None if there is none."""
    node = _node_at(source, site.value)
    try:
        if isinstance(node, ast.expr):
            expression_of(source, node, name_of, known)
    except FormulaError as error:
        return error.faults[0]
    return None


def _one_of(statement: ast.AST | None, site: Site, expression: Expression) -> Expression:
    """Return the formula of one name in `dx, dw = back(g)`: its entry of the call's results."""
    match statement:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Call()) if not any(
            isinstance(one, ast.Starred) for one in targets
        ):
            place = next((place for place, one in enumerate(targets) if label_of(one) in site.names), None)
            if place is not None:
                return Call(f"{ENTRY}{place}", (expression,), (), expression.place)
    return expression


def entries(source: str, site: Site, known: frozenset[str] = frozenset()) -> tuple[str, tuple[Expression, ...]] | None:
    """Return the name x and the formulas of i and j of `x[i, j] = e`; None if the statement changes no entries."""
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
    """Map all names of the form `cache.h1` and `cache['h1']` in a submission, and those that a dictionary written out
    under a name has, to their last part: `h1`."""
    found: dict[str, str] = {}
    for source in sources:
        for node in parts_of(_tree(source)):
            name = name_of(node) if isinstance(node, ast.expr) else None
            match node:
                case ast.Attribute(attr=label) | ast.Subscript(slice=ast.Constant(value=str(label))) if name:
                    found[name] = label
                case ast.Assign([ast.Name(owner)], ast.Dict(keys=keys)):
                    labels = [key.value for key in keys if isinstance(key, ast.Constant)]
                    found |= {f"{owner}[{label!r}]": label for label in labels if isinstance(label, str)}
    return found


def unread(sources: Sequence[str]) -> frozenset[str]:
    """Return the plain names that a submission binds and never reads, except to print or check them."""
    parts = [node for source in sources for node in parts_of(_tree(source))]
    shown = {inner for node in parts if isinstance(node, ast.Expr | ast.Assert) for inner in parts_of(node)}
    names = [node for node in parts if isinstance(node, ast.Name) and node not in shown]
    bound = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    return frozenset(bound.difference(one.id for one in names if isinstance(one.ctx, ast.Load)))


def names_around(source: str, site: Site) -> frozenset[str]:
    """Return the names that occur in the innermost function around a site, spelled as by `name_of`; empty at the top
    level."""
    around = [function for function in _functions(source) if _encloses(position_of(function), site.statement)]
    if not around:
        return frozenset()
    parts = parts_of(max(around, key=position_of))
    known = (one.id if isinstance(one, ast.Name) else name_of(one) for one in parts if isinstance(one, ast.expr))
    return frozenset(name for name in known if name is not None)


def runs_too_often(source: str, site: Site) -> bool:
    """Whether a statement adds to something in a loop of which it reads nothing: each pass adds the same."""
    node = _node_at(source, site.statement)
    around = [one for one in parts_of(_tree(source)) if isinstance(one, ast.For) and any(p is node for p in one.body)]
    if not isinstance(node, ast.AugAssign) or not around:
        return False
    counted = {one.id for one in ast.walk(around[0].target) if isinstance(one, ast.Name)}
    return counted.isdisjoint(one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def _functions(source: str) -> list[ast.AST]:
    return [node for node in parts_of(_tree(source)) if isinstance(node, ast.FunctionDef | ast.Lambda)]


def _encloses(outer: Position, inner: Position) -> bool:
    return outer[:2] <= inner[:2] and inner[2:] <= outer[2:] and outer != inner


def target(source: str, site: Site) -> str | None:
    """Return the name a statement binds, spelled as by `name_of`; None if it binds several or none."""
    match _node_at(source, site.statement):
        case ast.Assign(targets=[one]) | ast.AugAssign(target=one) | ast.AnnAssign(target=one):
            return one.id if isinstance(one, ast.Name) else name_of(one)
        case _:
            return None


def target_end(source: str, site: Site) -> tuple[int, int]:
    """Return the line and character column of the end of a statement's target."""
    match _node_at(source, site.statement):
        case ast.Assign(targets=[one]) | ast.AugAssign(target=one):
            line, column = one.end_lineno or 1, one.end_col_offset or 0
            return line, character_column(lines_of(source)[line - 1], column)
        case _:
            raise ValueError("this statement binds several names, or none")


def unpackings(submission: Submission, names: frozenset[str]) -> Iterator[tuple[int, Place, str, str]]:
    """Yield, for each statement that unpacks one value into exactly these two names, its cell, the place of the names,
    the names the other way round, and the statement with them."""
    for number, cell in enumerate(submission.cells):
        for node in parts_of(_tree(cell.source)):
            match node:
                case ast.Assign([ast.Tuple([ast.Name(one) as first, ast.Name(other) as second])], value) if {
                    one,
                    other,
                } == names and not isinstance(value, ast.Tuple):
                    line = lines_of(cell.source)[first.lineno - 1]
                    start = character_column(line, first.col_offset)
                    end = character_column(line, second.end_col_offset or 0)
                    place = Place(first.lineno, start, first.lineno, end)
                    between = line[character_column(line, first.end_col_offset or 0) - 1 : end - 1 - len(other)]
                    text = f"{other}{between}{one}"
                    yield number, place, text, (line[: start - 1] + text + line[end - 1 :]).strip()


def typed_in(sources: Sequence[str]) -> frozenset[str]:
    """Return the names that are bound to a literal number: `e = 1.7`, `n, rate = 4, 0.1`."""
    found: set[str] = set()
    for source in sources:
        for node in parts_of(_tree(source)):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_number(value):
                    found.add(name)
                case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                    pairs = zip(targets, values, strict=False)
                    found |= {one.id for one, value in pairs if isinstance(one, ast.Name) and _is_number(value)}
    return frozenset(found)


def _is_number(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int | float)


def name_of(node: ast.expr) -> str | None:
    """Return the name of a container entry: `self.h1`, `grads['h1']`, `grads['layer1']['h1']`; None for anything
    else."""
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


def takes_entry(read: Expression | ast.expr | None) -> bool:
    """Whether this takes the entry of a container as it is: what its value should be is computed elsewhere."""
    if isinstance(read, ast.expr):
        return name_of(read) is not None
    return isinstance(read, Name) and ("." in read.id or "[" in read.id)


def _tree(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return shared_tree(source)


def _node_at(source: str, position: Position) -> ast.AST | None:
    """Return the outermost expression or statement with exactly this range."""
    return _nodes(source).get(position)


@lru_cache(maxsize=64)
def _nodes(source: str) -> dict[Position, ast.AST]:
    found: dict[Position, ast.AST] = {}
    for node in parts_of(_tree(source)):
        if isinstance(node, ast.expr | ast.stmt):
            found.setdefault(position_of(node), node)
    return found
