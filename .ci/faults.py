"""Faults that can be put into a module: an operator, a condition, a constant or a returned value changed."""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

SWAPPED: dict[type[ast.AST], type[Any]] = {
    one: other
    for pair in (
        (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq),
        (ast.In, ast.NotIn), (ast.Is, ast.IsNot), (ast.And, ast.Or),
    )
    for one, other in (pair, pair[::-1])
}  # fmt: skip
"""What each operator is changed to."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One change of a module: `text` is the whole module with `new` in the place of `old` in a statement."""

    file: str
    line: int
    old: str
    new: str
    text: str
    statement: str
    lines: range | None
    """Of the statement; None: it runs once, for all tests."""

    @property
    def key(self) -> str:
        """What is the same only for the same fault of the same module."""
        return hashlib.sha256(f"{self.file}\0{self.line}\0{self.text}".encode()).hexdigest()

    @property
    def named(self) -> str:
        """The fault as `.ci/equivalent.txt` names it, wherever in its module it stands."""
        return f"{self.file}: `{self.old}` as `{self.new}` in `{self.statement}`"


Place = tuple[str, int, int]
"""A module, the number of one of its nodes, and which of the faults that can be put there."""


def places(file: str) -> Iterator[Place]:
    """Where a fault can be put into a module."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    unseen = {part for node in ast.walk(tree) for part in _unseen(node)}
    for number, node in enumerate(ast.walk(tree)):
        if node not in unseen:
            yield from ((file, number, which) for which, _ in enumerate(_changes(node)))


def _unseen(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes on which nothing depends that a test could see: of a class's decorators, such as `frozen=True`, and the
    `strict=True` of a `zip` of what is equally long."""
    match node:
        case ast.ClassDef(decorator_list=decorators):
            yield from (part for decorator in decorators for part in ast.walk(decorator))
        case ast.Call(func=ast.Name("zip"), keywords=[ast.keyword("strict", value)]):
            yield value


def fault_at(place: Place) -> Fault:
    """The fault, with the text of the whole module: made only for those that are drawn."""
    file, number, which = place
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    node = list(ast.walk(tree))[number]
    around = list(_around(tree, node))
    statement = next(one for one in around if isinstance(one, ast.stmt | ast.match_case))
    shown = ast.unparse(statement).partition("\n")[0]
    changed = list(_changes(node))[which]
    old, new = (ast.unparse(one).partition("\n")[0] for one in (node, changed))
    lines = _lines(statement)
    line = getattr(node, "lineno", lines.start)
    _replace(tree, node, changed)
    return Fault(file, line, old, new, ast.unparse(tree), shown, None if _runs_once(around) else lines)


def _around(tree: ast.AST, node: ast.AST) -> Iterator[ast.AST]:
    """The node and those it stands in, from inside."""
    above = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    while node is not tree:
        yield node
        node = above[node]


def _runs_once(around: Sequence[ast.AST]) -> bool:
    """Whether a statement runs when its module is imported, or in a function that remembers its values."""
    inner = next(at for at, node in enumerate(around) if isinstance(node, ast.stmt))
    functions = [node for node in around[inner + 1 :] if isinstance(node, ast.FunctionDef)]
    decorators = [ast.unparse(one) for function in functions for one in function.decorator_list]
    return not functions or any("cache" in decorator for decorator in decorators)


def _lines(statement: ast.stmt | ast.match_case) -> range:
    """The lines of a statement, or of a case, without those of the statements in it."""
    first: Any = statement.pattern if isinstance(statement, ast.match_case) else statement
    match statement:
        case ast.Match():
            return range(first.lineno, statement.cases[0].pattern.lineno)
        case _ if body := getattr(statement, "body", None):
            return range(first.lineno, max(body[0].lineno, first.lineno + 1))
    return range(first.lineno, first.end_lineno + 1)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """The node with one fault in it, in each way there is."""
    changed: Any  # a copy, whose fields are set to nodes of other kinds
    if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPPED:
        changed = copy.deepcopy(node)
        changed.op = SWAPPED[type(node.op)]()
        yield changed
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPPED:
        changed = copy.deepcopy(node)
        changed.ops[0] = SWAPPED[type(node.ops[0])]()
        yield changed
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield copy.deepcopy(node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.IfExp | ast.If):
        changed = copy.deepcopy(node)
        changed.test = ast.UnaryOp(ast.Not(), changed.test)
        yield changed
    elif isinstance(node, ast.Return) and ast.unparse(node) not in ("return", "return None", "return False"):
        yield ast.Return(ast.Constant(None))


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(one is old for one in value):
                value[next(at for at, one in enumerate(value) if one is old)] = new
