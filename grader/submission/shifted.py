"""Find places where a text shifts its inputs: it uses `w + e`, or an array of such nodes, in place of `w`.

What a derivation adds to something that depends on the inputs either depends on them too (`w * x + b`, `z - z.max()`),
or is a whole number (`2 * p - 1`), or a constant that the exercise also has (`variance + 1e-5`). A step added to
evaluate a function nearby is none of these, and neither is a factor close to 1 (`w * (1 + e)`).
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeVar

from grader.syntax_trees import children_of, nodes_of, shared_tree

_SPREAD = frozenset({"linspace", "arange", "logspace", "geomspace"})
_ADDING = frozenset({"add", "sub", "subtract"})
_SHIFTING = (ast.BinOp, ast.AugAssign, ast.Call)
_CALLING = (ast.FunctionDef, ast.Call)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
CLOSE = 0.1
"""Maximum distance from 1 of a factor that counts as a shift."""

Name = tuple[int, str]
"""A name with the number of the scope to which it is local; 0 is the top level."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A sum, a product or a call that shifts: its place (cell from 0, line, column, last line and column, as counted by
    `ast`), and the index of the shifted operand; -1 if nodes are spread between its operands.

    `for_function` says that the shifted value is an argument of a function of the text's own, which is evaluated there.
    """

    cell: int
    position: tuple[int, int, int, int]
    base: int
    for_function: bool


End = tuple[float, float]
"""A cell and a line; anything below is ignored."""


class Statement(NamedTuple):
    """A top-level statement: its cell, its tree, and all nodes of that."""

    cell: int
    tree: ast.stmt
    nodes: tuple[ast.AST, ...]


Statements = Sequence[Statement]


def statements_until(sources: Sequence[str], end: End) -> Statements:
    """The top-level statements of all cells that can be parsed, down to `end`."""
    found: list[Statement] = []
    for cell, source in enumerate(sources):
        try:
            tree = shared_tree(source)
        except (SyntaxError, ValueError, RecursionError):
            continue
        body = (one for one in getattr(tree, "body", ()) if (cell, one.lineno) <= end)
        found += [Statement(cell, one, tuple(nodes_of(one))) for one in body]
    return found


def shifts(statements: Statements, inputs: Set[str], constants: Set[float]) -> tuple[Shift, ...]:
    """The shifts in these statements. `inputs` are names of given values, `constants` the exercise's."""
    nodes = [node for statement in statements for node in statement.nodes]
    if not _may_be_any(nodes, inputs, constants):
        return ()
    text, depending = _read(tuple(statements), frozenset(inputs))
    reading = _ShiftFinder(text, depending, constants, _numbers(text))
    found = []
    for cell, scope, node in text.nodes:
        base = reading.base_of(scope, node)
        if base is not None and isinstance(node, ast.expr | ast.stmt):
            place = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
            found.append(Shift(cell, place, base, node in text.for_functions))
    return tuple(found)


Expression = TypeVar("Expression", bound=ast.expr)


def made_of_inputs(
    statements: Statements, nodes: Iterable[Expression], inputs: Set[str]
) -> list[tuple[int, Expression]]:
    """Those of the nodes, each with its cell, that may read what depends on the inputs: of calls, as their function or
    their arguments."""
    wanted: dict[ast.AST, Expression] = {node: node for node in nodes}
    text, depending = _read(tuple(statements), frozenset(inputs))
    return [
        (cell, wanted[node])
        for cell, scope, node in text.nodes
        if node in wanted and not depending.isdisjoint(text.read(scope, node))
    ]


_TELLING = frozenset(
    {ast.BinOp, ast.Assign, ast.Call, ast.AugAssign, ast.For, ast.comprehension, ast.NamedExpr, ast.AnnAssign}
    | {ast.alias, ast.arguments}
)


