"""Read a script as cells: split at `# %%` lines and similar markers."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from itertools import pairwise

from grader.model import Cell, Problem
from grader.submission.decoding import decode
from grader.submission.piece import ReadResult, joined, read_piece, unreadable
from grader.submission.spans import has_code, lines_of
from grader.syntax_trees import tree_of

_MARKER = re.compile(r"#\s?%%|# In\[[ \d*]*\]:|# <codecell>|# COMMAND -{5}")
"""Cell markers of editors and Jupytext, and of exports by nbconvert, IPython and Databricks."""

_LIGHT = re.compile(r"# [+-](?:$|\s)")

_SAYS_LIGHT = re.compile(r"^# *format_name: *light *$", re.MULTILINE)
"""Jupytext's light format, in which a cell may begin with `# +` and end with `# -`."""


def read_script(data: bytes, file: str) -> ReadResult:
    """The cells of a script shown as `file`; never fails."""
    decoded = decode(data)
    notes = (Problem("note", decoded.note),) if decoded.note else ()
    text = decoded.text
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return unreadable(f"line {line} holds a NUL byte: the file is not text")
    if not text.strip():
        return unreadable("the file is empty")
    if not has_code(text):
        return unreadable("the file has no code, only comments", notes)
    if "import marimo" in text:
        from grader.submission.text_notebooks import is_marimo, read_marimo  # few submissions are marimo notebooks

        if is_marimo(text):
            return joined([read_marimo(text, file)], notes)
    parts = [Cell(part, part, None, first) for first, part in _with_code(split(text))]
    return joined([read_piece(part, file, _loss(part, len(parts)), len(parts)) for part in parts], notes)


def _loss(part: Cell, parts: int) -> str:
    if parts == 1:
        return "nothing of the file could be run"
    return f"the part from line {part.first_line} to line {part.first_line + len(lines_of(part.text)) - 1} was left out"


def split(text: str) -> list[tuple[int, str]]:
    """The parts between `# %%` lines, each with its first line. A marker within a statement does not count."""
    lines = lines_of(text)
    light = _SAYS_LIGHT.search(text) is not None
    marked = [n for n, line in enumerate(lines, 1) if n > 1 and (_MARKER.match(line) or (light and _LIGHT.match(line)))]
    inner = _inner_lines(text) if marked else frozenset()
    starts = [n for n in marked if n not in inner]
    bounds = [1, *starts, len(lines) + 1]
    return [(first, "\n".join(lines[first - 1 : end - 1])) for first, end in pairwise(bounds)]


def _with_code(parts: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The parts, each with those before it that are nothing but comments: what these say belongs to what follows."""
    waiting: list[tuple[int, str]] = []
    for part in parts:
        waiting.append(part)
        if has_code(part[1]):
            yield waiting[0][0], "\n".join(text for _, text in waiting)
            waiting = []


def _inner_lines(text: str) -> frozenset[int]:
    """Lines within a top-level statement, except its first; empty if the text is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = tree_of(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, SystemError):
        return frozenset()
    return frozenset(n for node in body for n in range(_first_line(node) + 1, (node.end_lineno or node.lineno) + 1))


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])
