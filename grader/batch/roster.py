"""The roster of a class, a row per student, and the histogram of its scores: what both class pages show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.batch.student_row import Final, StudentRow
from grader.report.numbers import count

Kind = Literal["number", "words", "code"]
Key = str | float


@dataclass(frozen=True, slots=True)
class StudentScore:
    """What is known of a student: the stored row, and the score that counts."""

    row: StudentRow
    final: Final


@dataclass(frozen=True, slots=True)
class RosterCell:
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
class RosterColumn:
    """A column: its title, what kind of text it holds, and its cell for a student. A column without any text is left
    out of the page."""

    title: str
    kind: Kind
    entry: Callable[[StudentScore], RosterCell]


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A student's row: `link` leads to the feedback page, None if there is none; `tags` say in which groups the student
    is."""

    number: int
    name: str
    student: str
    file: str
    link: str | None
    tags: tuple[str, ...]
    entries: tuple[RosterCell, ...]


@dataclass(frozen=True, slots=True)
class Roster:
    """The columns that hold something, a line per student, and the groups with their titles and sizes."""

    columns: tuple[Head, ...]
    lines: tuple[RosterLine, ...]
    groups: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """A student with a cell for each of `COLUMNS`, and the groups the student is in."""

    known: StudentScore
    entries: tuple[RosterCell, ...]
    tags: tuple[str, ...]


def cells(one: StudentScore) -> Cells:
    """The cells of a student."""
    return Cells(one, tuple(column.entry(one) for column in COLUMNS), _tags(one))


def roster(everybody: Iterable[StudentScore], links: Mapping[str, str]) -> Roster:
    """Lay out the roster. `links` are the addresses of the feedback pages, by student."""
    return roster_of([cells(one) for one in everybody], links)


def roster_of(table: Sequence[Cells], links: Mapping[str, str]) -> Roster:
    """Lay out a roster whose cells are known already, as `roster` does."""
    shown = [number for number in range(len(COLUMNS)) if any(one.entries[number].text for one in table)]
    lines = tuple(
        RosterLine(number, one.known.row.name, one.known.row.student, one.known.row.file,
             links.get(one.known.row.student), one.tags, tuple(one.entries[at] for at in shown))
        for number, one in enumerate(table)
    )  # fmt: skip
    sizes = [(tag, title, sum(tag in line.tags for line in lines)) for tag, (title, _) in GROUPS.items()]
    return Roster(
        tuple(Head(COLUMNS[at].title, COLUMNS[at].kind) for at in shown), lines, tuple(one for one in sizes if one[2])
    )


def _score(one: StudentScore) -> RosterCell:
    if one.final.score is None:
        return RosterCell("waiting" if one.row.status == "pending" else "none", -1.0, one.row.why)
    return RosterCell(count(one.final.score), one.final.score)


def _before(one: StudentScore) -> RosterCell:
    """The graded score, where another one counts."""
    if one.row.score is None or one.row.score == one.final.score:
        return RosterCell(key=-1.0 if one.row.score is None else one.row.score)
    return RosterCell(count(one.row.score), one.row.score)


def _late(one: StudentScore) -> RosterCell:
    lost = one.final.lost
    remark = f"{count(lost)} taken off" if lost else one.final.open
    return RosterCell(one.final.late, lost if one.final.late else -1.0, remark)


def _override(one: StudentScore) -> RosterCell:
    if not _by_hand(one):
        return RosterCell(key=-1.0)
    score = one.row.by_hand
    remark = "; ".join(part for part in (one.row.comments, one.final.open if one.row.stale else "") if part)
    return RosterCell("no score" if score is None else count(score), -0.5 if score is None else score, remark)


def _by_hand(one: StudentScore) -> bool:
    return one.row.overridden or bool(one.row.steps_by_hand)


def _extension(one: StudentScore) -> RosterCell:
    at = one.row.until
    return RosterCell() if at is None else RosterCell(at.strftime("%Y-%m-%d %H:%M"), at.isoformat())