def _may_be_any(nodes: Sequence[ast.AST], inputs: Set[str], constants: Set[float]) -> bool:
    """A quick test: whether a sum contains a term that may not depend on the inputs and is not a number of formulas.
    Most derivations have none."""
    sums: list[tuple[ast.expr, ast.expr]] = []
    bound: list[tuple[frozenset[str], set[str]]] = []
    free, parameters, scopes = set(dir(builtins)), set[str](), False
    for node in nodes:
        kind = type(node)
        if kind not in _TELLING:
            continue  # skips most nodes quickly
        if isinstance(node, ast.BinOp):
            sums += _sides(node)
        elif isinstance(node, ast.Assign):
            bound += [(_stored(target), _names(node.value)) for target in node.targets]
        elif isinstance(node, ast.Call):
            if len(node.args) > 1 and getattr(node.func, "attr", "") in _ADDING | _SPREAD:
                return True
        elif isinstance(node, ast.AugAssign):
            sums.append((_without_index(node.target), node.value))
            bound.append((_stored(node.target), _names(node.value) | _stored(node.target)))
        elif isinstance(node, ast.For | ast.comprehension):
            bound.append((_stored(node.target), _names(node.iter)))
        elif isinstance(node, ast.NamedExpr | ast.AnnAssign) and node.value is not None:
            bound.append((_stored(node.target), _names(node.value)))
        elif isinstance(node, ast.alias):
            free.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.arguments):
            scopes = True
            parameters |= {one.arg for one in nodes_of(node) if isinstance(one, ast.arg)}
            if node.defaults or node.kw_defaults:
                free |= parameters
    depending = {*inputs, *parameters}
    growing = True
    while growing:
        size = len(free) + len(depending)
        for targets, reads in bound:
            if reads <= free:
                free |= targets - inputs
            if not depending.isdisjoint(reads):
                depending |= targets
        growing = len(free) + len(depending) > size
    # With functions, a name that depends in one scope may be free in another.
    free = free if scopes else free - depending
    return any(
        not _is_of_formulas(added, constants) and _names(added) <= free and not depending.isdisjoint(_names(base))
        for base, added in sums
    )


def _sides(node: ast.BinOp) -> list[tuple[ast.expr, ast.expr]]:
    """What may be shifted by a sum or a product, and by what."""
    left, right = node.left, node.right
    match node.op:
        case ast.Add():
            return [(left, right), (right, left)]
        case ast.Sub():
            return [(left, right)]
        case ast.Mult():
            return [(one, factor) for one, factor in ((left, right), (right, left)) if _may_be_close_to_1(factor)]
        case _:
            return []


def _may_be_close_to_1(factor: ast.expr) -> bool:
    match factor:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return True
        case ast.Constant(value=float() | int() as number):
            return 0.0 < abs(number - 1.0) < CLOSE
        case _:
            return False


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in nodes_of(node) if type(one) is ast.Name}


