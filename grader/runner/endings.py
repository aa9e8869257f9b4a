"""Programs that end before their end: `sys.exit()`, a failed `assert`, a loop that never ends.

What counts is where a program ends at the numbers its student was given. An end that comes at other numbers only is a
check of the result, and is passed over: such statements are put behind a question that the child answers.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import replace

from grader.runner.site import NAME
from grader.runner.sites import Instrumented
from grader.runner.types import Trace

PLACED = "ends"
"""What the child is asked, of `__grader__`: whether the program may end at a line of a cell."""

_ENDS = re.compile(r"\b(assert|exit|quit|_exit|SystemExit)\b")
_LEAVING = {"exit", "quit", "_exit", "sys.exit", "os._exit"}


class Endings:
    """What the runs of a submission so far have shown of where it ends."""

    def __init__(self, lead_to_the_answer: bool) -> None:
        """Whether there is something of the exercise's own to be run where the program has ended."""
        self.lead_to_the_answer = lead_to_the_answer
        self.known: frozenset[tuple[int, int]] | None = None
        """Cells and lines at which it ends, or an error was raised, at the given numbers; None before it was run."""
        self._hits: Counter[tuple[int, int]] = Counter()

    @property
    def stopped(self) -> frozenset[tuple[int, int]]:
        """Statements at which a program has been ended, and that are not run again. One that was running when its
        time was up may have bound all that counts before that: then it is given a second chance."""
        most = 1 if self.lead_to_the_answer else 2
        return frozenset(place for place, hits in self._hits.items() if hits >= most)

    def learn(self, trace: Trace) -> None:
        """Of all runs the first is made at the given numbers."""
        left = trace.left
        if left is not None and not left.error.startswith("SystemExit"):
            self._hits[left.cell, left.statement] += 1
        if self.known is None:
            ends = (*trace.raised, *(() if left is None else (left,)))
            self.known = frozenset((one.at_cell, one.line) for one in ends)


def asking(made: Instrumented, source: str, cell: int) -> Instrumented:
    """The cell with every statement that may end the program put behind the question whether it may."""
    if not _ENDS.search(source):
        return made
    asked = _Asking(cell)
    return replace(made, statements=tuple(asked.visit(tree) for tree in made.statements))


class _Asking(ast.NodeTransformer):
    """Statements within `try` are left as they are: whoever ends there may mean to catch it."""

    def __init__(self, cell: int) -> None:
        self._cell = cell

    def visit_Try(self, node: ast.Try) -> ast.AST:
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        binds = any(isinstance(one, ast.NamedExpr) for one in ast.walk(node))
        return node if binds else self._behind(node, node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return self._behind(node, node) if _dotted(error) == "SystemExit" else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        called = node.value
        name = _dotted(called.func) if isinstance(called, ast.Call) else None
        if name not in _LEAVING or not isinstance(called, ast.Call):
            return node
        if not name.endswith("_exit"):
            return self._behind(node, node)
        # It would take the process along, and with it what was bound.
        error = ast.Call(ast.Name("SystemExit", ast.Load()), called.args, [])
        return self._behind(node, ast.Raise(error))

    def _behind(self, node: ast.stmt, statement: ast.stmt) -> ast.AST:
        place: list[ast.expr] = [ast.Constant(self._cell), ast.Constant(node.lineno)]
        question = ast.Call(ast.Attribute(ast.Name(NAME, ast.Load()), PLACED, ast.Load()), place, [])
        made = ast.copy_location(ast.If(question, [ast.copy_location(statement, node)], []), node)
        return ast.fix_missing_locations(made)


def _dotted(node: ast.expr | None) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{name}.{attribute}"
    return None
