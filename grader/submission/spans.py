"""Convert places from `ast` (lines of a cell, UTF-8 bytes) to those of an editor (lines of the file, characters)."""

from __future__ import annotations

import ast
from functools import lru_cache

from grader.model import Cell, Span


@lru_cache(maxsize=256)
def lines_of(text: str) -> tuple[str, ...]:
    """The lines of `text`. Only a newline ends a line: `str.splitlines` splits at more characters than Python."""
    return tuple(text.split("\n"))


def has_code(text: str) -> bool:
    """Whether there is anything except empty lines and comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines_of(text))


def character_column(line: str, byte_offset: int) -> int:
    """The 1-based character column of a 0-based UTF-8 byte offset into `line`."""
    return len(line.encode("utf-8", "surrogatepass")[: max(byte_offset, 0)].decode("utf-8", "ignore")) + 1


def line_text(cell: Cell, line: int) -> str:
    """The student's own line, `line` counted as in the spans of this cell; "" if the cell has no such line."""
    lines = lines_of(cell.text)
    index = line - cell.first_line
    return " " * cell.indent + lines[index] if 0 <= index < len(lines) else ""


def place(cell: Cell, file: str, line: int, column: int, end_line: int, end_column: int) -> Span:
    """The span of 1-based lines within the cell and 1-based character columns, clipped to the text."""
    lines = lines_of(cell.text)
    line = min(max(line, 1), len(lines))
    end_line = min(max(end_line, line), len(lines))
    column = min(max(column, 1), len(lines[line - 1]) + 1)
    end_column = min(max(end_column, 1), len(lines[end_line - 1]) + 1)
    if end_line == line:
        end_column = max(column, end_column)
    above, left = cell.first_line - 1, cell.indent
    return Span(cell.file or file, cell.number, above + line, left + column, above + end_line, left + end_column)


def span(cell: Cell, file: str, node: ast.AST) -> Span:
    """The span of `node`, from the tree of `cell.source`; the whole cell for a node without a place (a module)."""
    source = lines_of(cell.source)
    line = getattr(node, "lineno", None)
    if line is None:
        return place(cell, file, 1, 1, len(source), len(source[-1]) + 1)
    column: int = getattr(node, "col_offset", 0)
    end_line: int = getattr(node, "end_lineno", None) or line
    end_offset: int | None = getattr(node, "end_col_offset", None)
    end_column: int = column if end_offset is None else end_offset
    return place(
        cell,
        file,
        line,
        character_column(_line(source, line), column),
        end_line,
        character_column(_line(source, end_line), end_column),
    )


def line_span(cell: Cell, file: str, line: int) -> Span:
    """The span of one line, counted within the cell, without its indentation and trailing whitespace."""
    text = _line(lines_of(cell.text), line)
    indent = len(text) - len(text.lstrip())
    return place(cell, file, line, indent + 1, line, len(text.rstrip()) + 1)


def _line(lines: tuple[str, ...], line: int) -> str:
    return lines[line - 1] if 1 <= line <= len(lines) else ""
