"""Text that a submission executes in a perturbed run: it is perturbed as the cells are.

The grader transforms the cells (`runner.perturbation_transform`); what `exec`, `eval` and `compile` are given, also by
a library to which the submission handed the text, and modules that are read from files which belong to no library, are
known only here. In a noisy run, its operators and calls pass their results to the noise; in a run in which nonlinear
functions get other slopes, so do all that it calls.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import copy
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import CodeType, FrameType, ModuleType
from typing import Any

from grader.instrument.site import NAME
from grader.runner.child.torchscript_text import as_python
from grader.runner.wire import CALL, OPERATOR, POWER

_COMPILE: Any = builtins.compile  # `ast.parse` would use the replaced one

_CARRYING_OUT = frozenset(
    {"bdb", "code", "codeop", "cProfile", "doctest", "inspect", "pdb", "profile", "runpy", "timeit", "trace"}
    | {"typing", "sympy.parsing.sympy_parser"}
)
"""Modules of libraries that carry out a text which they are given."""


_IMPORTING = "<frozen importlib"
"""The start of the file name of the code that imports."""

_NO_FILE = "<string>"


class LibraryFolders:
    """The folders of what is installed. An object, since the names of this module keep their values
    (`fault.IntegritySnapshot`)."""

    def __init__(self) -> None:
        self.note()

    def note(self) -> None:
        """Take them as they are now: `sys.path` is complete, and no code of the submission has changed it yet.

        The packages of a virtual environment are outside the prefix of a fork server's interpreter."""
        packages = (folder for folder in sys.path if os.path.basename(folder) in ("site-packages", "dist-packages"))
        prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix)
        self._folders = tuple({os.path.realpath(folder) + os.sep for folder in (*prefixes, *packages)})

    def contain(self, file: Any) -> bool:
        return str(os.path.realpath(file)).startswith(self._folders)


library_folders = LibraryFolders()


Perturbing = Callable[[ast.AST, AbstractSet[str]], ast.AST]
"""Transforms the tree of a text; the names are those of modules where it is executed."""


@contextlib.contextmanager
def perturbed_text(watched: object, perturbing: Perturbing) -> Iterator[None]:
    """Context in which such text is perturbed; `watched` is `__grader__`, which it finds whatever its namespace is."""
    plain = {name: getattr(builtins, name) for name in ("compile", "exec", "eval")}
    files: set[str] = set()

    def compiled(source: Any, filename: Any = "<string>", mode: str = "exec", *rest: Any, **options: Any) -> Any:
        caller = sys._getframe(1)
        flags = rest[0] if rest else options.get("flags", 0)
        of_import = caller.f_code.co_filename.startswith(_IMPORTING) and _is_of_library(filename)
        if not flags & ast.PyCF_ONLY_AST and _is_text_of_its_own(caller) and not of_import:
            # A file name that the submission makes up may be that of a library.
            filename = _NO_FILE if _is_of_library(filename) else filename
            files.add(str(filename))
            source = _transformed(source, mode, perturbing, caller.f_globals)
        return _COMPILE(source, filename, mode, *rest, **options)

    def carried_out(mode: str) -> Callable[..., Any]:
        def called(source: Any, globals: Any = None, locals: Any = None, /, **options: Any) -> Any:
            caller = sys._getframe(1)
            if globals is None:
                globals, locals = caller.f_globals, caller.f_locals if locals is None else locals
            tree = _transformed(source, mode, perturbing, globals) if _is_text_of_its_own(caller) else source
            made = _COMPILE(tree, _NO_FILE, mode) if isinstance(tree, ast.AST) else tree
            return plain[mode](made, globals, locals, **options)

        return called

    replaced = {"compile": compiled, "exec": carried_out("exec"), "eval": carried_out("eval"), NAME: watched}
    imports: Any = sys.modules["importlib._bootstrap_external"]
    cached = imports.cache_from_source

    def not_cached(path: Any, *rest: Any, **options: Any) -> Any:
        if _is_of_library(path):
            return cached(path, *rest, **options)
        raise NotImplementedError  # such a module is compiled anew, and its perturbed code is not kept

    def perturbed(text: str, flags: int) -> CodeType:
        code: CodeType = _COMPILE(_transformed(text, "exec", perturbing, {}), _NO_FILE, "exec", flags)
        return code

    vars(builtins).update(replaced)
    imports.cache_from_source = not_cached
    try:
        with as_python(perturbed):
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
    return is_own_code(caller.f_code) or caller.f_code.co_filename.startswith(_IMPORTING)


def _is_text_of_its_own(caller: FrameType) -> bool:
    """Whether the submission wrote the text that is carried out here."""
    return is_own(caller) or caller.f_globals.get("__name__") in _CARRYING_OUT


