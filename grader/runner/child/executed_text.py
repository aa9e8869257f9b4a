"""Text that a submission executes in a noisy run: its operators and calls pass their results to the noise as well.

The grader transforms the cells (`runner.perturbation_transform`); what `exec`, `eval` and `compile` are given is known
only here.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Callable
from typing import Any

from grader.runner.site import NAME
from grader.runner.wire import CALL, OPERATOR


def noisy_text(noise: object) -> dict[str, Callable[..., Any]]:
    """The three functions, to be bound in the submission's namespace; `noise` is its `__grader__`."""

    def compiled(source: Any, filename: Any = "<string>", mode: str = "exec", *rest: Any, **options: Any) -> Any:
        return builtins.compile(_transformed(source, mode), filename, mode, *rest, **options)

    def carried_out(mode: str, run: Callable[..., Any]) -> Callable[..., Any]:
        def called(source: Any, globals: Any = None, locals: Any = None, /, **options: Any) -> Any:
            caller = sys._getframe(1)
            if globals is None:
                globals, locals = caller.f_globals, caller.f_locals if locals is None else locals
            if isinstance(globals, dict):
                globals.setdefault(NAME, noise)
            tree = _transformed(source, mode)
            made = builtins.compile(tree, "<string>", mode) if tree is not source else source
            return run(made, globals, locals, **options)

        return called

    return {
        "compile": compiled,
        "exec": carried_out("exec", builtins.exec),
        "eval": carried_out("eval", builtins.eval),
    }


def _transformed(source: Any, mode: str) -> Any:
    """The tree of a text; anything else, and what is no Python, as it is."""
    if not isinstance(source, str) or mode not in ("exec", "eval"):
        return source
    try:
        tree = ast.parse(source.strip() if mode == "eval" else source, mode=mode)
        return ast.fix_missing_locations(_Disturbed().visit(tree))
    except (SyntaxError, ValueError, RecursionError):
        return source


class _Disturbed(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._handed_over(OPERATOR, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return self._handed_over(CALL, node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def _handed_over(self, kind: int, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        call = ast.Attribute(ast.Name(NAME, ast.Load()), "noisy", ast.Load())
        return ast.copy_location(ast.Call(call, [ast.Constant(kind), node], []), node)
