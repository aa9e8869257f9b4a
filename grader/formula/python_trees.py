"""Python's syntax trees of an exercise: new nodes with the places of old ones, what an expression reads, conditions,
precedence.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping
from typing import TypeVar

from grader.formula.syntax import STRENGTH

_Node = TypeVar("_Node", bound=ast.AST)


def as_operations(node: ast.expr) -> ast.expr:
    """A condition with `and`, `or`, `not` and chains of comparisons as operations."""
    match node:
        case ast.BoolOp(op=op, values=values):
            word = "logical_and" if isinstance(op, ast.And) else "logical_or"
            made = as_operations(values[0])
            for value in values[1:]:
                made = _called(node, word, made, as_operations(value))
            return made
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            zero = located(ast.Constant(0), node)
            return located(ast.Compare(as_operations(operand), [ast.Eq()], [zero]), node)
        case ast.Compare(left=left, ops=[first, *ops], comparators=[second, *others]) if ops:
            one = located(ast.Compare(left, [first], [second]), node)
            rest = located(ast.Compare(second, ops, others), node)
            return _called(node, "logical_and", one, as_operations(rest))
        case _:
            return node


def _called(node: ast.AST, word: str, *arguments: ast.expr) -> ast.expr:
    return located(ast.Call(located(ast.Name(word), node), list(arguments), []), node)


def located(made: _Node, node: ast.AST) -> _Node:
    """A new node with the place of another."""
    return ast.copy_location(made, node)


def replaced(node: _Node, **fields: object) -> _Node:
    """A copy of a node with other fields."""
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def mapped(node: _Node, change: Callable[[ast.expr], ast.expr]) -> _Node:
    """A copy of a node with the expressions below it changed."""

    def changed(value: object) -> object:
        if isinstance(value, ast.expr):
            return change(value)
        if isinstance(value, list):
            return [changed(item) for item in value]
        if isinstance(value, ast.keyword):
            return replaced(value, value=change(value.value))
        return value

    return replaced(node, **{name: changed(value) for name, value in ast.iter_fields(node)})


class Part(ast.Subscript):
    """One of the values that are assigned to several names; `target` has the names, `count` of them."""

    target: ast.AST
    count: int


def unpacked(value: ast.expr, at: int, count: int, target: ast.AST) -> Part:
    """The value for one of the names of `target`, of a value whose length is not known before it is computed."""
    made = located(Part(value, located(ast.Constant(at), value)), value)
    made.target, made.count = target, count
    return made


def base_of(target: ast.expr) -> str:
    """The name that an assignment to `target` changes."""
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else ""


def reads(node: ast.AST, target: ast.expr) -> bool:
    """Whether an expression may read what an assignment to `target` changes."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=key):
            if name == base_of(target) and not (isinstance(target, ast.Subscript) and _differ(key, target.slice)):
                return True
            return reads(key, target)
        case ast.Name(id=name):
            return name == base_of(target)
        case _:
            return any(reads(child, target) for child in ast.iter_child_nodes(node))


def _differ(key: ast.expr, other: ast.expr) -> bool:
    """Whether two keys are surely different: `t` and `t - 1`, 0 and 1."""
    one, two = _shifted(key), _shifted(other)
    return one is not None and two is not None and one[0] == two[0] and one[1] != two[1]


def _shifted(key: ast.expr) -> tuple[str, int] | None:
    match key:
        case ast.Constant(value=int() as number):
            return "", number
        case ast.Name(id=name):
            return name, 0
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int() as by)):
            return name, by if isinstance(op, ast.Add) else -by
        case _:
            return None


def substituted(node: ast.expr, values: Mapping[str, ast.expr]) -> ast.expr:
    """An expression with the names and elements in `values`, by their text, replaced."""
    if not values:
        return node
    if isinstance(node, ast.Name | ast.Subscript) and (found := values.get(ast.unparse(node))) is not None:
        return found
    return mapped(node, lambda child: substituted(child, values))


SIGN: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.MatMult: "@",
    ast.Pow: "**", ast.BitXor: "^", ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip


def strength_of(node: ast.expr) -> int:
    """The precedence of the outermost operator of an expression."""
    match node:
        case ast.BinOp(_, operator, _):
            return STRENGTH[SIGN[type(operator)]]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            return STRENGTH["-x"]
        case ast.Compare():
            return STRENGTH["<"]
        case ast.Constant() | ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call() | ast.List() | ast.Dict():
            return STRENGTH["x"]
        case _:
            return STRENGTH[""]


def bracketed(text: str, strength: int, least: int) -> str:
    """The text of an expression of some precedence, in brackets where at least another one is needed."""
    return text if strength >= least else f"({text})"
