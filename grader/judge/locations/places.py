"""Convert sites to what a student sees: spans, and the statement as they wrote it."""

from __future__ import annotations

from grader.instrument.site import Position, Site
from grader.model import Cell, Span, Submission
from grader.submission.spans import character_column, lines_of, place


def span_of(submission: Submission, cell_number: int, position: Position) -> Span | None:
    """The span of a position in the cell numbered from 0; None for code that is not the student's (`answer`)."""
    if cell_number >= len(submission.cells):
        return None
    cell = submission.cells[cell_number]
    line, column, end_line, end_column = position
    return place(
        cell, submission.file, line, _column(cell, line, column), end_line, _column(cell, end_line, end_column)
    )


def code_of(submission: Submission, site: Site) -> str | None:
    """The whole statement of a site, as typed."""
    if site.cell >= len(submission.cells):
        return None
    cell = submission.cells[site.cell]
    line, column, end_line, end_column = site.statement
    lines = list(lines_of(cell.text)[line - 1 : end_line])
    if not lines:
        return None
    if site.kind == "parameter":
        return lines[0].strip()
    lines[-1] = lines[-1][: _column(cell, end_line, end_column) - 1]
    lines[0] = lines[0][_column(cell, line, column) - 1 :]
    return "\n".join(lines)


def _column(cell: Cell, line: int, offset: int) -> int:
    lines = lines_of(cell.source)
    return character_column(lines[line - 1], offset) if 1 <= line <= len(lines) else 1
