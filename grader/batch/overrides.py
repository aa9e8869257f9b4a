"""Scores given by hand, from a CSV file: they replace graded scores and survive every regrade."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from grader.batch.csv_text import decoded
from grader.batch.store import Store
from grader.errors import UsageError
from grader.nearest import did_you_mean, near_files

LARGEST = 16 * 1024 * 1024


def take_overrides(store: Store, path: Path) -> str:
    """Store the overrides of a file, all or none; return a summary. Raises `UsageError`, naming the line."""
    known = {one.student for one in store.standings()}
    rows = [_row(number, row, known, path) for number, row in read_table(path, ("student", "score"))]
    dropped = 0
    for student, score, reason in rows:
        if score is None and not reason:
            store.drop_override(student)
            dropped += 1
        else:
            store.override(student, score, reason or "given by hand")
    taken = len(rows) - dropped
    return f"{taken} taken over by hand, {dropped} given back to grading"


def _row(number: int, row: dict[str, str], known: set[str], path: Path) -> tuple[str, float | None, str]:
    student, text, reason = row["student"], row["score"].strip(), row.get("reason", "").strip()
    if student not in known:
        meant = did_you_mean(student, known)
        raise UsageError(f"{path}, line {number}: there is no student {student!r} in these results.{meant}")
    if not text:
        return student, None, reason
    try:
        score = float(text.replace(",", "."))
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise UsageError(f"{path}, line {number}: the score is {text!r}; a number is expected, or nothing.")
    return student, score, reason


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
