"""The common form of all layouts: who handed in which files, when, and whether late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from grader.batch.entries import DownloadEntry, Ignored, Tree

PERSONAL = frozenset({"student", "canvas", "moodle", "brightspace", "username", "email", "sis", "id"})
"""The kinds of identities that name a person; others, such as the number of an attachment, name a part of what was
handed in."""


@dataclass(frozen=True, slots=True)
class DownloadedAttempt:
    """One student's submission at one time. `student` is the key by which the layout distinguishes students, `name` the
    displayed name.

    `identities` are further keys for matching the student in a gradebook: pairs of a kind (`canvas`, `moodle`,
    `username`, `email`, `sis`, `id` for any of them) and a value. `late` is what the platform states, if it does."""

    student: str
    name: str
    entries: tuple[DownloadEntry, ...]
    submitted: datetime | None = None
    late: bool | None = None
    identities: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """All attempts of a download, those of one student in chronological order, the ignored files, and `notes` on the
    roster."""

    layout: str
    attempts: tuple[DownloadedAttempt, ...]
    ignored: tuple[Ignored, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DownloadLayout:
    """One layout of downloads."""

    name: str
    title: str
    recognises: Callable[[Tree], bool]
    """Whether a tree has this layout; decided by names, no file is opened."""

    read: Callable[[Tree, str], Intake]
    """The attempts in a tree. Given the exercise's id, used if the layout contains several assignments."""
