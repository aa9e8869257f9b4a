"""Modules that a submission imports from files beside it, run as cells of the submission.

Their numbers are then replaced by those of a point, and what they compute is seen, as if it stood in the submission.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from grader.errors import SubmissionError
from grader.model import Cell, Submission
from grader.submission.companion_files import text_of_file
from grader.submission.load import load_bytes
from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import tree_of

_RUN = re.compile(r"%run[ \t]+(?:-i[ \t]+)?(\w+)(?:\.py)?[ \t]*")
"""The magic that runs a script in the namespace of a notebook."""

_OWN_NAMESPACE = '__import__("__main__")'


def with_modules_as_cells(submission: Submission) -> Submission | None:
    """The submission with each module that it imports at its top level as cells before the import, which then only
    gives names. None if it imports none of its own."""
    modules = {
        one.name.removesuffix(".py"): one.path
        for one in submission.beside or ()
        if one.name.endswith(".py") and "/" not in one.name
    }
    if not modules:
        return None  # most submissions have no companions
    expansion = _Expansion(modules)
    cells = [one for cell in submission.cells for one in expansion.of(cell)]
    run = [f"`%run {module}" for module in expansion.done]
    problems = (one for one in submission.problems if not any(name in one.message for name in run))
    return replace(submission, cells=tuple(cells), problems=tuple(problems)) if expansion.done else None


@dataclass
class _Expansion:
    """`modules`: the paths of the companion modules. `done`: those whose cells have been made."""

    modules: Mapping[str, str]
    done: set[str] = field(default_factory=set)

    def of(self, cell: Cell) -> Iterator[Cell]:
        """The cells of the modules that a cell imports, and the cell without these imports."""
        lines = list(lines_of(cell.source))
        for line in lines_of(cell.text):
            if (found := _RUN.fullmatch(line)) is not None:
                yield from self._once(found[1])
        for statement in _statements(cell.source):
            if (names := _names_given(statement, self.modules)) is None or not _stands_alone(statement, lines):
                continue
            for module in _imported(statement):
                yield from self._once(module)
            first, last = statement.lineno, statement.end_lineno or statement.lineno
            lines[first - 1 : last] = [names, *[""] * (last - first)]
        yield replace(cell, source="\n".join(lines))

    def _once(self, module: str) -> Iterator[Cell]:
        """The cells of a module, unless it is none of the companions, or has been run."""
        if module not in self.modules or module in self.done:
            return
        self.done.add(module)
        name = f"{module}.py"
        with suppress(SubmissionError):
            for cell in load_bytes(text_of_file(self.modules[module]).encode("utf-8", "replace"), name).cells:
                yield from self.of(replace(cell, source=_as_imported(cell.source), file=name))


def _statements(source: str) -> list[ast.stmt]:
    try:
        return tree_of(source).body
    except (SyntaxError, ValueError):
        return []


def _imported(statement: ast.stmt) -> list[str]:
    """The modules that a statement imports, or runs as `exec(open("forward.py").read())` does."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="exec"), args=[text, *_])):
            parts = (one.value for one in ast.walk(text) if isinstance(one, ast.Constant))
            return [one.removesuffix(".py") for one in parts if isinstance(one, str) and one.endswith(".py")]
        case ast.Import(names=names):
            return [one.name for one in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
    return []


def _names_given(statement: ast.stmt, modules: Mapping[str, str]) -> str | None:
    """What a statement that imports or runs companion modules does besides running them, as one line; None for any
    other statement."""
    if not modules.keys() & {*_imported(statement)}:
        return None
    match statement:
        case ast.Import(names=names):
            others = [f"import {ast.unparse(one)}" for one in names if one.name not in modules]
            own = [f"{one.asname or one.name} = {_OWN_NAMESPACE}" for one in names if one.name in modules]
            return "; ".join([*others, *own])
        case ast.ImportFrom(names=names):
            renamed = [f"{one.asname} = {one.name}" for one in names if one.asname not in (None, one.name)]
            return "; ".join(renamed) or "pass"
    return "pass"


def _stands_alone(statement: ast.stmt, lines: list[str]) -> bool:
    """Whether there is nothing else on the lines of a statement, except comments."""
    last = lines[(statement.end_lineno or statement.lineno) - 1]
    after = last.encode()[statement.end_col_offset or 0 :].decode().strip()
    return statement.col_offset == 0 and (not after or after.startswith("#"))


def _as_imported(source: str) -> str:
    """The source of a module with every `__name__ == "__main__"` false, as it is where the module is imported."""
    lines = list(lines_of(source))
    for node in (node for statement in _statements(source) for node in ast.walk(statement)):
        if _asks_for_main(node) and node.lineno == node.end_lineno:
            line = lines[node.lineno - 1]
            start = character_column(line, node.col_offset) - 1
            end = character_column(line, node.end_col_offset or 0) - 1
            lines[node.lineno - 1] = f"{line[:start]}{'False':{end - start}}{line[end:]}"
    return "\n".join(lines)


def _asks_for_main(node: ast.AST) -> TypeGuard[ast.Compare]:
    return (
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], ast.Eq)
        and {ast.unparse(node.left), *map(ast.unparse, node.comparators)} == {"__name__", "'__main__'"}
    )
