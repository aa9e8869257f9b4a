"""Python's syntax trees of an exercise: new nodes with the places of old ones, what an expression reads, conditions,
precedence, and expressions whose value is fixed before anything is computed (sizes, whole numbers that never change,
loop variables).

Loops, conditions and indices over such values are decided when a program is read.
"""

from __future__ import annotations

import ast
import copy
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from grader.formula.syntax import STRENGTH

_Node = TypeVar("_Node", bound=ast.AST)


SIGN: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.MatMult: "@",
    ast.Pow: "**", ast.BitXor: "^", ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>",
}  # fmt: skip

MIN_UNBOUNDED = 2**63
"""Whole numbers from here on are not followed: repeated squaring would make them grow without bound."""

Fixed = int | str | None | tuple["Fixed", ...]

_ARITHMETIC: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
    ast.In: lambda one, among: isinstance(among, tuple) and one in among,
    ast.NotIn: lambda one, among: isinstance(among, tuple) and one not in among,
}


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


class NotFixed(Exception):
    """Raised for an expression that depends on values."""


class NeedsValue(Exception):
    """Raised for an expression that is fixed once the variable of a loop around it is."""

    def __init__(self, variable: str) -> None:
        super().__init__(variable)
        self.variable = variable


@dataclass(frozen=True, slots=True)
class Known:
    """What a program may rely on before it runs: the fixed whole numbers, the fixed lists of whole numbers, and the
    shapes of all inputs, by name."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    lists: Mapping[str, Fixed] = field(default_factory=dict)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


NOTHING = Known()


class Evaluator:
    """Evaluates fixed expressions. `numbers` and `shapes` grow with the program; `open` are the variables of the loops
    around, which have no value yet."""

    def __init__(self, known: Known) -> None:
        self.given = known.numbers
        self.inputs = frozenset(known.shapes)
        self.lists = known.lists
        self.numbers = dict(known.numbers)
        self.shapes: dict[str, tuple[int, ...]] = dict(known.shapes)
        self.open: list[str] = []

    def value(self, node: ast.expr) -> Fixed:
        """The value of a fixed expression. Raises `NotFixed`, and `NeedsValue` if it depends on an open variable."""
        match node:
            case ast.Constant(value=None | bool() | int() | str() as value):
                return value
            case ast.Name(id=name):
                return self._named(name)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return tuple(self.value(item) for item in items)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.whole(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return self._arithmetic(left, op, right)
            case ast.BoolOp(op=op, values=values):
                return self._truths(isinstance(op, ast.And), values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compared(left, ops, others)
            case ast.Attribute(value=base, attr="ndim"):
                return len(self.shape(base))
            case ast.Attribute(value=base, attr="shape"):
                return self.shape(base)
            case ast.Subscript(value=base, slice=key):
                return self._item(self.value(base), key)
            case ast.Call(func=ast.Name(id="len"), args=[one], keywords=[]):
                return self.length(one)
            case ast.Call(func=ast.Name(id="min" | "max" as word), args=[_, _, *_] as items, keywords=[]):
                return (min if word == "min" else max)(self.whole(item) for item in items)
            case _:
                raise NotFixed

    def whole(self, node: ast.expr) -> int:
        """The whole number that a fixed expression stands for. Raises `NotFixed` and `NeedsValue`."""
        value = self.value(node)
        if not isinstance(value, int) or abs(value) >= MIN_UNBOUNDED:
            raise NotFixed
        return value

    def shape(self, node: ast.expr) -> tuple[int, ...]:
        """The shape of an input, of its rows, or of a list. Raises `NotFixed`."""
        match node:
            case ast.Name(id=name) if name in self.shapes:
                return self.shapes[name]
            case ast.Subscript(value=base, slice=key) if self._is_number(key) and self.shape(base):
                return self.shape(base)[1:]
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return (len(items),)
            case _:
                raise NotFixed

    def _is_number(self, key: ast.expr) -> bool:
        match key:
            case ast.Constant(value=int()):
                return True
            case ast.Name(id=name):
                return name in self.numbers or name in self.open
            case _:
                return False

    def length(self, node: ast.expr) -> int:
        shape = self.shape(node)
        if not shape:
            raise NotFixed
        return shape[0]

    def _named(self, name: str) -> Fixed:
        if name in self.open:
            raise NeedsValue(name)
        if name in self.numbers:
            return self.numbers[name]
        if name in self.lists:
            return self.lists[name]
        raise NotFixed

    def _arithmetic(self, left: ast.expr, op: ast.operator, right: ast.expr) -> int:
        one, other = self.whole(left), self.whole(right)
        if other == 0 and isinstance(op, ast.FloorDiv | ast.Mod):
            raise NotFixed
        return _ARITHMETIC[type(op)](one, other)

    def _truths(self, all_of_them: bool, values: list[ast.expr]) -> Fixed:
        value: Fixed = all_of_them
        for node in values:
            value = self.value(node)
            if bool(value) is not all_of_them:
                break
        return value

    def _compared(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> bool:
        values = [self.value(left), *map(self.value, others)]
        try:
            return all(_COMPARISONS[type(op)](values[at], values[at + 1]) for at, op in enumerate(ops))
        except TypeError:
            raise NotFixed from None

    def _item(self, base: Fixed, key: ast.expr) -> Fixed:
        for part in key.elts if isinstance(key, ast.Tuple) else [key]:
            at = self.whole(part)
            if not isinstance(base, tuple) or not -len(base) <= at < len(base):
                raise NotFixed
            base = base[at]
        return base
