"""Where the lines of a checked text are in a later version of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineMap:
    """Lines (from 0) before `first` are where they were; those from `last` on have moved by `shift`; between, the text
    has changed."""

    first: int
    last: int
    shift: int

    def new(self, row: int) -> int | None:
        """Where a line is now; None where it may have changed."""
        if row < self.first:
            return row
        return row + self.shift if row >= self.last else None

    def old(self, row: int) -> int | None:
        """Where a line of the later version was; None where it may be another."""
        if row < self.first:
            return row
        return row - self.shift if row >= self.last + self.shift else None


def line_map(before: Sequence[str], after: Sequence[str]) -> LineMap:
    """The unchanged lines at the beginning and the end of two versions: one types at one place at a time."""
    shorter = min(len(before), len(after))
    first = next((row for row in range(shorter) if before[row] != after[row]), shorter)
    same = next((n for n in range(shorter - first) if before[-1 - n] != after[-1 - n]), shorter - first)
    return LineMap(first, len(before) - same, len(after) - len(before))
