"""Read marimo notebooks: scripts in which each cell is a function, whose body runs in the order of dataflow.

Cells are found by decorators and indentation, not by parsing, so that a line with a syntax error affects only its cell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.model import Cell
from grader.submission.dataflow import in_order
from grader.submission.logical import Layout, indentation, layout
from grader.submission.piece import Reading, cut, read_pieces, unreadable
from grader.submission.spans import has_code, lines_of
from grader.syntax_trees import shared_tree

_APP = re.compile(r"^app\s*=\s*\w+\.App\(", re.MULTILINE)
_CELL = re.compile(r"@app\.cell\b")
_DEFINITION = re.compile(r"@app\.(?:function|class_definition)\b")
_SETUP = re.compile(r"with app\.setup\b")
_BROKEN = re.compile(r"app\._unparsable_cell\(")
_IMPORT = re.compile(r"^import marimo as (\w+)[ \t]*$", re.MULTILINE)


def is_marimo(text: str) -> bool:
    """Whether a script is a marimo notebook."""
    return "import marimo" in text and _APP.search(text) is not None


def read_marimo(text: str, file: str) -> Reading:
    """The cells of a marimo notebook shown as `file`; never fails."""
    lines = lines_of(text)
    found = [_cell(lines[first - 1 : last], first) for first, last in _bodies(lines, layout(text))]
    found = [cell for cell in found if has_code(cell.source)]
    if not found:
        return unreadable("the notebook has no code")
    reading = read_pieces(found, file, "this cell was left out")
    return Reading(in_order(without_display(reading.cells)), reading.problems)


def _bodies(lines: Sequence[str], arranged: Layout) -> Iterator[tuple[int, int]]:
    """The first and the last line of each cell's code."""
    number = 1
    while number <= len(lines):
        line, last = lines[number - 1], arranged.last(number)
        below = arranged.last(min(last + 1, len(lines)))
        if _CELL.match(line):
            last = _body_end(lines, arranged, below)
            yield below + 1, last
        elif _DEFINITION.match(line):
            first, last = last + 1, _body_end(lines, arranged, below)
            yield first, last
        elif _SETUP.match(line):
            first, last = last + 1, _body_end(lines, arranged, last)
            yield first, last
        elif _BROKEN.match(line):
            # marimo stores unparsable code as a string, whose quotes are on lines of their own.
            yield number + 2, _closing_quotes(lines, number + 2) - 1
        number = last + 1


def _body_end(lines: Sequence[str], arranged: Layout, header: int) -> int:
    """The last non-blank line before the next statement that is not indented."""
    end = header
    for number in range(header + 1, len(lines) + 1):
        line = lines[number - 1]
        if line.strip() and not line[0].isspace() and arranged.starts[number - 1] == number:
            break
        end = number if line.strip() else end
    return end


def _closing_quotes(lines: Sequence[str], first: int) -> int:
    return next((number for number in range(first, len(lines) + 1) if lines[number - 1].strip()[:3] == '"""'), first)


def _cell(lines: Sequence[str], first: int) -> Cell:
    margin = next((len(indentation(line)) for line in lines if line.strip()), 0)
    text = cut(lines, margin)
    return Cell(_without_return(text.replace('\\"\\"\\"', '"""')), text, None, first, None, margin)


def _without_return(text: str) -> str:
    """The body of a cell's function without the `return` that passes its names to other cells."""
    lines, arranged = list(lines_of(text)), layout(text)
    for number, line in enumerate(lines, 1):
        if re.match(r"return\b", line) and arranged.starts[number - 1] == number:
            last = arranged.last(number)
            lines[number - 1 : last] = [""] * (last - number + 1)
    return "\n".join(lines)


def without_display(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Remove what the cells display with marimo itself, such as Markdown, and its import if nothing else needs it:
    marimo need not be installed for grading."""
    names = {name for cell in cells for name in _IMPORT.findall(cell.source)}
    shown = [replace(cell, source=_blanked(cell.source, names)) for cell in cells]
    used = {node.id for cell in shown for node in ast.walk(shared_tree(cell.source)) if isinstance(node, ast.Name)}
    idle = [replace(cell, source=_IMPORT.sub(lambda m: m[0] if m[1] in used else "", cell.source)) for cell in shown]
    return tuple(cell for cell in idle if has_code(cell.source))


def _blanked(source: str, names: set[str]) -> str:
    lines = list(lines_of(source))
    for node in shared_tree(source).body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _root(node.value) in names:
            last = node.end_lineno or node.lineno
            if node.col_offset == 0 and not lines_of(source)[last - 1][node.end_col_offset :].strip():
                lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return "\n".join(lines)


def _root(node: ast.expr) -> str | None:
    """The name that an expression such as `mo.ui.table(...)` begins with."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