def is_own_code(code: CodeType) -> bool:
    """Whether the submission wrote this code."""
    return not _is_of_library(code.co_filename)


def _is_of_library(file: Any) -> bool:
    try:
        return str(file).startswith("<frozen") or library_folders.contain(file)
    except (TypeError, ValueError):
        return True


def _transformed(source: Any, mode: str, perturbing: Perturbing, names: Mapping[str, Any]) -> Any:
    """The tree of a text, or of a tree; anything else, and what is no Python, as it is."""
    if not isinstance(source, str | bytes | ast.AST) or mode not in ("exec", "eval", "single"):
        return source
    try:
        if isinstance(source, ast.AST):
            tree = copy.deepcopy(source)
        else:
            tree = _COMPILE(source.strip() if mode == "eval" else source, _NO_FILE, mode, ast.PyCF_ONLY_AST)
        modules = {name for name, value in names.items() if isinstance(value, ModuleType)}
        return ast.fix_missing_locations(perturbing(tree, modules))
    except (SyntaxError, TypeError, ValueError, RecursionError):
        return source


def noisy(tree: ast.AST, modules: AbstractSet[str]) -> ast.AST:
    """Pass the results of all operators and calls to the noise."""
    made: ast.AST = _Noisy().visit(tree)
    return made


def with_other_slopes(sites: Sequence[int] | None) -> Perturbing:
    """Give other slopes to functions that are called, and to powers with a variable exponent: to those with these
    numbers in the order of their text, or to all. What depends on constants alone stays as it is."""

    def perturbing(tree: ast.AST, modules: AbstractSet[str]) -> ast.AST:
        made: ast.AST = _OtherSlopes(_constants(tree, modules), sites).visit(tree)
        return made

    return perturbing


def _constants(tree: ast.AST, modules: AbstractSet[str]) -> set[str]:
    """The names in a text that are modules, or bound only to what is computed from modules and constants."""
    nodes = list(ast.walk(tree))
    found = {*modules, *(one.asname or one.name.partition(".")[0] for one in nodes if isinstance(one, ast.alias))}
    bound = [(_names(one.targets), _names([one.value])) for one in nodes if isinstance(one, ast.Assign)]
    loops = [one for one in nodes if isinstance(one, ast.For | ast.comprehension)]
    bound += [(_names([one.target]), _names([one.iter])) for one in loops]
    changed = {name for one in nodes if isinstance(one, ast.AugAssign) for name in _names([one.target])}
    for _ in bound:
        stored = [(name, reads <= found | _BUILTINS) for names, reads in bound for name in names]
        found |= {name for name, _ in stored} - {name for name, constant in stored if not constant} - changed
    return found | _BUILTINS


_BUILTINS = frozenset({"range", "len", "float", "int", "complex", "list", "zip", "enumerate", "abs"})


def _names(nodes: Sequence[ast.expr]) -> set[str]:
    return {one.id for node in nodes for one in ast.walk(node) if isinstance(one, ast.Name)}


class _Text(ast.NodeTransformer):
    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.body = [self.visit(statement) for statement in node.body]
        return node


class _OtherSlopes(_Text):
    def __init__(self, constants: AbstractSet[str], sites: Sequence[int] | None) -> None:
        self._constants, self._sites, self._number = constants, sites, 0

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        values = [*node.args, *(one.value for one in node.keywords)]
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) else [node.func]
        if self._is_meant([*owner, *values]):
            node.func = _with_other_slope(node.func, ast.keyword("is_called", ast.Constant(True)))
            named = (ast.Name, ast.Attribute)
            node.args = [_with_other_slope(one) if isinstance(one, named) else one for one in node.args]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Pow) or not self._is_meant([node.right]):
            return node
        power = _of_ours("perturbed", ast.Constant(POWER), ast.Constant(""))
        return ast.copy_location(ast.Call(power, [node.right, node.left], []), node)

    def _is_meant(self, nodes: Sequence[ast.expr]) -> bool:
        if _names(nodes) <= self._constants:
            return False
        self._number += 1
        return self._sites is None or self._number - 1 in self._sites


def _with_other_slope(function: ast.expr, *told: ast.keyword) -> ast.expr:
    name = getattr(function, "id", getattr(function, "attr", ""))
    made = _of_ours("perturbed", function, ast.Constant(name))
    made.keywords += told
    return ast.copy_location(made, function)


class _Noisy(_Text):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._handed_over(OPERATOR, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return self._handed_over(CALL, node)

    def _handed_over(self, kind: int, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        return ast.copy_location(_of_ours("noisy", ast.Constant(kind), node), node)


def _of_ours(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(NAME, ast.Load()), name, ast.Load()), list(arguments), [])
