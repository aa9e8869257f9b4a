"""Prepare one piece of a submission, a cell or a part of a script, for running, or report why it is not Python."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.model import Cell, Problem
from grader.submission.magics import Skipped, neutralise, silence_calls
from grader.submission.spans import line_span, lines_of, place
from grader.submission.syntax import SyntaxFault, check
from grader.submission.wording import at_line, listed, quote

if TYPE_CHECKING:
    from grader.submission.recovery import Dropped, Recovered

MAX_CELLS = 2_000
"""Maximum number of code cells of a file; no file written by hand has more."""


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The result of reading a file or a piece of one: cells that run, and problems for the student."""

    cells: tuple[Cell, ...]
    problems: tuple[Problem, ...]


def joined(readings: Sequence[ReadResult], notes: Sequence[Problem] = ()) -> ReadResult:
    """Join the readings of several pieces, with `notes` before them."""
    cells = tuple(cell for reading in readings for cell in reading.cells)
    return ReadResult(cells, (*notes, *(problem for reading in readings for problem in reading.problems)))


def read_pieces(pieces: Sequence[Cell], file: str, loss: str, notes: Sequence[Problem] = ()) -> ReadResult:
    """Read all pieces of a file, up to `MAX_CELLS`."""
    if len(pieces) > MAX_CELLS:
        message = f"the file has more than {MAX_CELLS} pieces of code; keep only those that the derivation needs"
        return unreadable(message, notes)
    return joined([read_piece(piece, file, loss, len(pieces)) for piece in pieces], notes)


def unreadable(message: str, notes: Sequence[Problem] = ()) -> ReadResult:
    """The reading of a file of which nothing can be run, and why."""
    return ReadResult((), (*notes, Problem("unreadable", message)))


def cut(lines: Sequence[str], margin: int) -> str:
    """Join the lines with up to `margin` leading spaces removed from each."""
    return "\n".join(line[min(margin, len(line) - len(line.lstrip())) :] for line in lines)


def read_piece(cell: Cell, file: str, loss: str, pieces: int = 1) -> ReadResult:
    """Read a cell, removing what Python 3 cannot run but grading does not need: magics, Python 2, lines that cannot be
    read.

    `loss` says what is left out if nothing of the cell can be kept; the file has this number of `pieces`."""
    fault = check(cell.source)
    if fault is None:
        return _silenced(cell, file, [])
    neutral = neutralise(cell.source)
    if neutral.source is None:
        return ReadResult((), (_left_to_others(cell, file, neutral.skipped[0]),))
    cell, fault = replace(cell, source=neutral.source), check(neutral.source)
    problems = _not_run(cell, file, neutral.skipped)
    if fault is None:
        return _silenced(cell, file, problems)
    from grader.submission.recovery import WORK, recover, untouched

    rest = recover(neutral.source, fault, WORK // pieces)
    if rest.fault is not None or (pieces == 1 and not untouched(rest)):
        return ReadResult((), (*problems, syntax_problem(cell, file, fault, loss)))
    problems += [*_not_run(cell, file, rest.skipped), *_told(cell, file, rest)]
    return _silenced(replace(cell, source=rest.source), file, problems)


def _silenced(cell: Cell, file: str, problems: list[Problem]) -> ReadResult:
    silent = silence_calls(cell.source)
    noted = _not_run(cell, file, silent.skipped)
    return ReadResult((replace(cell, source=silent.source or cell.source),), (*problems, *noted))


def _told(cell: Cell, file: str, rest: Recovered) -> list[Problem]:
    """Problems for what was left out of a text, and for what was read although it is not Python 3, in order."""
    found = [syntax_problem(cell, file, one.fault, _extent(cell, one)) for one in rest.dropped]
    found += [syntax_problem(cell, file, one, "it was read as if it were there") for one in rest.read if one.no_colon]
    legacy = sorted((one for one in rest.read if one.legacy is not None), key=lambda one: one.line)
    if legacy:
        found.append(syntax_problem(cell, file, legacy[0], _also(cell, legacy[1:])))
    return sorted(found, key=lambda one: (one.where.line, one.where.column) if one.where else (0, 0))


def _extent(cell: Cell, dropped: Dropped) -> str:
    """A sentence on the lines a fault has cost, if these are more than its own line."""
    above = cell.first_line - 1
    if dropped.first == dropped.last == dropped.fault.line:
        return ""
    if dropped.first == dropped.last:
        return f"line {above + dropped.first} was left out"
    return f"lines {above + dropped.first} to {above + dropped.last} were left out"


def _also(cell: Cell, others: list[SyntaxFault]) -> str:
    lines = list(dict.fromkeys(str(cell.first_line + one.line - 1) for one in others))
    if not lines:
        return ""
    return f"so {'is line' if len(lines) == 1 else 'are lines'} {listed(lines, 5)}"


def syntax_problem(cell: Cell, file: str, fault: SyntaxFault, consequence: str) -> Problem:
    """A problem that describes a fault and quotes the student's line; `consequence`, if any, says what was left out."""
    where = place(cell, file, fault.line, fault.column, fault.end_line, fault.end_column)
    line, own = at_line(cell, fault.line), quote(lines_of(cell.text)[fault.line - 1])
    if fault.legacy is not None:
        message = f"{line} is Python 2: write {quote(fault.legacy)} for {own}"
    else:
        reason = re.sub(r"\bon line (\d+)", lambda m: f"on line {int(m[1]) + cell.first_line - 1}", fault.reason)
        message = f"{line} cannot be read: {reason}: {own}"
    return Problem("syntax", f"{message}; {consequence}" if consequence else message, where)


def _not_run(cell: Cell, file: str, skipped: tuple[Skipped, ...]) -> list[Problem]:
    if not skipped:
        return []
    what = "the magic " if len(skipped) == 1 and skipped[0].text.startswith("%") else ""
    verb = "was" if len(skipped) == 1 else "were"
    names = listed([quote(item.text) for item in skipped])
    return [Problem("note", f"{what}{names} {verb} not run", line_span(cell, file, skipped[0].line))]


def _left_to_others(cell: Cell, file: str, magic: Skipped) -> Problem:
    what = "the script" if cell.number is None else f"cell {cell.number}"
    return Problem("note", f"{what} was not run: it is for {quote(magic.text)}", line_span(cell, file, magic.line))
