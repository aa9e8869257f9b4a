"""How messages name places and quote the student's lines, and the parts by which a report knows what one is about."""

from __future__ import annotations

from grader.model import Cell

QUOTED = 72
"""Maximum number of characters quoted from a line."""


def quote(text: str) -> str:
    """The student's text in backticks, on one line; unprintable characters could control a terminal and become `?`."""
    shown = "".join(c if c.isprintable() else " " if c == "\t" else "?" for c in text.strip())
    return f"`{shown if len(shown) <= QUOTED else shown[: QUOTED - 1] + '…'}`"


def at_line(cell: Cell, line: int) -> str:
    """Format "line 12" for a script, "cell 5, line 2" for a notebook; `line` counts within the cell."""
    number = cell.first_line + line - 1
    return f"line {number}" if cell.number is None else f"cell {cell.number}, line {number}"


def listed(items: list[str], shown: int = 3) -> str:
    """Format "a", "a and b", "a, b, c and 4 more"."""
    if len(items) > shown:
        return f"{', '.join(items[:shown])} and {len(items) - shown} more"
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


CRASHED = "this line crashed: "
"""Prefix of a message about an error raised by the student's own code."""

WITHOUT = "was run without it"
"""End of a message about a package that is done without."""

SPOILT = " changed it before it was used"
"""Suffix of a message about a right value that another line changed."""

SHADOWED = " is a loop variable here"
"""Part of a message about a given value whose name a loop rebound."""

TAKEN_FROM = {
    "numerical": "a difference quotient",
    "complex_step": "a complex step",
    "solved_back": "solving the rule of a later step for it",
}
"""What computed a borrowed step, by the reason of its verdict; other reasons are the names of libraries."""


def taken_from(reason: str | None) -> str:
    """What computed a borrowed step: "autograd", "sympy", "a difference quotient"."""
    return TAKEN_FROM.get(reason or "", reason or "autograd")