def _defined(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names of functions."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets, value=ast.Lambda()):
                found.update(one.id for one in targets if isinstance(one, ast.Name))
    return frozenset(found)


@lru_cache(maxsize=2)
def _read(statements: tuple[Statement, ...], inputs: frozenset[str]) -> tuple[_Text, frozenset[Name]]:
    """The text of the statements, and the names in it whose values may depend on the inputs."""
    text = _Text(_defined(node for statement in statements for node in statement.nodes))
    for statement in statements:
        text.add(statement.cell, statement.tree)
    return text, _depending(text, inputs)


class _Text:
    """All nodes of all cells, each with its cell and scope. `for_functions` are those within an argument of a function
    defined here, or in a function that calls its own arguments."""

    def __init__(self, defined: frozenset[str]) -> None:
        self.nodes: list[tuple[int, int, ast.AST]] = []
        self.for_functions: set[ast.AST] = set()
        self._defined = defined
        self._locals: list[frozenset[str]] = [frozenset()]
        self._outer: list[int] = [0]

    def add(self, cell: int, tree: ast.AST) -> None:
        waiting: list[tuple[int, ast.AST]] = [(0, tree)]
        while waiting:
            scope, node = waiting.pop()
            self.nodes.append((cell, scope, node))
            below = children_of(node)
            if node in self.for_functions or (type(node) in _CALLING and self._is_for_functions(node)):
                self.for_functions.update(below)
            inner = self._scope(scope, node) if isinstance(node, _SCOPES) else scope
            waiting += [(inner, one) for one in below]

    def _is_for_functions(self, node: ast.AST) -> bool:
        if isinstance(node, ast.FunctionDef):
            given = {one.arg for one in (*node.args.args, *node.args.posonlyargs, *node.args.kwonlyargs)}
            called = (one.func for one in nodes_of(node) if isinstance(one, ast.Call))
            return any(isinstance(one, ast.Name) and one.id in given for one in called)
        function = node.func if isinstance(node, ast.Call) else None
        return getattr(function, "id", getattr(function, "attr", None)) in self._defined

    def _scope(self, outer: int, node: ast.AST) -> int:
        shared = {name for one in nodes_of(node) if isinstance(one, ast.Global | ast.Nonlocal) for name in one.names}
        bound = {one.id for one in nodes_of(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        bound |= {one.arg for one in nodes_of(node) if isinstance(one, ast.arg)}
        self._locals.append(frozenset(bound - shared))
        self._outer.append(outer)
        return len(self._locals) - 1

    def resolved(self, scope: int, name: str) -> Name:
        """The name with the scope to which it is local."""
        while scope and name not in self._locals[scope]:
            scope = self._outer[scope]
        return scope, name

    def read(self, scope: int, node: ast.AST) -> frozenset[Name]:
        """The names an expression reads."""
        return frozenset(self.resolved(scope, one.id) for one in nodes_of(node) if isinstance(one, ast.Name))


def _depending(text: _Text, inputs: Set[str]) -> frozenset[Name]:
    """The names whose values may depend on the inputs: all computed from one, and parameters."""
    found = {(0, name) for name in inputs}
    bound = list(_bindings(text))
    stored = {name for targets, _ in bound for name in targets}
    for _, scope, node in text.nodes:
        if isinstance(node, ast.arguments):
            found |= {text.resolved(scope, one.arg) for one in _parameters(node)}
            # What is left out is not computed with, unless it is replaced (`h = 1e-5 if h is None else h`).
            found |= {text.resolved(scope, one.arg) for one in _parameters(node, or_none=True)} - stored
    filled = _filled(text)
    growing = True
    while growing:
        size = len(found)
        for targets, reads in bound:
            if not found.isdisjoint(reads):
                found |= targets
        found |= {name for name, entries in filled.items() if not any(map(found.isdisjoint, entries))}
        growing = len(found) > size
    return frozenset(found)


_FILLING = {"append": 0, "appendleft": 0, "insert": 1}
"""Methods that add an entry to a list, and which of their arguments is the entry."""


def _filled(text: _Text) -> dict[Name, list[frozenset[Name]]]:
    """What each entry of a list reads that is empty where it is bound. Such a list depends on the inputs if every entry
    does: of `[1e-5, w]`, one entry can be a step."""
    entries: dict[Name, list[frozenset[Name]]] = {}
    other: set[Name] = set()
    for _, scope, node in text.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[*given]) if (
                method in _FILLING and len(given) == _FILLING[method] + 1
            ):
                entries.setdefault(text.resolved(scope, name), []).append(text.read(scope, given[-1]))
            case ast.Assign(targets=targets, value=value) if not _is_empty(value):
                other.update(text.resolved(scope, name) for target in targets for name in _stored(target))
    return {name: read for name, read in entries.items() if name not in other}


def _without_index(target: ast.expr) -> ast.expr:
    """What is modified, without the index of where: `d[rows, y] -= 1` shifts `y` by nothing."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return target


def _is_empty(value: ast.expr) -> bool:
    match value:
        case ast.List(elts=[]) | ast.Call(func=ast.Name(id="list" | "deque"), args=[], keywords=[]):
            return True
        case ast.Tuple(elts=parts):
            return all(map(_is_empty, parts))
        case _:
            return False


def _numbers(text: _Text) -> dict[Name, ast.Constant]:
    """The names that are bound once, to a number (`eps = 1e-5`)."""
    values: dict[Name, ast.Constant] = {}
    bound: Counter[Name] = Counter()
    for _, scope, node in text.nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound[text.resolved(scope, node.id)] += 1
        elif isinstance(node, ast.arg):
            bound[text.resolved(scope, node.arg)] += 1
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            values.update(
                (text.resolved(scope, one.id), node.value) for one in node.targets if isinstance(one, ast.Name)
            )
    return {name: value for name, value in values.items() if bound[name] == 1}


def _parameters(told: ast.arguments, or_none: bool = False) -> list[ast.arg]:
    """The parameters without a default value; with `or_none`, also those whose default is None."""
    places = [*told.posonlyargs, *told.args]
    defaults = [None] * (len(places) - len(told.defaults)) + told.defaults
    pairs = (*zip(places, defaults, strict=True), *zip(told.kwonlyargs, told.kw_defaults, strict=True))
    return [
        one for one, default in pairs if default is None or (or_none and getattr(default, "value", default) is None)
    ]


def _bindings(text: _Text) -> Iterator[tuple[frozenset[Name], frozenset[Name]]]:
    for _, scope, node in text.nodes:
        if type(node) not in _TELLING and type(node) is not ast.FunctionDef:
            continue  # most nodes
        match node:
            case ast.Assign(targets=targets, value=value):
                stored = frozenset[str]().union(*map(_stored, targets))
            case ast.AugAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                stored = _stored(target)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                stored = _stored(target)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                stored = _stored(target)
            case ast.FunctionDef(name=name):
                stored, value = frozenset({name}), ast.Tuple(_returned(node), ast.Load())
            case _:
                continue
        yield frozenset(text.resolved(scope, name) for name in stored), text.read(scope, value)


def _returned(function: ast.FunctionDef) -> list[ast.expr]:
    """All names that a function reads."""
    return [one for one in nodes_of(function) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)]


def _stored(target: ast.expr) -> frozenset[str]:
    """The name a target binds or modifies."""
    if isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        return _stored(target.value)
    if isinstance(target, ast.Tuple | ast.List):
        return frozenset[str]().union(*map(_stored, target.elts))
    return frozenset({target.id}) if isinstance(target, ast.Name) else frozenset()


@dataclass(frozen=True, slots=True)
class _ShiftFinder:
    text: _Text
    depending: frozenset[Name]
    constants: Set[float]
    numbers: Mapping[Name, ast.Constant]

    def base_of(self, scope: int, node: ast.AST) -> int | None:
        """The index of the shifted operand; None if the node is not a shift."""
        if type(node) not in _SHIFTING:
            return None  # most nodes
        match node:
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                sides = [self._is_step(scope, left, right), self._is_step(scope, right, left)]
            case ast.BinOp(op=ast.Sub(), left=left, right=right):
                sides = [self._is_step(scope, left, right), False]
            case ast.BinOp(op=ast.Mult(), left=left, right=right):
                sides = [self._is_ratio(scope, left, right), self._is_ratio(scope, right, left)]
            case ast.AugAssign(op=ast.Add() | ast.Sub(), target=target, value=value):
                sides = [self._is_step(scope, _without_index(target), value), False]
            case ast.Call(func=ast.Attribute(attr=name), args=[left, right, *_]) if name in _ADDING:
                sides = [self._is_step(scope, left, right), name == "add" and self._is_step(scope, right, left)]
            case ast.Call(func=ast.Attribute(attr=name), args=[left, right, *_]) if name in _SPREAD:
                return -1 if self._depends(scope, left) and self._depends(scope, right) else None
            case _:
                return None
        return sides.index(True) if any(sides) else None

    def _is_step(self, scope: int, base: ast.expr, added: ast.expr) -> bool:
        """Whether `base` depends on the inputs and `added` does not."""
        return (
            self._depends(scope, base)
            and not self._depends(scope, added)
            and not _is_of_formulas(self._number(scope, added), self.constants)
        )

    def _number(self, scope: int, node: ast.expr) -> ast.expr:
        """The number that a name stands for, or the node itself."""
        return self.numbers.get(self.text.resolved(scope, node.id), node) if isinstance(node, ast.Name) else node

    def _is_ratio(self, scope: int, base: ast.expr, factor: ast.expr) -> bool:
        if not self._depends(scope, base) or self._depends(scope, factor):
            return False
        if isinstance(factor, ast.BinOp):
            formula = _is_of_formulas(factor.left, self.constants) and _is_of_formulas(factor.right, self.constants)
            return _may_be_close_to_1(factor) and not formula
        return _may_be_close_to_1(factor)

    def _depends(self, scope: int, node: ast.expr) -> bool:
        return not self.depending.isdisjoint(self.text.read(scope, node))


def _is_of_formulas(node: ast.expr, constants: Set[float]) -> bool:
    """Whether `node` is a number usual in formulas (whole, a half, or one of the exercise's), or not a number."""
    match node:
        case ast.UnaryOp(operand=operand):
            return _is_of_formulas(operand, constants)
        case ast.Constant(value=int() | float() as number):
            return float(number * 2).is_integer() or float(number) in constants
        case ast.Constant(value=value):
            return not isinstance(value, complex)
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.JoinedStr():
            return True
        case _:
            return False
