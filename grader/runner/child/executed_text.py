"""Text that a submission executes in a noisy run: its operators and calls pass their results to the noise as well.

The grader transforms the cells (`runner.perturbation_transform`); what `exec`, `eval` and `compile` are given, and
modules that are read from files which belong to no library, are known only here.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from grader.instrument.site import NAME
from grader.runner.wire import CALL, OPERATOR

_COMPILE: Any = builtins.compile  # `ast.parse` would use the replaced one
_LIBRARIES = tuple({os.path.realpath(folder) + os.sep for folder in (sys.prefix, sys.base_prefix, sys.exec_prefix)})


@contextlib.contextmanager
def noisy_text(watched: object) -> Iterator[None]:
    """Context in which such text is noisy; `watched` is `__grader__`, which it finds whatever its namespace is."""
    plain = {name: getattr(builtins, name) for name in ("compile", "exec", "eval")}
    files: set[str] = set()

    def compiled(source: Any, filename: Any = "<string>", mode: str = "exec", *rest: Any, **options: Any) -> Any:
        own = not rest and "flags" not in options and is_own(sys._getframe(1)) and not _is_of_library(filename)
        if own:
            files.add(str(filename))
        return _COMPILE(_transformed(source, mode) if own else source, filename, mode, *rest, **options)

    def carried_out(mode: str) -> Callable[..., Any]:
        def called(source: Any, globals: Any = None, locals: Any = None, /, **options: Any) -> Any:
            caller = sys._getframe(1)
            if globals is None:
                globals, locals = caller.f_globals, caller.f_locals if locals is None else locals
            tree = _transformed(source, mode) if is_own(caller) else source
            made = _COMPILE(tree, "<string>", mode) if isinstance(tree, ast.AST) else tree
            return plain[mode](made, globals, locals, **options)

        return called

    replaced = {"compile": compiled, "exec": carried_out("exec"), "eval": carried_out("eval"), NAME: watched}
    imports: Any = sys.modules["importlib._bootstrap_external"]
    cached = imports.cache_from_source

    def not_cached(path: Any, *rest: Any, **options: Any) -> Any:
        if _is_of_library(path):
            return cached(path, *rest, **options)
        raise NotImplementedError  # such a module is compiled anew, and its noisy code is not kept

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
                del sys.modules[name]  # its code is noisy


def is_own(caller: FrameType) -> bool:
    """Whether a call comes from the submission, or from an import: libraries have code made as well, and keep it."""
    file = caller.f_code.co_filename
    return file.startswith("<frozen importlib") or not _is_of_library(file)


def _is_of_library(file: Any) -> bool:
    try:
        return str(file).startswith("<frozen") or str(os.path.realpath(file)).startswith(_LIBRARIES)
    except (TypeError, ValueError):
        return True


def _transformed(source: Any, mode: str) -> Any:
    """The tree of a text; anything else, and what is no Python, as it is."""
    if not isinstance(source, str | bytes) or mode not in ("exec", "eval"):
        return source
    try:
        tree = _COMPILE(source.strip() if mode == "eval" else source, "<string>", mode, ast.PyCF_ONLY_AST)
        return ast.fix_missing_locations(_Disturbed().visit(tree))
    except (SyntaxError, TypeError, ValueError, RecursionError):
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
