"""Expressions whose value is fixed before anything is computed: sizes, whole numbers that never change, loop variables.

Loops, conditions and indices over such values are decided when a program is read."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

LARGEST = 2**63
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
        if not isinstance(value, int) or abs(value) >= LARGEST:
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
