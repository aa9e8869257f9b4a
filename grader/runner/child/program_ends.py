"""Where a program may end early: at the given numbers anywhere, at others only where it ended at the given ones."""

from __future__ import annotations

from collections.abc import Sequence


class Ends:
    """`known` are the cells and lines at which it ended, or raised an error, at the given numbers; None before that is
    known. `stopped` are statements that have used up their time, and are not run again."""

    def __init__(self, known: Sequence[tuple[int, int]] | None, stopped: Sequence[tuple[int, int]]) -> None:
        self._known = None if known is None else frozenset(map(tuple, known))
        self.renumbered = False
        """Whether an input has got a number other than the program's own, which the student saw."""
        self.stopped = frozenset(map(tuple, stopped))

    def may_come(self, cell: int, line: int) -> bool:
        """Whether the program may end here. Where it ends only at other numbers, that end is a check of the result, and
        is skipped."""
        return self._known is None or (cell, line) in self._known

    def may_come_if(self, cell: int, line: int) -> bool:
        """The same for an end under a condition, which may compare with the program's own numbers."""
        return self.may_come(cell, line) and not (self._known is None and self.renumbered)
