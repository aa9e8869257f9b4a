"""Numbers typed in at a place to which no name of their own is bound: in `[0.5, 2.0]`, `Point(0.5)`, `def f(x=0.5)`.

A given number may stand at such a place and be used through it (`p[0]`). Numbers inside formulas (`2 * h`) are skipped:
they belong to the formula.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from grader.instrument.nodes import Kinds, is_literal, text_of
from grader.syntax_trees import Fields, nodes_of

MAX_NUMBERS = 32
"""Maximum count of numbers in one display; a longer one is data, whose single numbers stand for nothing else."""

_BUILTINS = frozenset(dir(builtins))
_HOLDERS = {ast.Subscript, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Call, ast.arguments, ast.Return, ast.Lambda}
"""Node types in which such a number stands."""

_DISPLAYS = {ast.List, ast.Tuple}
"""Node types of data that functions like `zip` go over: other arguments of Python's own functions are of formulas."""

_HOLDING_NOTHING = {ast.JoinedStr, ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del}
"""Node types in which no number stands, among them the most frequent ones."""

_FIELDS = Fields(
    {"slice", "annotation", "returns", "targets", "target", "pattern", "op", "ops", "ctx", "attr", "type_comment"}
)


def typed_in(statement: ast.stmt, kinds: Kinds) -> frozenset[int]:
    """The nodes (by `id`) in a statement's expressions that are such numbers, or arrays of numbers; `kinds` are the
    node types in the statement."""
    if ast.Constant not in kinds or kinds.isdisjoint(_HOLDERS):  # most statements; this test takes a tenth of the time
        return frozenset()
    return frozenset(id(place) for place in _places(statement) if is_literal(place) and not _is_truth(place))


def _places(tree: ast.AST) -> Iterator[ast.expr]:
    """Elements, arguments, defaults, results, and values assigned to an entry of a container."""
    for node in _outside_slices(tree):
        if type(node) not in _HOLDERS and type(node) is not ast.Assign:
            continue  # most nodes
        match node:
            case ast.Assign(targets=[ast.Subscript()], value=value):
                yield value
            case ast.List() | ast.Tuple() | ast.Set():
                yield from _elements(node)
            case ast.Dict(keys=keys, values=values):
                yield from (value for key, value in zip(keys, values, strict=True) if text_of(key) is None)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                displays = (one for one in arguments if type(one) in _DISPLAYS)
                yield from arguments if name not in _BUILTINS else displays
            case ast.arguments(defaults=defaults, kw_defaults=others):
                yield from (*defaults, *(one for one in others if one is not None))
            case ast.Return(value=ast.expr() as value) | ast.Lambda(body=value):
                yield value
            case _:
                pass


def _outside_slices(tree: ast.AST) -> list[ast.AST]:
    """All nodes in which numbers stand, except indices, annotations, f-strings, patterns and targets: no number there
    is computed with. Skips the display of `a, b = 0.5, 2.0` too, whose numbers have names."""
    found: list[ast.AST] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if type(node) in _HOLDING_NOTHING:
            continue
        found.append(node)
        if type(node) is ast.Assign:
            match node:
                case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=parts)) if len(targets) == len(
                    parts
                ):
                    waiting += parts
                    continue
        for field in _FIELDS[type(node)]:
            value = getattr(node, field, None)
            if type(value) is list:
                waiting += [part for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST):
                waiting.append(value)
    return found


def _elements(node: ast.expr) -> list[ast.expr]:
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return []
    numbers = sum(isinstance(part, ast.Constant) for part in nodes_of(node))
    return [part for part in node.elts if numbers <= MAX_NUMBERS or isinstance(part, ast.Call)]


def _is_truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)
