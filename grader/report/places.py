"""Describe places of a submission, and quote the student's lines at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from grader.model import Cell, Result, Span, StepResult
from grader.submission.spans import line_text
from grader.submission.spans import lines_of as text_lines
from grader.submission.wording import listed

MAX_LINES = 6
"""Maximum number of lines listed individually."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A line of the student's code as typed. Characters `start` to `end` (from 0) are marked; `more` further lines
    belong to the marked range."""

    line: int
    text: str
    start: int
    end: int
    more: int = 0


def place(span: Span) -> str:
    """Format a place: `mine.py:38`, or `notebook.ipynb, cell 7, line 3`."""
    if span.cell is None:
        return f"{span.file}:{span.line}"
    return f"{span.file}, cell {span.cell}, line {span.line}"


def path_of(span: Span | None, result: Result, path: str) -> str:
    """The path of the file that a span is in; `path` is that of the submission, which modules lie beside."""
    return path if span is None or span.file == result.submission else str(PurePath(path).with_name(span.file))


def short_place(span: Span | None, file: str) -> str:
    """Format a place without the name of the submission's own `file`: `line 38`, `cell 7, line 3`, `data.py:5`."""
    if span is None:
        return ""
    if span.file != file:
        return place(span)
    return f"line {span.line}" if span.cell is None else f"cell {span.cell}, line {span.line}"


def lines_of(spans: Sequence[Span]) -> str:
    """Format lines: `lines 3 to 5`, `lines 3 and 7`, `line 3 of cell 2 and lines 1 and 4 of cell 5`."""
    cells: dict[int | None, list[int]] = {}
    for span in sorted(spans, key=order):
        cells.setdefault(span.cell, []).append(span.line)
    return " and ".join(
        f"{_numbers(sorted(set(lines)))}{'' if cell is None else f' of cell {cell}'}" for cell, lines in cells.items()
    )


def _numbers(lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    if len(lines) > 2 and lines[-1] - lines[0] == len(lines) - 1:
        return f"lines {lines[0]} to {lines[-1]}"
    return f"lines {listed([str(line) for line in lines], MAX_LINES)}"


def order(span: Span | None) -> tuple[int, int, int]:
    """Sort key of places from top to bottom; None comes last."""
    if span is None:
        return (1 << 60, 0, 0)
    return (span.cell or 0, span.line, span.column)


def quote(result: Result, span: Span | None) -> Quote | None:
    """The line at which `span` starts; None if the submission's text is not available."""
    cell = None if span is None else _cell(result, span)
    if span is None or cell is None:
        return None
    text = line_text(cell, span.line).rstrip("\r")
    if not text.strip():
        return None
    more = max(span.end_line - span.line, 0)
    end = len(text.rstrip()) if more else min(span.end_column - 1, len(text))
    start = min(max(span.column - 1, 0), len(text))
    return Quote(span.line, text, start, max(end, start), more)


def quote_step(result: Result, step: StepResult) -> Quote | None:
    """The line of a step; if the submission's text is not available, the first line of the step's statement."""
    found = quote(result, step.where)
    if found is not None or step.where is None or not step.code:
        return found
    lines = step.code.split("\n")
    return Quote(step.where.line, lines[0], 0, len(lines[0]), len(lines) - 1)


def marked(result: Result, step: StepResult) -> str:
    """The marked part of a step's line; "" if the mark extends over several lines."""
    found = quote(result, step.where)
    return "" if found is None or found.more else found.text[found.start : found.end]


def _cell(result: Result, span: Span) -> Cell | None:
    for cell in result.sources:
        own = cell.file or result.submission, cell.number
        if own == (span.file, span.cell) and 0 <= span.line - cell.first_line < len(text_lines(cell.text)):
            return cell
    return None
