"""Disputed verdicts that students handed in beside their submissions: files that `grader dispute` wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.batch.entries import DownloadRefused
from grader.batch.file_choice import ChosenFile, unpacked
from grader.batch.store import Store
from grader.dispute import LARGEST, Dispute, read
from grader.errors import UsageError

_NAME = re.compile(r"dispute.*\.json$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Disputed:
    """A verdict that a student disputes. `then` is the outcome that the student was told, `now` that of the step in the
    results of the class, None if there is none; `because` is the student's reason, `file` what was handed in."""

    student: str
    name: str
    step: str
    then: str
    now: str | None
    because: str
    file: str


def stored(store: Store, several: Iterator[ChosenFile], exercise: str) -> Iterator[ChosenFile]:
    """Pass the choices on, and store the disputes about this exercise that are among the files of each."""
    for one in several:
        found = _found(one, exercise)
        rows = [(made.step, made.verdict.outcome, made.because, path, content) for path, made, content in found]
        store.put_disputes(one.attempt.student, rows)
        names = {path for path, _, _ in found}
        yield replace(one, ignored=tuple(left for left in one.ignored if left.path not in names))


def _found(one: ChosenFile, exercise: str) -> list[tuple[str, Dispute, bytes]]:
    """The disputes among the files of a student: path, content as read, and as bytes. Others are left to the list of
    ignored files."""
    found = []
    for entry in unpacked(one.attempt.entries)[0]:
        if _NAME.search(entry.name):
            try:
                content = entry.read(LARGEST)
                made = read(content, entry.path)
            except (DownloadRefused, UsageError):
                continue
            if made.exercise == exercise:
                found.append((entry.path, made, content))
    return found


def disputed(store: Store) -> tuple[Disputed, ...]:
    """The disputes of a class, in the order of its students."""
    rows = store.query(
        "SELECT d.student, s.name, d.step, d.outcome, t.outcome, d.because, d.file FROM disputes d"
        " JOIN submissions s ON s.student = d.student LEFT JOIN steps t ON t.work = s.work AND t.name = d.step"
        " ORDER BY s.position, d.step"
    )
    return tuple(Disputed(*row) for row in rows)  # type: ignore[arg-type]  # columns have these types
