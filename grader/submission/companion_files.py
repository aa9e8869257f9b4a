"""Companion files of a submission that it uses: helper modules it imports, data files it names; and such modules run as
cells of the submission.

A folder with several files that answer the exercise belongs to a class, not to one student, so none of its files are
used. Links are not followed, and files beyond the limits are ignored.

The numbers of modules that are run as cells are replaced by those of a point, and what they compute is seen, as if it
stood in the submission.
"""

from __future__ import annotations

import ast
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeGuard

from grader.errors import SubmissionError
from grader.model import Cell, CompanionFile, Submission
from grader.submission.load import load_bytes
from grader.submission.spans import character_column, lines_of
from grader.syntax_trees import tree_of

LARGEST = 16 * 1024 * 1024
"""Maximum bytes of one file; all files together may have twice as many."""

MOST = 200
"""Maximum number of companion files."""

_LISTED = 2000
"""Maximum number of files searched per folder."""

_DEEP = 3

_SCRIPTS = ("py", "ipynb")

_CLASS = 2
"""Number of other answers from which a folder is taken to belong to a class."""


_IMPORT = re.compile(r"(?:^|;)[ \t]*(?:from[ \t]+\.?([^\W\d]\w*)|import[ \t]+([\w., \t]+))")

_RUN = re.compile(r"%run[ \t]+(?:-i[ \t]+)?(\w+)(?:\.py)?[ \t]*")
"""The magic that runs a script in the namespace of a notebook."""

_OWN_NAMESPACE = '__import__("__main__")'


def picked(text: str, paths: Collection[str], read: Callable[[str], str]) -> tuple[str, ...]:
    """The `paths`, relative to the submission's folder, that a submission with this text uses, directly or by a helper
    that it imports. `read` returns the text of a helper."""
    found: dict[str, None] = {}
    texts = [text]
    while texts and len(found) < MOST:
        text = texts.pop()
        imported = modules_in(text)
        for path in paths:
            if path not in found and _is_asked_for(path, text, imported) and is_plain(path):
                found[path] = None
                if path.endswith(".py"):
                    texts.append(read(path))
    return tuple(found)[:MOST]


def is_plain(path: str) -> bool:
    """Whether a relative path stays below its folder."""
    parts = path.split("/")
    return (
        len(path) <= 200
        and "\0" not in path
        and not any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts)
    )


def _is_asked_for(path: str, text: str, imported: Collection[str]) -> bool:
    if path.endswith(".py") and path.partition("/")[0].removesuffix(".py") in imported:
        return True
    name = path.rpartition("/")[2]
    if name in text:
        return True
    ending = name.rpartition(".")[2]
    return ending not in _SCRIPTS and ending != name and f".{ending}" in text


def modules_in(text: str) -> frozenset[str]:
    """The modules imported in a text, or their top-level packages."""
    found = set()
    for match in (match for line in text.split("\n") if "import" in line for match in _IMPORT.finditer(line)):
        one, several = match.groups()
        found |= {one} if one else {part.split()[0].partition(".")[0] for part in several.split(",") if part.strip()}
    return frozenset(found)


def with_files(submission: Submission, names: Collection[str]) -> Submission:
    """Add to a submission the files of its folder that belong to it; `names` are those the exercise asks for."""
    if submission.beside is not None or submission.directory is None:
        return submission
    home = submission.directory
    paths = dict.fromkeys(_listed(home, submission.file))
    asked = picked(text_of(submission), paths, lambda path: text_of_file(os.path.join(home, path)))
    if asked and _is_a_class(home, paths, names):
        asked = ()
    return replace(submission, beside=tuple(_within([CompanionFile(path, os.path.join(home, path)) for path in asked])))


def text_of(submission: Submission) -> str:
    return "\n".join(cell.text for cell in submission.cells)


def helpers_of(submission: Submission) -> list[str]:
    """The texts of the helper modules among the companion files."""
    return [text_of_file(one.path) for one in submission.beside or () if one.name.endswith(".py")]


def followed(submission: Submission) -> tuple[str, ...]:
    """The companion files, and where the modules that the submission and its helpers import would be companion files,
    if they were there."""
    home = submission.directory or ""
    modules = {name for text in (text_of(submission), *helpers_of(submission)) for name in modules_in(text)}
    own = (one.path for one in submission.beside or ())
    return tuple(dict.fromkeys((*own, *(os.path.join(home, f"{name}.py") for name in sorted(modules)))))


def _within(asked: Iterable[CompanionFile]) -> Iterator[CompanionFile]:
    left = 2 * LARGEST
    for one in asked:
        size = os.path.getsize(one.path)
        if size <= min(LARGEST, left):
            left -= size
            yield one


def _is_a_class(home: str, paths: Collection[str], names: Collection[str]) -> bool:
    """Whether several other files in the same folder answer the exercise."""
    others = (path for path in paths if path.rpartition(".")[2] in _SCRIPTS and "/" not in path)
    found = 0
    for path in others:
        words = set(re.findall(r"\w+", text_of_file(os.path.join(home, path)).lower()))
        found += 2 * len(words.intersection(names)) >= len(names)
        if found >= _CLASS:
            return True
    return False


def _listed(home: str, own: str, above: str = "", deep: int = 1) -> Iterator[str]:
    """Regular files below a folder, without the submission itself and hidden files."""
    try:
        with os.scandir(os.path.join(home, above)) as entries:
            found = sorted(islice(entries, _LISTED), key=lambda one: one.name)
    except OSError:
        return
    for entry in found:
        path = f"{above}{entry.name}"
        if entry.name.startswith((".", "__pycache__")) or path == own or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False) and deep < _DEEP:
            yield from _listed(home, own, f"{path}/", deep + 1)
        elif entry.is_file(follow_symlinks=False):
            yield path


def text_of_file(path: str) -> str:
    """The first 256 KiB of a file as text; "" if it cannot be read."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            return (
                file.read(256 * 1024).decode("utf-8", "replace")
                if stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                else ""
            )
    except OSError:
        return ""


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
