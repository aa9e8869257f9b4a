"""How places and the student's own lines are named in messages."""

from __future__ import annotations

from grader.model import Cell

QUOTED = 72
"""Characters of a line that are quoted at most."""


def quote(text: str) -> str:
    """The student's text in backticks, on one line; unprintable characters, which could steer a terminal, as `?`."""
    shown = "".join(c if c.isprintable() else " " if c == "\t" else "?" for c in text.strip())
    return f"`{shown if len(shown) <= QUOTED else shown[: QUOTED - 1] + '…'}`"


def at_line(cell: Cell, line: int) -> str:
    """ "line 12" of a script, "cell 5, line 2" of a notebook; `line` counts within the cell."""
    number = cell.first_line + line - 1
    return f"line {number}" if cell.number is None else f"cell {cell.number}, line {number}"


def listed(items: list[str], shown: int = 3) -> str:
    """ "a", "a and b", "a, b, c and 4 more"."""
    if len(items) > shown:
        return f"{', '.join(items[:shown])} and {len(items) - shown} more"
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


CRASHED = "this line crashed: "
"""Begins what is said of an error of the student's own code."""

REWRITTEN = "I could not find the slip in this line."
"""What is said where only the whole line, as the chain rule has it, is right."""

SPOILT = " changed it before it was used"
"""Ends what is said of a right value that another line changed."""

SHADOWED = " is a loop variable here"
"""Stands in what is said of a given value whose name a loop took."""

TAKEN_FROM = {"numerical": "a difference quotient", "complex_step": "a complex step"}
"""What computed a borrowed step, by the reason of its verdict; the others are libraries, which go by their names."""


def taken_from(reason: str | None) -> str:
    """What computed a borrowed step: "autograd", "sympy", "a difference quotient"."""
    return TAKEN_FROM.get(reason or "", reason or "autograd")
