"""Which objects a statement may change in place: those held by the names through which it changes something.

An object may be part of one that another name holds (`row = dz[k]; row[:] = e`, `dW = flat[:6].reshape(2, 3)`), so that
the other object changes without a statement that mentions it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from grader.instrument.nodes import may_touch, outs_of, parts_of


class Change(NamedTuple):
    """A name, and the expression and statement that change something through it."""

    name: str
    value: ast.expr
    statement: ast.stmt


def changes_by(statement: ast.stmt) -> Iterable[Change]:
    """What a statement may change in place; for a loop, in all its passes: each name once, with its last change. Empty
    for any other compound statement."""
    if not isinstance(statement, ast.For | ast.While):
        return _changes_of(statement)
    parts = (part for part in parts_of(statement) if isinstance(part, ast.stmt))
    return {change.name: change for part in parts for change in _changes_of(part)}.values()


def _changes_of(statement: ast.stmt) -> Iterator[Change]:
    match statement:
        case ast.Assign(targets=targets, value=value):
            changed = [one for target in targets for one in _entries_in(target)]
            changed += _outs_in(value)
        case ast.AugAssign(target=target, value=value):
            changed = [target]
        case ast.Expr(value=value):
            changed = may_touch(value)
        case _:
            return
    for one in changed:
        for name in dict.fromkeys(roots_of(one)):
            yield Change(name, value, statement)


def _entries_in(target: ast.expr) -> list[ast.expr]:
    """The entries of arrays and lists among the targets."""
    match target:
        case ast.Subscript():
            return [target]
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [one for part in parts for one in _entries_in(part)]
        case _:
            return []


def _outs_in(value: ast.expr) -> list[ast.expr]:
    return outs_of(value) if isinstance(value, ast.Call) else []


def roots_of(node: ast.expr) -> Iterator[str]:
    """The names through which the changed object may have been reached: `dz` for `dz[k]`, `dz.T[0]`, `columns(dz)[i]`
    and `np.split(dz, 4)[i]`."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Subscript(value=inner) | ast.Attribute(value=inner):
            yield from roots_of(inner)
        case ast.Call(func=function, args=arguments):
            if isinstance(function, ast.Attribute):
                yield from roots_of(function.value)
            for one in arguments:
                yield from roots_of(one)
