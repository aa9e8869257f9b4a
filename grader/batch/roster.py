"""The roster of a class: a row per student, and what its columns hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.batch.late import Final
from grader.batch.student_row import StudentRow
from grader.report.numbers import count

Kind = Literal["number", "words", "code"]
Key = str | float


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a student: the stored row, and the score that counts."""

    row: StudentRow
    final: Final


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell: its text, a remark below it, and the key it is sorted by."""

    text: str = ""
    key: Key = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A column of the page: its title, and what kind of text it holds."""

    title: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, what kind of text it holds, and its cell for a student. A column without any text is left
    out of the page."""

    title: str
    kind: Kind
    entry: Callable[[Known], Entry]


@dataclass(frozen=True, slots=True)
class Line:
    """A student's row: `link` leads to the feedback page, None if there is none; `tags` say in which groups the student
    is."""

    number: int
    name: str
    student: str
    file: str
    link: str | None
    tags: tuple[str, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The columns that hold something, a line per student, and the groups with their titles and sizes."""

    columns: tuple[Head, ...]
    lines: tuple[Line, ...]
    groups: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """A student with a cell for each of `COLUMNS`, and the groups the student is in."""

    known: Known
    entries: tuple[Entry, ...]
    tags: tuple[str, ...]


def cells(one: Known) -> Cells:
    """The cells of a student."""
    return Cells(one, tuple(column.entry(one) for column in COLUMNS), _tags(one))


def roster(everybody: Iterable[Known], links: Mapping[str, str]) -> Roster:
    """Lay out the roster. `links` are the addresses of the feedback pages, by student."""
    return roster_of([cells(one) for one in everybody], links)


def roster_of(table: Sequence[Cells], links: Mapping[str, str]) -> Roster:
    """Lay out a roster whose cells are known already, as `roster` does."""
    shown = [number for number in range(len(COLUMNS)) if any(one.entries[number].text for one in table)]
    lines = tuple(
        Line(number, one.known.row.name, one.known.row.student, one.known.row.file,
             links.get(one.known.row.student), one.tags, tuple(one.entries[at] for at in shown))
        for number, one in enumerate(table)
    )  # fmt: skip
    sizes = [(tag, title, sum(tag in line.tags for line in lines)) for tag, (title, _) in GROUPS.items()]
    return Roster(
        tuple(Head(COLUMNS[at].title, COLUMNS[at].kind) for at in shown), lines, tuple(one for one in sizes if one[2])
    )


def _score(one: Known) -> Entry:
    if one.final.score is None:
        return Entry("waiting" if one.row.status == "pending" else "none", -1.0, one.row.why)
    return Entry(count(one.final.score), one.final.score)


def _before(one: Known) -> Entry:
    """The graded score, where another one counts."""
    if one.row.score is None or one.row.score == one.final.score:
        return Entry(key=-1.0 if one.row.score is None else one.row.score)
    return Entry(count(one.row.score), one.row.score)


def _late(one: Known) -> Entry:
    lost = one.final.lost
    remark = f"{count(lost)} taken off" if lost else one.final.open
    return Entry(one.final.late, lost if one.final.late else -1.0, remark)


def _override(one: Known) -> Entry:
    if not _by_hand(one):
        return Entry(key=-1.0)
    score = one.row.by_hand
    remark = "; ".join(part for part in (one.row.comments, one.final.open if one.row.stale else "") if part)
    return Entry("no score" if score is None else count(score), -0.5 if score is None else score, remark)


def _by_hand(one: Known) -> bool:
    return one.row.overridden or bool(one.row.steps_by_hand)


def _extension(one: Known) -> Entry:
    at = one.row.until
    return Entry() if at is None else Entry(at.strftime("%Y-%m-%d %H:%M"), at.isoformat())


def _first_error(one: Known) -> Entry:
    name = one.row.first_error or ""
    return Entry(name, name)


def _attempt(one: Known) -> Entry:
    if one.row.attempts < 2:
        return Entry(key=float(one.row.attempts))
    return Entry(f"{one.row.attempt} of {one.row.attempts}", float(one.row.attempts))


def _submitted(one: Known) -> Entry:
    at = one.row.submitted
    return Entry() if at is None else Entry(at.strftime("%Y-%m-%d %H:%M"), at.isoformat())


COLUMNS = (
    Column("score", "number", _score),
    Column("as graded", "number", _before),
    Column("late", "words", _late),
    Column("extension", "words", _extension),
    Column("by hand", "number", _override),
    Column("first wrong step", "code", _first_error),
    Column("attempt", "number", _attempt),
    Column("handed in", "number", _submitted),
)
"""All columns after the student's name, in their order. A further one is a further entry here."""


GROUPS: Mapping[str, tuple[str, Callable[[Known], bool]]] = {
    "right": ("all right", lambda one: one.row.complete),
    "errors": ("with errors", lambda one: one.row.score is not None and not one.row.complete),
    "none": ("without a score", lambda one: one.final.score is None),
    "waiting": ("waiting to be graded", lambda one: one.row.status == "pending"),
    "late": ("late", lambda one: bool(one.final.late)),
    "hand": ("score by hand", _by_hand),
    "open": ("to be decided", lambda one: bool(one.final.open)),
}
"""What the roster can be filtered by: the title of a group, and whether a student belongs to it."""


def _tags(one: Known) -> tuple[str, ...]:
    return tuple(tag for tag, (_, belongs) in GROUPS.items() if belongs(one))
