"""Scripts: bytes of Python source to cells, split at `# %%` lines, with as much saved of a broken one as can be."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, replace
from itertools import pairwise

from grader.model import Cell, Problem
from grader.submission.decode import decode
from grader.submission.piece import Piece, has_code, prepare, print_problems, syntax_problem
from grader.submission.recovery import recover
from grader.submission.spans import lines_of
from grader.trees import tree_of

_MARKER = re.compile(r"#\s?%%")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a file: cells that run, and what its student should know."""

    cells: tuple[Cell, ...]
    problems: tuple[Problem, ...]


def read_script(data: bytes, file: str) -> Reading:
    """The cells of a script shown as `file`; never fails."""
    decoded = decode(data)
    notes = (Problem("note", decoded.note),) if decoded.note else ()
    text = decoded.text
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Reading((), (Problem("unreadable", f"line {line} holds a NUL byte: the file is not text"),))
    if not text.strip():
        return Reading((), (Problem("unreadable", "the file is empty"),))
    if not has_code(text):
        return Reading((), (*notes, Problem("unreadable", "the file has no code, only comments")))
    parts = [Cell(part, part, None, first) for first, part in split(text) if has_code(part)]
    readings = [_read_part(part, file) for part in parts] if len(parts) > 1 else [_read_whole(parts[0], file)]
    cells = tuple(cell for reading in readings for cell in reading.cells)
    return Reading(cells, (*notes, *(problem for reading in readings for problem in reading.problems)))


def split(text: str) -> list[tuple[int, str]]:
    """The parts between `# %%` lines, each with the line it starts on. A marker within a statement is none."""
    lines = lines_of(text)
    marked = [n for n, line in enumerate(lines, 1) if n > 1 and _MARKER.match(line)]
    inner = _inner_lines(text) if marked else frozenset()
    starts = [n for n in marked if n not in inner]
    bounds = [1, *starts, len(lines) + 1]
    return [(first, "\n".join(lines[first - 1 : end - 1])) for first, end in pairwise(bounds)]


def _inner_lines(text: str) -> frozenset[int]:
    """Lines within a top-level statement, its first line apart; none known where the text is not Python."""
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


def _read_part(part: Cell, file: str) -> Reading:
    piece = prepare(part, file)
    if piece.fault is None:
        return _kept(piece)
    end = part.first_line + len(lines_of(part.text)) - 1
    consequence = f"the part from line {part.first_line} to line {end} was left out"
    return Reading((), (*piece.problems, syntax_problem(piece.cell, file, piece.fault, consequence)))


def _read_whole(script: Cell, file: str) -> Reading:
    piece = prepare(script, file)
    if piece.fault is None:
        return _kept(piece)
    rest = recover(piece.cell.source, piece.fault)
    if rest.fault is not None or not has_code(rest.source):
        problem = syntax_problem(piece.cell, file, piece.fault, "nothing of the file could be run")
        return Reading((), (*piece.problems, problem))
    above = script.first_line - 1
    problems = [
        syntax_problem(piece.cell, file, drop.fault, _left_out(above + drop.first, above + drop.last))
        for drop in rest.dropped
    ]
    problems += print_problems(piece.cell, file, rest.prints)
    saved = prepare(replace(piece.cell, source=rest.source), file)
    return Reading((saved.cell,), (*piece.problems, *problems, *saved.problems))


def _kept(piece: Piece) -> Reading:
    return Reading((piece.cell,) if piece.is_python else (), piece.problems)


def _left_out(first: int, last: int) -> str:
    return f"line {first} was left out" if first == last else f"lines {first} to {last} were left out"
