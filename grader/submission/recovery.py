"""What can still be run of a text that is not Python 3 throughout, its lines staying where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.submission.spans import lines_of
from grader.submission.syntax import SyntaxFault, check

TRIES = 20
"""Blocks that are dropped from one script at most: a file with more faults is no file to guess in."""

PRINTS = 100
"""Print statements of Python 2 that are taken out of one text at most; fewer of a large one."""

WORK = 2_000_000
"""Characters that are parsed at most to take them out: each costs one pass over the text."""

_CONTINUES = re.compile(r"[\s)\]}#]|(?:elif|else|except|finally)\b")
"""How a line begins that starts no top-level statement of its own."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A fault, and the block of lines `first` to `last` that was left out because of it."""

    fault: SyntaxFault
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What is left of a text, and what went; `fault` is set, and nothing else of use, where no text could be saved."""

    source: str
    dropped: tuple[Dropped, ...] = ()
    prints: tuple[SyntaxFault, ...] = ()
    fault: SyntaxFault | None = None


def recover(source: str, fault: SyntaxFault) -> Recovered:
    """`source`, which `fault` keeps from running, with the top-level block around each fault blanked."""
    dropped: list[Dropped] = []
    prints: tuple[SyntaxFault, ...] = ()
    left: SyntaxFault | None = fault
    while left is not None and len(dropped) < TRIES:
        lines = list(lines_of(source))
        first, last = _block(lines, left)
        if not any(line.strip() for line in lines[first : last + 1]):
            break
        lines[first : last + 1] = [""] * (last - first + 1)
        dropped.append(Dropped(left, first + 1, last + 1))
        rest = without_prints("\n".join(lines), check("\n".join(lines)))
        source, left, prints = rest.source, rest.fault, prints + rest.prints
    return Recovered(source, tuple(dropped), prints, left)


def without_prints(source: str, fault: SyntaxFault | None) -> Recovered:
    """`source` with `pass` in place of each print statement of Python 2; `fault` is what is left after that."""
    prints: list[SyntaxFault] = []
    most = min(PRINTS, WORK // (len(source) + 1))
    while fault is not None and fault.prints and len(prints) < most:
        lines = list(lines_of(source))
        first, last = fault.line - 1, fault.end_line - 1
        head, tail = lines[first][: fault.column - 1], lines[last][fault.end_column - 1 :]
        if first == last:
            lines[first] = head + "pass".ljust(fault.end_column - fault.column) + tail
        elif not tail.strip():
            lines[first : last + 1] = [head + "pass", *[""] * (last - first)]
        else:
            break
        prints.append(fault)
        source = "\n".join(lines)
        fault = check(source)
    return Recovered(source, (), tuple(prints), fault)


def _block(lines: list[str], fault: SyntaxFault) -> tuple[int, int]:
    """The indices of the first and the last line of the smallest top-level block around `fault`."""
    at = (fault.block_line or fault.line) - 1
    first = at
    if not fault.stray_indent:
        while first > 0 and not _starts(lines[first]):
            first -= 1
        while first > 0 and lines[first - 1].startswith("@"):
            first -= 1
    last = at
    while last + 1 < len(lines) and not _starts(lines[last + 1]):
        last += 1
    while last > at and not lines[last].strip():
        last -= 1
    return first, last


def _starts(line: str) -> bool:
    return line != "" and not _CONTINUES.match(line)
