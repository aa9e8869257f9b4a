"""Feedback for students: one HTML page each, and zips of these pages for Moodle and Canvas."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from grader.batch.feedback_page import page, without_result
from grader.batch.late import Final, final
from grader.batch.page_exercise import PageExercise
from grader.batch.run import policy_of
from grader.batch.store import Store
from grader.batch.student_row import StudentRow
from grader.errors import UsageError
from grader.report.numbers import count
from grader.whole_files import replacing, write_whole

_SAFE = re.compile(r"[A-Za-z0-9._@+-]{1,64}")
_EPOCH = (2000, 1, 1, 0, 0, 0)


def sentence(store: Store, one: StudentRow, known: Final) -> str:
    """The score in a sentence or two, for a comment cell."""
    if known.score is None:
        return ""
    parts = [f"{count(known.score)} / {count(one.max_score or 0.0)} points."]
    if known.lost:
        parts.append(f"{count(known.lost)} of them taken off: {known.late}.")
    if said := one.comments:
        parts.append(f"{said[:1].upper()}{said[1:]}.")
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
            write_whole(folder / f"{safe_name(one.student)}.html", content)
    except OSError as error:
        raise UsageError(f"The feedback cannot be written to {str(folder)!r}: {error.strerror}.") from None
    return str(folder)


def moodle_zip(store: Store, path: Path) -> str:
    """Write the zip for Moodle's "Upload multiple feedback files in a zip"; return its name."""
    return _zip(store, path, _for_moodle)


def canvas_zip(store: Store, path: Path) -> str:
    """Write the zip for Canvas's "Upload Submissions", which adds each page to a submission's comments; return its
    name."""
    return _zip(store, path, _for_canvas)


def _zip(store: Store, path: Path, place: Callable[[StudentRow], str | None]) -> str:
    with replacing(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in _pages(store):
            name = place(one)
            if name is not None:
                # A fixed date, so that equal results make an equal zip.
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
    return str(path)


def _for_moodle(one: StudentRow) -> str | None:
    number = dict(one.identities).get("moodle")
    name = re.sub(r"[_/\\\x00-\x1f]+", " ", one.name).strip() or "Participant"
    return None if number is None else f"{name}_{number}_assignsubmission_file/feedback.html"


def _for_canvas(one: StudentRow) -> str | None:
    """The name from which Canvas reads whose it is: the first two all-digit parts are the user and an attachment that
    the user has handed in."""
    known = dict(one.identities)
    user, attachment = known.get("canvas", ""), known.get("canvas-attachment", "")
    if not (user.isdigit() and attachment.isdigit()):
        return None
    name = re.sub(r"[^\w]+|_", "", one.name)
    return f"{f'x{name}' if name.isdigit() else name or 'student'}_{user}_{attachment}_feedback.html"


def safe_name(student: str) -> str:
    """A file name for a student: the student's key if it is safe, otherwise a digest of it."""
    harmless = (
        _SAFE.fullmatch(student) and not student.startswith(".") and student.upper().split(".")[0] not in _DEVICES
    )
    return (
        student if harmless else "student-" + hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    )


_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))}


def links(store: Store, folder: Path, beside: Path) -> dict[str, str]:
    """By student, the address of the page in `folder` as seen from the file `beside`."""
    start = quote(os.fsencode(os.path.relpath(folder, beside.parent).replace(os.sep, "/")))
    return {one.student: f"{start}/{quote(safe_name(one.student))}.html" for one in store.standings() if _has_page(one)}


def _pages(store: Store) -> Iterator[tuple[StudentRow, bytes]]:
    behind = PageExercise(store)
    policy = policy_of(store)
    for one in store.standings():
        result = store.result(one)
        known = final(one, policy)
        if result is not None:
            shown = behind.shown_to(one.student, result)
            yield one, page(store.about("title"), one, replace(result, reveal=behind.reveal), known, shown).encode()
        elif one.status == "nothing":
            yield one, without_result(store.about("title"), one, known).encode()


def _has_page(one: StudentRow) -> bool:
    return one.status in ("graded", "ungradable", "nothing")
