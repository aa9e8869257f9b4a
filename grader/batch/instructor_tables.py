"""Tables of the instructor: scores given by hand, when submissions were handed in, and until when extensions allow.

A score by hand is of a submission or of a single step. It replaces what was graded and survives every regrade; who gave
what, when and why is kept.
"""

from __future__ import annotations

import getpass
import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.batch.csv_text import read_table
from grader.batch.entries import PERSONAL
from grader.batch.gradebooks.gradebook import Sheet, find, read_sheet
from grader.batch.gradebooks.matching import match
from grader.batch.platforms import moodle
from grader.batch.store import Store
from grader.batch.student_row import BY_HAND, StudentRow, parse_due
from grader.errors import UsageError
from grader.nearest import did_you_mean
from grader.report.numbers import counted

_NEEDED = ("student", "score")


@dataclass(frozen=True, slots=True)
class GivenScore:
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
class OverrideEntry:
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
    known = known_as(list(store.standings()))
    steps = {str(row[0]) for row in store.query("SELECT DISTINCT name FROM steps WHERE part = 'step'")}
    who = who or user()
    numbered = [
        (number, _row(f"{path}, line {number}", row, known, steps, who)) for number, row in read_table(path, _NEEDED)
    ]
    _refuse_repeated(path, numbered)
    rows = [one for _, one in numbered]
    with store.all_or_nothing():
        for one in rows:
            _put(store, one)
    dropped = sum(one.takes_back for one in rows)
    told = f"{len(rows) - dropped} taken over by hand, {dropped} given back to grading"
    return "\n".join((told, *_more_than_there_are(store, rows)))


def _refuse_repeated(path: Path, numbered: Sequence[tuple[int, GivenScore]]) -> None:
    """Raise `UsageError` if two lines give the same points: which of them is meant, nobody knows."""
    seen: dict[tuple[str, str], int] = {}
    for number, one in numbered:
        first = seen.setdefault((one.student, one.step), number)
        if first != number:
            whose = f"`{one.step}` of {one.student!r}" if one.step else repr(one.student)
            raise UsageError(f"{path}, line {number}: {whose} a second time, after line {first}. Leave one of them.")


def _more_than_there_are(store: Store, rows: Sequence[GivenScore]) -> Iterator[str]:
    """A line for each score by hand that exceeds the points there are: meant as a bonus, or a slip."""
    most: dict[str, object] = {one.student: one.max_score for one in store.standings()}
    asked = store.query("SELECT name, MAX(max_points) FROM steps WHERE part = 'step' GROUP BY name")
    steps = {str(name): limit for name, limit in asked}
    for one in rows:
        limit = steps.get(one.step) if one.step else most.get(one.student)
        if one.score is not None and isinstance(limit, int | float) and one.score > limit:
            what = f" for `{one.step}`" if one.step else ""
            whole = counted(limit, "point")
            yield f"{one.student}: {one.score:g}{what} is more than all there is ({whole}); it counts all the same"


def override(store: Store, one: GivenScore) -> None:
    """Store one override, and keep it in the history."""
    with store.all_or_nothing():
        _put(store, one)


def history(store: Store, students: Collection[str] = ()) -> Iterator[OverrideEntry]:
    """Everything given by hand and taken back, oldest first; of some students, or of all."""
    rows = store.query(
        "SELECT student, step, score, taken_back, comment, who, at FROM override_history ORDER BY number"
    )
    for student, step, score, taken_back, comment, by, at in rows:
        if not students or student in students:
            number = None if score is None else float(str(score))
            yield OverrideEntry(str(student), str(step), number, bool(taken_back), str(comment), str(by), str(at))


