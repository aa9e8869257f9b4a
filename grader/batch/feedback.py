"""Feedback for students: one HTML page each, and a zip of these pages for Moodle."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grader.batch.feedback_page import page, without_result
from grader.batch.late import Final, final
from grader.batch.run import policy_of
from grader.batch.store import Store
from grader.batch.student_row import StudentRow
from grader.errors import ExerciseError, UsageError
from grader.exercise.load import named
from grader.model import Reveal
from grader.report.numbers import count

_SAFE = re.compile(r"[A-Za-z0-9._@+-]{1,64}")
_EPOCH = (2000, 1, 1, 0, 0, 0)


def sentence(store: Store, one: StudentRow, known: Final) -> str:
    """The score in a sentence or two, for a comment cell."""
    if known.score is None:
        return ""
    parts = [f"{count(known.score)} / {count(one.max_score or 0.0)} points."]
    if known.lost:
        parts.append(f"{count(known.lost)} of them taken off: {known.late}.")
    if one.overridden:
        parts.append(f"{one.override_reason[:1].upper()}{one.override_reason[1:]}.")
    elif one.first_error is not None:
        line = store.query("SELECT cell, line FROM steps WHERE work = ? AND name = ?", one.work, one.first_error)
        at = _place(line[0] if line else (None, None))
        parts.append(f"Begin with {one.first_error}{at}.")
    return " ".join(parts)


def _place(found: tuple[object, ...]) -> str:
    cell, line = found
    if line is None:
        return ""
    return f", line {line}" if cell is None else f", cell {cell}, line {line}"


def pages(store: Store, folder: Path) -> str:
    """Write one page per student to a folder; return its name."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one, content in _pages(store):
            (folder / f"{safe_name(one.student)}.html").write_bytes(content)
    except OSError as error:
        raise UsageError(f"The feedback cannot be written to {str(folder)!r}: {error.strerror}.") from None
    return str(folder)


def moodle_zip(store: Store, path: Path) -> str:
    """Write the zip for Moodle's "Upload multiple feedback files in a zip"; return its name."""
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for one, content in _pages(store):
                number = dict(one.identities).get("moodle")
                if number is not None:
                    name = re.sub(r"[_/\\\x00-\x1f]+", " ", one.name).strip() or "Participant"
                    # A fixed date, so that equal results make an equal zip.
                    info = zipfile.ZipInfo(f"{name}_{number}_assignsubmission_file/feedback.html", _EPOCH)
                    info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, content)
    except OSError as error:
        raise UsageError(f"The feedback cannot be written to {str(path)!r}: {error.strerror}.") from None
    return str(path)


def safe_name(student: str) -> str:
    """A file name for a student: the student's key if it is safe, otherwise a digest of it."""
    harmless = (
        _SAFE.fullmatch(student) and not student.startswith(".") and student.upper().split(".")[0] not in _DEVICES
    )
    return (
        student if harmless else "student-" + hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    )


_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}


def _pages(store: Store) -> Iterator[tuple[StudentRow, bytes]]:
    level = _level(store)
    policy = policy_of(store)
    for one in store.standings():
        result = store.result(one)
        known = final(one, policy)
        if result is not None:
            yield one, page(store.about("title"), one, replace(result, reveal=level), known).encode()
        elif one.status == "nothing":
            yield one, without_result(store.about("title"), one, known).encode()


def _level(store: Store) -> Reveal:
    """The reveal level for students; the lowest if the exercise file is missing or invalid."""
    try:
        return named(store.about("path")).policy.shown
    except (ExerciseError, UsageError):
        return "location"
