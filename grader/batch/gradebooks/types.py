"""The common form of all gradebooks: rows of people, and one column to fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from grader.batch.gradebooks.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Person:
    """A row of a gradebook. `identities` are pairs of a kind (as in `Attempt`) and a value; `names` are the spellings
    of the person's name."""

    row: int
    identities: tuple[tuple[str, str], ...]
    names: tuple[str, ...]

    @property
    def shown(self) -> str:
        return next(iter(self.names), "") or next((value for _, value in self.identities), f"row {self.row + 1}")

    @property
    def told_by(self) -> str:
        """Text that distinguishes the person from namesakes: the row, and the first known identity."""
        known = next((value for _, value in self.identities), "")
        return f"row {self.row + 1}{f', {known}' if known else ''}"


@dataclass(frozen=True, slots=True)
class Meant:
    """What is entered for one person: the score, on the gradebook's scale, and a sentence or two of feedback, for the
    cells that `comments` names."""

    score: float
    feedback: str
    comments: Comments = "keep"


Comments = Literal["keep", "fill", "replace"]
"""Comments of a gradebook: all stay as they are, empty ones are filled, or all are replaced."""


class Gradebook(Protocol):
    """A module that reads and fills one platform's gradebook file."""

    NAME: str
    TITLE: str

    def people(self, sheet: Sheet) -> list[Person]:
        """All people in the sheet. Raises `UsageError` if it is not such a gradebook."""
        ...

    def column(self, sheet: Sheet, title: str | None, exercise: str) -> int:
        """The column to fill: the one with this title, or the only possible one. Raises `UsageError`."""
        ...

    def most(self, sheet: Sheet, row: int, column: int) -> float | None:
        """The platform's maximum points for the column; None if the file does not state it."""
        ...

    def enter(self, sheet: Sheet, row: int, column: int, meant: Meant) -> str | None:
        """Enter the score into a row; return a sentence if the platform would reject it."""
        ...
