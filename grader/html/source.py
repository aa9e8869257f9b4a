"""The student's whole source with the marks of a report in place, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.model import Cell, Outcome, Result, Span, StepResult
from grader.report.account import Block
from grader.submission.spans import lines_of


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line; `outcome` is that of the step it is marked for, None where it is not marked."""

    text: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line with its number, the steps bound on it, and the blocks whose marks end on it."""

    number: int
    pieces: tuple[Piece, ...]
    steps: tuple[StepResult, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class SourceCell:
    """A cell of a notebook, or a part of a script; `number` is None in a script."""

    number: int | None
    lines: tuple[SourceLine, ...]


def marked_source(result: Result, blocks: Sequence[Block]) -> tuple[SourceCell, ...]:
    """Every cell as typed, in the order of the file. Blocks without a place in it are left out."""
    steps = [step for step in (*result.forward, *result.steps) if step.where is not None]
    return tuple(SourceCell(cell.number, tuple(_lines(cell, steps, blocks))) for cell in result.sources)


def placed(cells: Sequence[SourceCell]) -> frozenset[Block]:
    """The blocks that stand beside a line."""
    return frozenset(block for cell in cells for line in cell.lines for block in line.blocks)


def _lines(cell: Cell, steps: Sequence[StepResult], blocks: Sequence[Block]) -> Iterator[SourceLine]:
    for number, line in enumerate(lines_of(cell.text), cell.first_line):
        text = line.rstrip("\r\n")
        here = tuple(one for one in steps if _starts(one.where, cell, number))
        said = tuple(block for block in blocks if _ends(block.where, cell, number))
        marks = [block.where for block in blocks if block.where is not None and _covers(block.where, cell, number)]
        yield SourceLine(number, tuple(_pieces(text, number, marks)), here, said)


def _starts(where: Span | None, cell: Cell, number: int) -> bool:
    return where is not None and where.cell == cell.number and where.line == number


def _ends(where: Span | None, cell: Cell, number: int) -> bool:
    return where is not None and where.cell == cell.number and where.end_line == number


def _covers(where: Span, cell: Cell, number: int) -> bool:
    return where.cell == cell.number and where.line <= number <= where.end_line


def _pieces(text: str, number: int, marks: Sequence[Span]) -> Iterator[Piece]:
    """The line cut at the marks; the whole of it where there is none. Marks that overlap are one."""
    marked = [False] * len(text)
    for mark in marks:
        start = mark.column - 1 if mark.line == number else len(text) - len(text.lstrip())
        end = mark.end_column - 1 if mark.end_line == number else len(text.rstrip())
        for place in range(max(start, 0), min(end, len(text))):
            marked[place] = True
    at = 0
    while at < len(text):
        end = next((place for place in range(at, len(text)) if marked[place] != marked[at]), len(text))
        yield Piece(text[at:end], "wrong" if marked[at] else None)
        at = end
