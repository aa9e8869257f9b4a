"""Text that a submission executes in a perturbed run: it is perturbed as the cells are.

The grader transforms the cells (`runner.perturbation_transform`); what `exec`, `eval` and `compile` are given, and
modules that are read from files which belong to no library, are known only here. In a noisy run, its operators and
calls pass their results to the noise; in a run in which nonlinear functions get other slopes, so do all that it calls.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType
from typing import Any

from grader.instrument.site import NAME
from grader.runner.wire import CALL, OPERATOR, POWER

_COMPILE: Any = builtins.compile  # `ast.parse` would use the replaced one
_LIBRARIES = tuple({os.path.realpath(folder) + os.sep for folder in (sys.prefix, sys.base_prefix, sys.exec_prefix)})


Perturbing = Callable[[ast.AST], ast.AST]
"""Transforms the tree of a text."""


@contextlib.contextmanager
def perturbed_text(watched: object, perturbing: Perturbing) -> Iterator[None]:
    """Context in which such text is perturbed; `watched` is `__grader__`, which it finds whatever its namespace is."""
    plain = {name: getattr(builtins, name) for name in ("compile", "exec", "eval")}
    files: set[str] = set()

    def compiled(source: Any, filename: Any = "<string>", mode: str = "exec", *rest: Any, **options: Any) -> Any:
        own = not rest and "flags" not in options and is_own(sys._getframe(1)) and not _is_of_library(filename)
        if own:
            files.add(str(filename))
        return _COMPILE(_transformed(source, mode, perturbing) if own else source, filename, mode, *rest, **options)

    def carried_out(mode: str) -> Callable[..., Any]:
        def called(source: Any, globals: Any = None, locals: Any = None, /, **options: Any) -> Any:
            caller = sys._getframe(1)
            if globals is None:
                globals, locals = caller.f_globals, caller.f_locals if locals is None else locals
            tree = _transformed(source, mode, perturbing) if is_own(caller) else source
            made = _COMPILE(tree, "<string>", mode) if isinstance(tree, ast.AST) else tree
            return plain[mode](made, globals, locals, **options)

        return called

    replaced = {"compile": compiled, "exec": carried_out("exec"), "eval": carried_out("eval"), NAME: watched}
    imports: Any = sys.modules["importlib._bootstrap_external"]
    cached = imports.cache_from_source

    def not_cached(path: Any, *rest: Any, **options: Any) -> Any:
        if _is_of_library(path):
            return cached(path, *rest, **options)
        raise NotImplementedError  # such a module is compiled anew, and its perturbed code is not kept

    vars(builtins).update(replaced)
    imports.cache_from_source = not_cached
    try:
        yield
    finally:
        imports.cache_from_source = cached
        vars(builtins).update(plain)
        vars(builtins).pop(NAME, None)
        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) in files:
                del sys.modules[name]  # its code is perturbed


def is_own(caller: FrameType) -> bool:
    """Whether a call comes from the submission, or from an import: libraries have code made as well, and keep it."""
    return is_own_code(caller.f_code) or caller.f_code.co_filename.startswith("<frozen importlib")


def is_own_code(code: CodeType) -> bool:
    """Whether the submission wrote this code."""
    return not _is_of_library(code.co_filename)


def _is_of_library(file: Any) -> bool:
    try:
        return str(file).startswith("<frozen") or str(os.path.realpath(file)).startswith(_LIBRARIES)
    except (TypeError, ValueError):
        return True


def _transformed(source: Any, mode: str, perturbing: Perturbing) -> Any:
    """The tree of a text; anything else, and what is no Python, as it is."""
    if not isinstance(source, str | bytes) or mode not in ("exec", "eval"):
        return source
    try:
        tree = _COMPILE(source.strip() if mode == "eval" else source, "<string>", mode, ast.PyCF_ONLY_AST)
        return ast.fix_missing_locations(perturbing(tree))
    except (SyntaxError, TypeError, ValueError, RecursionError):
        return source


def noisy(tree: ast.AST) -> ast.AST:
    """Pass the results of all operators and calls to the noise."""
    made: ast.AST = _Disturbed().visit(tree)
    return made


def with_other_slopes(tree: ast.AST) -> ast.AST:
    """Give other slopes to all functions that are called, and to powers with a variable exponent."""
    made: ast.AST = _Bent().visit(tree)
    return made


class _Perturbed(ast.NodeTransformer):
    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.body = [self.visit(statement) for statement in node.body]
        return node


class _Bent(_Perturbed):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        node.func = _with_other_slope(node.func)
        node.args = [_with_other_slope(one) if isinstance(one, ast.Name | ast.Attribute) else one for one in node.args]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow) or isinstance(node.right, ast.Constant):
            return node
        power = _of_ours("bent", ast.Constant(POWER), ast.Constant(""))
        return ast.copy_location(ast.Call(power, [node.right, node.left], []), node)


def _with_other_slope(function: ast.expr) -> ast.expr:
    name = getattr(function, "id", getattr(function, "attr", ""))
    return ast.copy_location(_of_ours("bent", function, ast.Constant(name)), function)


class _Disturbed(_Perturbed):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._handed_over(OPERATOR, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return self._handed_over(CALL, node)

    def _handed_over(self, kind: int, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        return ast.copy_location(_of_ours("noisy", ast.Constant(kind), node), node)


def _of_ours(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(NAME, ast.Load()), name, ast.Load()), list(arguments), [])
