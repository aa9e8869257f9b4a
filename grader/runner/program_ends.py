"""Programs that stop before their last line: `sys.exit()`, a failed `assert`, an infinite loop.

What counts is where a program ends at the student's given numbers. An end that occurs at other numbers only is a check
of the result, and is skipped: such statements are guarded by a question to the child.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from grader.instrument.ast_build import LOAD, call, where_of
from grader.runner.types import Trace
from grader.submission.text_search import words
from grader.syntax_trees import nodes_of

PLACED, PLACED_IF = "ends", "ends_if"
"""Methods of `__grader__` that ask whether the program may end at a line of a cell: always, and under a condition."""

_ENDS = words("assert", "exit", "quit", "_exit", "SystemExit")
_ABRUPT = ("_exit", "os._exit")
_LEAVING = ("exit", "quit", "sys.exit", *_ABRUPT)

Stopped = frozenset[tuple[int, int]]
"""Statements at which a program was ended: a cell, and a top-level statement in it."""


class Endings:
    """Where the program ends, as seen in the runs of a submission so far."""

    def __init__(self, lead_to_the_answer: bool, stopped: Stopped = frozenset()) -> None:
        """`lead_to_the_answer`: whether there is a cell of the exercise's own to run after the program has ended;
        `stopped`: the statements already known never to end."""
        self.lead_to_the_answer = lead_to_the_answer
        self.known: frozenset[tuple[int, int]] | None = None
        """Cells and lines at which it ends, or an error was raised, at the given numbers; None before the first run."""
        self.stopped = stopped
        """Statements at which the program was ended."""

    def learn(self, trace: Trace) -> None:
        """Add what a run has shown. The first run is the one at the given numbers."""
        left = trace.left
        if left is not None and not left.error.startswith("SystemExit"):
            self.stopped |= {(left.cell, left.statement)}
        if self.known is None:
            ends = (*trace.raised, *(() if left is None else (left,)))
            self.known = frozenset((one.at_cell, one.line) for one in ends)


def unchanged(statements: AbstractSet[tuple[int, int]], before: Sequence[str], after: Sequence[str]) -> Stopped:
    """The given statements that are at the same place, unchanged, in the cells `after`: a statement that never ended
    does not end because another line was changed."""
    return frozenset(
        (cell, top)
        for cell, top in statements
        if cell < len(after) and before[cell : cell + 1] and _same(before[cell], after[cell], top)
    )


def _same(before: str, after: str, top: int) -> bool:
    try:
        one, other = (ast.parse(source).body for source in (before, after))
    except (SyntaxError, ValueError):
        return False
    return len(one) == len(other) > top and ast.dump(one[top]) == ast.dump(other[top])


def asking(statements: tuple[ast.Module, ...], source: str, cell: int) -> tuple[ast.Module, ...]:
    """Instrumented statements of a cell, with each that may end the program guarded by the question whether it may."""
    if not _ENDS.is_in(source):
        return statements
    asked = _Asking(cell)
    return tuple(ast.Module(asked.block(tree.body), []) for tree in statements)


class _Asking:
    """Transforms the statements of a cell. Those within a `try` stay as they are: the student may mean to catch the
    end."""

    def __init__(self, cell: int) -> None:
        self._cell = cell
        self._conditions = 0

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        return [self._asked(one) for one in statements]

    def _asked(self, node: ast.stmt) -> ast.stmt:
        match node:
            case ast.Assert() if not any(isinstance(one, ast.NamedExpr) for one in nodes_of(node.test)):
                return self._behind(node, node)
            case ast.Raise(exc=ast.Call(func=error) | error) if _dotted(error) == "SystemExit":
                return self._behind(node, node)
            case ast.Expr(value=ast.Call(func=function) as called) if (name := _dotted(function)) in _LEAVING:
                return self._behind(node, _raised(called) if name in _ABRUPT else node)
            case ast.Try():
                return node
        self._conditions += isinstance(node, ast.If | ast.While)
        for holder in (node, *getattr(node, "cases", ())):
            for part in ("body", "orelse"):
                if isinstance(inner := getattr(holder, part, None), list):
                    setattr(holder, part, self.block(inner))
        self._conditions -= isinstance(node, ast.If | ast.While)
        return node

    def _behind(self, node: ast.stmt, statement: ast.stmt) -> ast.stmt:
        asked = PLACED_IF if self._conditions or isinstance(node, ast.Assert) else PLACED
        return ast.If(call(node, asked, self._cell, node.lineno), [statement], [], **where_of(node))


def _raised(called: ast.Call) -> ast.stmt:
    """The replacement for `os._exit()`, which would end the process and lose its bindings."""
    where = where_of(called)
    return ast.Raise(ast.Call(ast.Name("SystemExit", LOAD, **where), called.args, [], **where), None, **where)


def _dotted(node: ast.expr | None) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{name}.{attribute}"
    return None
