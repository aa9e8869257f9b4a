"""Feedback for students: one HTML page each, with the score that counts, and zips of these pages for Moodle and
Canvas.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from grader.batch.jobs import digest_of
from grader.batch.run import policy_of
from grader.batch.secrets import own_secret
from grader.batch.store import Store
from grader.batch.student_row import Final, StudentRow, final
from grader.errors import EnvironmentProblem, ExerciseError, UsageError
from grader.exercise.load import named
from grader.exercise.types import Exercise
from grader.html import mathml, report
from grader.html.rendering import render
from grader.model import Outcome, Result, Reveal
from grader.reference.cache import reference_for
from grader.reference.points import Reference
from grader.reference.variants import for_student
from grader.report.account import wrong_groups
from grader.report.mathematics import plain
from grader.report.numbers import count
from grader.report.table import rows
from grader.whole_files import replacing, write_whole


class PageExercise:
    """The exercise of a batch, read once for all pages."""

    def __init__(self, store: Store) -> None:
        self._store = store
        try:
            self._read: Exercise | None = named(store.about("path"))
        except (ExerciseError, UsageError):
            self._read = None

    @property
    def reveal(self) -> Reveal:
        """The reveal level for students; the lowest if the exercise file is missing or invalid."""
        return "location" if self._read is None else self._read.policy.shown

    @cached_property
    def exercise(self) -> Exercise | None:
        """The exercise as it was when the class was graded; None if its file is gone, or says something else now."""
        if self._read is None or digest_of(self._read) != self._store.about("digest"):
            return None
        return self._read

    @cached_property
    def _common(self) -> Reference | None:
        return None if self.exercise is None else _reference(self.exercise, self._secret)

    @cached_property
    def _secret(self) -> str:
        (_, _, database), *_ = self._store.query("PRAGMA database_list")
        return own_secret(Path(str(database)).parent)

    def shown_to(self, student: str, result: Result) -> tuple[Exercise | None, Reference | None]:
        """The exercise with the numbers of a student, and its right values at them; None for what is not known."""
        if self.exercise is None or not self.exercise.variants:
            return self.exercise, self._common
        try:
            # The numbers of a class that was graded with a course secret cannot be drawn here: `_agrees` tells.
            own = for_student(self.exercise, student, "")
        except (ExerciseError, EnvironmentProblem):
            return None, None
        reference = _reference(own, self._secret)
        return (own, reference) if reference is not None and _agrees(result, reference) else (None, None)


def _reference(exercise: Exercise, secret: str) -> Reference | None:
    """The right values. At the given numbers they are the same for every secret; grading cached them under its own."""
    try:
        return reference_for(exercise, secret)
    except (ExerciseError, EnvironmentProblem):
        return None


def _agrees(result: Result, reference: Reference) -> bool:
    """Whether a result was judged by these values, as far as it shows any."""
    seen = [step for step in result.steps if step.expected is not None and step.at is None]
    return bool(seen) and all(reference.values[0].get(step.name) == step.expected for step in seen)


Behind = tuple[Exercise | None, Reference | None]
"""The exercise with the student's numbers, and its right values at them; None for what is not known."""


@dataclass(frozen=True, slots=True)
class StudentStepRow:
    """A step in the table: its cells, and the number of the mistake that explains it."""

    outcome: Outcome
    cells: tuple[str, ...]
    mistake: int | None


def page(title: str, one: StudentRow, result: Result, known: Final, behind: Behind = (None, None)) -> str:
    """The page a student sees: no more than the reveal level of `result` allows."""
    head, *steps = rows(result)
    numbers = {step.name: number for number, group in enumerate(wrong_groups(result), 1) for step in group}
    values = report.content(result, *behind)
    values |= {
        "title": mathml.typeset(title),
        "plain_title": plain(title),
        "name": one.name,
        "file": one.file,
        "score": None if known.score is None else count(known.score),
        "praise": _praise(result) if result.complete else None,
        "graded": None if one.score is None else count(one.score),
        "before": None if known.score is None else count(known.score + known.lost),
        "lost": count(known.lost) if known.lost else None,
        "late": known.late,
        "given": one.comments or None,
        "head": [word for word, _ in head if word],
        "steps": [
            StudentStepRow(step.outcome, tuple(text for text, _ in row), numbers.get(step.name))
            for step, row in zip(result.steps, steps, strict=True)
        ],
    }
    return render("feedback.html", style=report.PAGE_STYLE, script="report.js", **values)


def without_result(title: str, one: StudentRow, known: Final) -> str:
    """The page of a student without a graded submission, who may still have a score given by hand."""
    typeset = mathml.typeset(title)
    return render(
        "nothing.html",
        style=("math.css", "style.css") if "<math" in typeset else ("style.css",),
        title=typeset,
        plain_title=plain(title),
        name=one.name,
        score=None if known.score is None else count(known.score),
        most=count(one.max_score or 0.0),
        reason=one.why,
    )


def _praise(result: Result) -> str:
    """What is said at full marks."""
    several = min((step.points_checked for step in result.steps if step.outcome == "correct"), default=0)
    where = f"at your numbers and at {several - 1} others" if several > 2 else "at the numbers it was checked at"
    return f"Full marks. Every step of your derivation is right, {where}: well done!"


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
