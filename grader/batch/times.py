"""Times from tables of the instructor: when submissions were handed in, and until when extensions allow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from grader.batch.gradebooks import moodle
from grader.batch.gradebooks.matching import match
from grader.batch.gradebooks.sheet import Sheet, read_sheet
from grader.batch.gradebooks.types import find
from grader.batch.intake.types import PERSONAL
from grader.batch.late import parse_due
from grader.batch.overrides import read_table
from grader.batch.store import Store
from grader.batch.student_row import StudentRow
from grader.errors import UsageError
from grader.nearest import did_you_mean
from grader.report.numbers import counted

_SUBMITTED = (
    "Last modified (submission)", "Zuletzt geändert (Abgabe)", "Dernière modification (travail remis)",
    "Última modificación (entrega)", "Laatst gewijzigd (inzending)", "Ultima modifica (consegna)",
)  # fmt: skip
_MONTHS = (
    ("jan", "ene", "gen"), ("feb", "fév", "fev"), ("mar", "mär", "mrt", "maa"), ("apr", "avr", "abr"),
    ("may", "mai", "mei", "mag"), ("jun", "juin", "giu"), ("jul", "juil", "lug"), ("aug", "aoû", "ago"),
    ("sep", "set"), ("oct", "okt", "out", "ott"), ("nov",), ("dec", "dez", "déc", "dic"),
)  # fmt: skip
_DATE = re.compile(r"(?P<day>\d{1,2})\.?\s+(?:de\s+)?(?P<month>[^\W\d]{3,})\.?,?\s+(?:de\s+)?(?P<year>\d{4})")
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?:\s*(?P<half>[AaPp])\.?[Mm])?")


def take_times(store: Store, path: Path) -> str:
    """Store the times of submissions from Moodle's grading worksheet, or from a CSV file with the columns student and
    submitted; return a summary. Raises `UsageError`."""
    rows = list(_of_worksheet(store, path) or _of_table(store, path))
    with store.all_or_nothing():
        for student, at in rows:
            store.execute("INSERT OR REPLACE INTO times VALUES (?, ?)", student, at.isoformat())
    return f"times of submissions: {len(rows)} taken from {path.name}"


def take_extensions(store: Store, path: Path) -> str:
    """Store the extensions of a CSV file with the columns student and until, in place of all earlier ones; return a
    summary. A student who is not here yet is named, and the extension waits. Raises `UsageError`, naming the line."""
    known = known_as(list(store.standings()))
    rows, unknown = [], []
    for number, row in read_table(path, ("student", "until")):
        who = row["student"].strip()
        student = known.get(who.casefold())
        if student is None:
            unknown.append(f"{who!r} (line {number}){did_you_mean(who, known.values())}")
        try:
            rows.append((student or who, parse_due(row["until"]).isoformat()))
        except UsageError as error:
            raise UsageError(f"{path}, line {number}: {error}") from None
    with store.all_or_nothing():
        store.execute("DELETE FROM extensions")
        for student, until in rows:
            store.execute("INSERT OR REPLACE INTO extensions VALUES (?, ?)", student, until)
    waiting = f"; nobody here is called {', '.join(unknown)}" if unknown else ""
    return f"{counted(len(rows), 'extension')} taken from {path.name}{waiting}"


def times_known(store: Store) -> str:
    """How many submissions have a time at all, and what can be done about the others."""
    handed_in = [one for one in store.standings() if one.status != "nothing"]
    timed = sum(one.submitted is not None for one in handed_in)
    said = f"times: {timed} of {counted(len(handed_in), 'submission')} have one"
    if timed == len(handed_in):
        return said
    late = sum(one.late is True and one.submitted is None for one in handed_in)
    marked = f", except {late} that the platform marks as late, by how much is not known" if late else ""
    return f"{said}; the others count as in time{marked} (--times FILE or --file-times gives them one)"


def known_as(standings: Sequence[StudentRow]) -> dict[str, str]:
    """Students by everything that names one of them alone: key, number, email, name; in lower case."""
    found: dict[str, set[str]] = {}
    for one in standings:
        for value in (one.student, one.name, *(value for kind, value in one.identities if kind in PERSONAL)):
            found.setdefault(value.strip().casefold(), set()).add(one.student)
    named = {value: next(iter(students)) for value, students in found.items() if len(students) == 1}
    return named | {one.student.casefold(): one.student for one in standings}


def moodle_time(text: str) -> datetime | None:
    """Parse `Monday, 23 November 2026, 4:42 AM`, in one of several languages; None for `-` and what is no time."""
    day, clock = _DATE.search(text), _CLOCK.search(text)
    if day is None or clock is None:
        return None
    word = day["month"].casefold()
    month = next((number for number, starts in enumerate(_MONTHS, 1) if word.startswith(starts)), None)
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    try:
        return datetime(int(day["year"]), month or 0, int(day["day"]), hour, int(clock["minute"]))
    except ValueError:
        return None


def _of_worksheet(store: Store, path: Path) -> list[tuple[str, datetime]] | None:
    """The times in Moodle's worksheet; None if the file is none."""
    try:
        sheet = read_sheet(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(f"The file {str(path)!r} cannot be read: {error.strerror}.") from None
    column = _submitted(sheet)
    if column is None:
        return None
    found, unread = [], []
    for one in match(list(store.standings()), moodle.people(sheet), {}).matches:
        text = sheet.cell(one.person.row, column).strip()
        at = moodle_time(text)
        if at is not None:
            found.append((one.standing.student, at))
        elif text not in ("", "-"):
            unread.append(text)
    if unread:
        raise UsageError(f"{path}: {unread[0]!r} is no time that can be read; use a CSV file with the columns student "
                         "and submitted, with times such as 2026-11-23 04:42.")  # fmt: skip
    return found


def _submitted(sheet: Sheet) -> int | None:
    """The column with the times of submissions, by its title, or by its place in a worksheet in another language."""
    known = find(sheet.head, *_SUBMITTED)
    if known is not None or find(sheet.head, "student") is not None or len(sheet.rows) < 2:
        return known
    columns = range(1, len(sheet.head))
    return next((n for n in columns if any(moodle_time(sheet.cell(row, n)) for row in range(1, len(sheet.rows)))), None)


def _of_table(store: Store, path: Path) -> Iterator[tuple[str, datetime]]:
    known = known_as(list(store.standings()))
    for number, row in read_table(path, ("student", "submitted")):
        student = known.get(row["student"].strip().casefold())
        if student is None:
            meant = did_you_mean(row["student"], known.values())
            raise UsageError(f"{path}, line {number}: there is no student {row['student']!r} in these results.{meant}")
        if row["submitted"].strip() in ("", "-"):
            continue
        try:
            yield student, parse_due(row["submitted"])
        except UsageError as error:
            raise UsageError(f"{path}, line {number}: {error}") from None
