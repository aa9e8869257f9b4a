"""What every layout of a download comes down to: whose, which files, when, late or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from grader.batch.entries import Entry, Ignored, Tree


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one student handed in at one time. `student` is the key a layout tells students apart by, `name` what
    people call them. `identities` are what else is known to match them by in a gradebook: pairs of a kind (`canvas`,
    `moodle`, `username`, `email`, `sis`) and a value. `late` is what the platform says; None where it says nothing."""

    student: str
    name: str
    entries: tuple[Entry, ...]
    submitted: datetime | None = None
    late: bool | None = None
    identities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """All attempts of a download, those of one student in the order they were made, and what is none."""

    layout: str
    attempts: tuple[Attempt, ...]
    ignored: tuple[Ignored, ...] = ()


class Layout(Protocol):
    """A module that reads one way of laying out a download."""

    NAME: str
    TITLE: str

    def recognises(self, tree: Tree) -> bool:
        """Whether a tree is laid out this way; names decide, nothing is opened."""
        ...

    def read(self, tree: Tree, wanted: str) -> Intake:
        """The attempts in a tree. `wanted` is the exercise's id, where a layout holds several assignments."""
        ...