def user() -> str:
    """The name of who runs the command, for the history."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no entry in the list of users, as in some containers
        return "unknown"


def _put(store: Store, one: GivenScore) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    store.execute("DELETE FROM step_overrides WHERE student = ? AND step = ?", one.student, one.step)
    if not one.step:
        store.execute("DELETE FROM overrides WHERE student = ?", one.student)
    if not one.takes_back and one.step:
        store.execute("INSERT INTO step_overrides VALUES (?, ?, ?, ?)", one.student, one.step, one.score, one.comment)
    elif not one.takes_back:
        reason = one.comment or BY_HAND
        store.execute("INSERT INTO overrides VALUES (?, ?, ?, ?)", one.student, one.score, reason, at)
    store.execute(
        "INSERT INTO override_history (student, step, score, taken_back, comment, who, at, digest)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, (SELECT digest FROM submissions WHERE student = ?1)",
        one.student, one.step, one.score, one.takes_back, one.comment, one.who, at,
    )  # fmt: skip


def _row(place: str, row: dict[str, str], known: dict[str, str], steps: set[str], who: str) -> GivenScore:
    student, step, text = (
        known.get(row["student"].strip().casefold()),
        row.get("step", "").strip(),
        row["score"].strip(),
    )
    comment = row.get("comment", "").strip() or row.get("reason", "").strip()
    if student is None:
        meant = did_you_mean(row["student"], known)
        raise UsageError(f"{place}: there is no student {row['student']!r} in these results.{meant}")
    if step and step not in steps:
        meant = did_you_mean(step, steps) or f" There are {', '.join(sorted(steps))}."
        raise UsageError(f"{place}: there is no step {step!r} in these results.{meant}")
    try:
        score = float(text.replace(",", ".")) if text else None
    except ValueError:
        score = math.nan
    if score is not None and not math.isfinite(score):
        raise UsageError(f"{place}: the score is {text!r}; a number is expected, or nothing.")
    return GivenScore(student, step, score, comment, row.get("by", "").strip() or who)


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
    standings = list(store.standings())
    known = known_as(standings)
    rows, unknown, shared = [], [], []
    for number, row in read_table(path, ("student", "until")):
        who = row["student"].strip()
        student = known.get(who.casefold())
        called_so = _called(who, standings)
        try:
            until = parse_due(row["until"]).isoformat()
        except UsageError as error:
            raise UsageError(f"{path}, line {number}: {error}") from None
        if student is None and len(called_so) > 1:
            shared.append(f"{who!r} (line {number}; name one of {', '.join(called_so)})")
            continue
        if student is None:
            unknown.append(f"{who!r} (line {number}){did_you_mean(who, known.values())}")
        rows.append((student or who, until))
    with store.all_or_nothing():
        store.execute("DELETE FROM extensions")
        for student, until in rows:
            store.execute("INSERT OR REPLACE INTO extensions VALUES (?, ?)", student, until)
    waiting = f"; nobody here is called {', '.join(unknown)}" if unknown else ""
    several = f"; left out, as several are called so: {', '.join(shared)}" if shared else ""
    return f"{counted(len(rows), 'extension')} taken from {path.name}{waiting}{several}"


def _called(name: str, standings: Sequence[StudentRow]) -> list[str]:
    """The keys of all students of a name."""
    return [one.student for one in standings if one.name.strip().casefold() == name.strip().casefold()]


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
    standings = list(store.standings())
    known = known_as(standings)
    for number, row in read_table(path, ("student", "submitted")):
        student = known.get(row["student"].strip().casefold())
        if student is None and len(called_so := _called(row["student"], standings)) > 1:
            listed = ", ".join(called_so)
            raise UsageError(f"{path}, line {number}: several are called {row['student']!r}; name one of {listed}.")
        if student is None:
            meant = did_you_mean(row["student"], known.values())
            raise UsageError(f"{path}, line {number}: there is no student {row['student']!r} in these results.{meant}")
        if row["submitted"].strip() in ("", "-"):
            continue
        try:
            yield student, parse_due(row["submitted"])
        except UsageError as error:
            raise UsageError(f"{path}, line {number}: {error}") from None
