"""From places in a result to ranges in the editor."""

from __future__ import annotations

from dataclasses import dataclass

from lsprotocol.types import Range

from grader.editor.documents import Document, Part
from grader.editor.positions import position, whole_line
from grader.model import Result, Span
from grader.submission.spans import line_text


@dataclass(frozen=True, slots=True)
class Checked:
    """A document as it was checked, and the result. `encoding` is that of the editor's positions."""

    document: Document
    result: Result
    encoding: str


@dataclass(frozen=True, slots=True)
class Place:
    """A range of one of the texts of a document."""

    part: Part
    range: Range


def place_of(checked: Checked, span: Span | None) -> Place | None:
    """Where a span of the result is; None where it is in no text that is open."""
    part = None if span is None else checked.document.part(span.cell)
    if span is None or part is None:
        return None
    first = position(part.lines, span.line, span.column + _cut(checked, part, span.line), checked.encoding)
    end = span.end_column + _cut(checked, part, span.end_line)
    last = position(part.lines, span.end_line, end, checked.encoding)
    if (first.line, first.character) >= (last.line, last.character):
        return Place(part, whole_line(part.lines, first.line, checked.encoding))
    return Place(part, Range(first, last))


def top(checked: Checked) -> Place | None:
    """The first line that is not blank, for what has no place; None where nothing is open."""
    for part in checked.document.parts:
        for row, line in enumerate(part.lines):
            if line.strip() and part.is_code:
                return Place(part, whole_line(part.lines, row, checked.encoding))
    return None


def _cut(checked: Checked, part: Part, line: int) -> int:
    """How many characters at the beginning of a line were cut off before it was read: the indentation of a cell."""
    shown = part.lines[line - 1] if 0 < line <= len(part.lines) else ""
    for cell in checked.result.sources:
        if cell.number == part.number and (read := line_text(cell, line)) and shown.endswith(read):
            return len(shown) - len(read)
    return 0