def _first_error(one: StudentScore) -> RosterCell:
    name = one.row.first_error or ""
    return RosterCell(name, name)


def _attempt(one: StudentScore) -> RosterCell:
    if one.row.attempts < 2:
        return RosterCell(key=float(one.row.attempts))
    return RosterCell(f"{one.row.attempt} of {one.row.attempts}", float(one.row.attempts))


def _submitted(one: StudentScore) -> RosterCell:
    at = one.row.submitted
    return RosterCell() if at is None else RosterCell(at.strftime("%Y-%m-%d %H:%M"), at.isoformat())


COLUMNS = (
    RosterColumn("score", "number", _score),
    RosterColumn("as graded", "number", _before),
    RosterColumn("late", "words", _late),
    RosterColumn("extension", "words", _extension),
    RosterColumn("by hand", "number", _override),
    RosterColumn("first wrong step", "code", _first_error),
    RosterColumn("attempt", "number", _attempt),
    RosterColumn("handed in", "number", _submitted),
)
"""All columns after the student's name, in their order. A further one is a further entry here."""


GROUPS: Mapping[str, tuple[str, Callable[[StudentScore], bool]]] = {
    "right": ("all right", lambda one: one.row.complete),
    "errors": ("with errors", lambda one: one.row.score is not None and not one.row.complete),
    "none": ("without a score", lambda one: one.final.score is None),
    "waiting": ("waiting to be graded", lambda one: one.row.status == "pending"),
    "late": ("late", lambda one: bool(one.final.late)),
    "hand": ("score by hand", _by_hand),
    "open": ("to be decided", lambda one: bool(one.final.open)),
}
"""What the roster can be filtered by: the title of a group, and whether a student belongs to it."""


def _tags(one: StudentScore) -> tuple[str, ...]:
    return tuple(tag for tag, (_, belongs) in GROUPS.items() if belongs(one))


_HEIGHT = 120
_CHARACTER = 7
"""Width of a digit of a chart's labels."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram of scores, with its number of students; `label` is "" where there is no room for one."""

    label: str
    students: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The histogram for a `kind` of screen: `wide` or `narrow`."""

    kind: str
    width: int
    height: int
    bars: tuple[Bar, ...]


def charts(scores: Sequence[float], most: float) -> list[Chart]:
    """The histogram of scores up to `most`, for wide and for narrow screens."""
    return [_chart(scores, most, "wide", 640), _chart(scores, most, "narrow", 310)]


def distribution(scores: Sequence[float], most: float) -> str:
    """The histogram in words."""
    size, counts = _histogram(scores, most)
    said = [
        f"{students} from {count(round(number * size, 2))} points" for number, students in enumerate(counts) if students
    ]
    return ", ".join(said)


def _chart(scores: Sequence[float], most: float, kind: str, width: int) -> Chart:
    """The histogram in a width in pixels: labels that would run into one another are left out."""
    size, counts = _histogram(scores, most)
    labels = [count(round(number * size, 2)) for number in range(len(counts))]
    highest, step = max(counts, default=0) or 1, width / len(counts)
    every = math.ceil((max(map(len, labels)) * _CHARACTER + 4) / step)
    bars = tuple(
        Bar(label if number % every == 0 else "", students, round(number * step + 1, 1),
            round(_HEIGHT * (1 - students / highest), 1), round(step - 2, 1), round(_HEIGHT * students / highest, 1))
        for number, (label, students) in enumerate(zip(labels, counts, strict=True))
    )  # fmt: skip
    return Chart(kind, width, _HEIGHT, bars)


def _histogram(scores: Sequence[float], points: float) -> tuple[float, list[int]]:
    """The width of a class of scores, and the number of students in each from 0 points on."""
    most = points or max(scores, default=1.0) or 1.0
    whole = most <= 24 and most == int(most)
    bins = int(most) + 1 if whole else 12
    size = 1.0 if whole else most / bins
    counts = [0] * bins
    for score in scores:
        counts[max(0, min(int(score / size + 1e-9), bins - 1))] += 1
    return size, counts
