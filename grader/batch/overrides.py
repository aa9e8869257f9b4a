"""Scores given by hand, from a CSV file: of submissions or of single steps. They replace what was graded and survive
every regrade; who gave what, when and why is kept."""

from __future__ import annotations

import csv
import getpass
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.batch.csv_text import decoded
from grader.batch.store import Store
from grader.errors import UsageError
from grader.nearest import did_you_mean, near_files

LARGEST = 16 * 1024 * 1024
_NEEDED = ("student", "score")


@dataclass(frozen=True, slots=True)
class Override:
    """One score given by hand: of the whole submission, or of one `step`. Without a score and without a comment, the
    override in force is taken back; a whole submission may have a comment and no score."""

    student: str
    step: str
    score: float | None
    comment: str
    who: str

    @property
    def takes_back(self) -> bool:
        return self.score is None and (not self.comment or bool(self.step))


@dataclass(frozen=True, slots=True)
class Given:
    """An entry of the history of overrides: who gave or took back what, when, and why."""

    student: str
    step: str
    score: float | None
    taken_back: bool
    comment: str
    who: str
    at: str


def take_overrides(store: Store, path: Path, who: str | None = None) -> str:
    """Store the overrides of a file, all or none; return a summary. Raises `UsageError`, naming the line."""
    known = {one.student for one in store.standings()}
    steps = {str(row[0]) for row in store.query("SELECT DISTINCT name FROM steps WHERE part = 'step'")}
    who = who or user()
    rows = [_row(f"{path}, line {number}", row, known, steps, who) for number, row in read_table(path, _NEEDED)]
    with store.all_or_nothing():
        for one in rows:
            _put(store, one)
    dropped = sum(one.takes_back for one in rows)
    return f"{len(rows) - dropped} taken over by hand, {dropped} given back to grading"


def override(store: Store, one: Override) -> None:
    """Store one override, and keep it in the history."""
    with store.all_or_nothing():
        _put(store, one)


def history(store: Store, students: Collection[str] = ()) -> Iterator[Given]:
    """Everything given by hand and taken back, oldest first; of some students, or of all."""
    rows = store.query(
        "SELECT student, step, score, taken_back, comment, who, at FROM override_history ORDER BY number"
    )
    for student, step, score, taken_back, comment, by, at in rows:
        if not students or student in students:
            number = None if score is None else float(str(score))
            yield Given(str(student), str(step), number, bool(taken_back), str(comment), str(by), str(at))


def user() -> str:
    """The name of who runs the command, for the history."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no entry in the list of users, as in some containers
        return "unknown"


def _put(store: Store, one: Override) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    store.execute("DELETE FROM step_overrides WHERE student = ? AND step = ?", one.student, one.step)
    if not one.step:
        store.execute("DELETE FROM overrides WHERE student = ?", one.student)
    if not one.takes_back and one.step:
        store.execute("INSERT INTO step_overrides VALUES (?, ?, ?, ?)", one.student, one.step, one.score, one.comment)
    elif not one.takes_back:
        reason = one.comment or "given by hand"
        store.execute("INSERT INTO overrides VALUES (?, ?, ?, ?)", one.student, one.score, reason, at)
    store.execute(
        "INSERT INTO override_history (student, step, score, taken_back, comment, who, at, digest)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT digest FROM submissions WHERE student = ?1)",
        one.student, one.step, one.score, one.takes_back, one.comment, one.who, at,
    )  # fmt: skip


def _row(place: str, row: dict[str, str], known: set[str], steps: set[str], who: str) -> Override:
    student, step, text = row["student"], row.get("step", "").strip(), row["score"].strip()
    comment = row.get("comment", "").strip() or row.get("reason", "").strip()
    if student not in known:
        meant = did_you_mean(student, known)
        raise UsageError(f"{place}: there is no student {student!r} in these results.{meant}")
    if step and step not in steps:
        meant = did_you_mean(step, steps) or f" There are {', '.join(sorted(steps))}."
        raise UsageError(f"{place}: there is no step {step!r} in these results.{meant}")
    try:
        score = float(text.replace(",", ".")) if text else None
    except ValueError:
        score = math.nan
    if score is not None and not math.isfinite(score):
        raise UsageError(f"{place}: the score is {text!r}; a number is expected, or nothing.")
    return Override(student, step, score, comment, row.get("by", "").strip() or who)


def read_table(path: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a small CSV file as mappings from headings, with line numbers. Raises `UsageError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The file {str(path)!r} cannot be read: {error.strerror}.{near_files(str(path))}") from None
    found = None if len(data) > LARGEST else decoded(data)
    if found is None:
        raise UsageError(f"The file {str(path)!r} is no CSV table that can be read.")
    reader = csv.reader(found.text[found.start :].splitlines(keepends=True), delimiter=found.delimiter)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in needed if name not in head]
        if missing:
            raise UsageError(f"{path}: there is no column {missing[0]!r}; needed are {', '.join(needed)}.")
        return [
            (reader.line_num, dict(zip(head, [*row, *[""] * len(head)], strict=False))) for row in reader if any(row)
        ]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}.") from None
