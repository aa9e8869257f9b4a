"""What every gradebook comes down to: rows of people, one column to fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from grader.batch.gradebooks.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Person:
    """A row of a gradebook. `identities` are pairs of a kind (as of `Attempt`) and a value; `names` are the ways the
    person may be called."""

    row: int
    identities: tuple[tuple[str, str], ...]
    names: tuple[str, ...]

    @property
    def shown(self) -> str:
        return next(iter(self.names), "") or next((value for _, value in self.identities), f"row {self.row + 1}")

    @property
    def told_by(self) -> str:
        """What tells the person from others of the name: the row, and the first that is known of them beside it."""
        known = next((value for _, value in self.identities), "")
        return f"row {self.row + 1}{f', {known}' if known else ''}"


@dataclass(frozen=True, slots=True)
class Meant:
    """What is entered for one person: the score, on the gradebook's scale, and a sentence or two of feedback."""

    score: float
    feedback: str


class Gradebook(Protocol):
    """A module that knows one platform's gradebook file."""

    NAME: str
    TITLE: str

    def people(self, sheet: Sheet) -> list[Person]:
        """Everybody in it. Raises `UsageError` where it is no such gradebook."""
        ...

    def column(self, sheet: Sheet, title: str | None, exercise: str) -> int:
        """The column to fill: that of the title, or the one that can only be meant. Raises `UsageError`."""
        ...

    def most(self, sheet: Sheet, row: int, column: int) -> float | None:
        """How many points the platform gives for it; None where the file does not say."""
        ...

    def enter(self, sheet: Sheet, row: int, column: int, meant: Meant) -> str | None:
        """Puts the score into a row; a sentence where the platform would not take it."""
        ...
