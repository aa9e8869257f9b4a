"""One piece of a submission, a cell or a part of a script, made ready to run or found not to be Python."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from grader.model import Cell, Problem
from grader.submission.magics import Skipped, neutralise, silence_calls
from grader.submission.recovery import without_prints
from grader.submission.spans import line_span, lines_of, place
from grader.submission.syntax import SyntaxFault, check
from grader.submission.wording import at_line, listed, quote


@dataclass(frozen=True, slots=True)
class Piece:
    """`cell.source` runs if there is no `fault` and `is_python`; `problems` are those already worded."""

    cell: Cell
    problems: tuple[Problem, ...] = ()
    fault: SyntaxFault | None = None
    is_python: bool = True


def has_code(text: str) -> bool:
    """Whether there is anything but blank lines and comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in lines_of(text))


def prepare(cell: Cell, file: str) -> Piece:
    """Takes out of `cell.source` what Python 3 cannot run but can be graded without: magics and print statements."""
    problems: list[Problem] = []
    fault = check(cell.source)
    if fault is not None:
        neutral = neutralise(cell.source)
        if neutral.source is None:
            return Piece(cell, (_left_to_others(cell, file, neutral.skipped[0]),), is_python=False)
        cell, fault = replace(cell, source=neutral.source), check(neutral.source)
        problems += _not_run(cell, file, neutral.skipped)
    if fault is not None and fault.prints:
        rest = without_prints(cell.source, fault)
        cell, fault = replace(cell, source=rest.source), rest.fault
        problems += print_problems(cell, file, rest.prints)
    if fault is None:
        silent = silence_calls(cell.source)
        cell = replace(cell, source=silent.source or cell.source)
        problems += _not_run(cell, file, silent.skipped)
    return Piece(cell, tuple(problems), fault)


def syntax_problem(cell: Cell, file: str, fault: SyntaxFault, consequence: str) -> Problem:
    """A fault in words, quoting the student's line; `consequence` says what was left out."""
    where = place(cell, file, fault.line, fault.column, fault.end_line, fault.end_column)
    line, own = at_line(cell, fault.line), quote(lines_of(cell.text)[fault.line - 1])
    if fault.legacy is not None:
        message = f"{line} is written for Python 2; Python 3 is needed, which has {fault.legacy}: {own}; {consequence}"
    else:
        reason = re.sub(r"\bon line (\d+)", lambda m: f"on line {int(m[1]) + cell.first_line - 1}", fault.reason)
        message = f"{line} cannot be read as Python: {reason}: {own}; {consequence}"
    return Problem("syntax", message, where)


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


def print_problems(cell: Cell, file: str, prints: tuple[SyntaxFault, ...]) -> list[Problem]:
    """One problem for all the print statements of Python 2 that were taken out."""
    if not prints:
        return []
    others = len(prints) - 1
    skipped = "it was skipped" if not others else f"it and {others} more like it were skipped"
    return [syntax_problem(cell, file, prints[0], skipped)]
