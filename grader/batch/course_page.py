"""The class of a course as one page: the totals, the exercises, and the roster. For instructors; it names students."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from grader.batch.course_class import CourseClass, CourseRow, shown
from grader.batch.roster import Head, Roster, RosterCell, RosterLine, charts, distribution
from grader.html import mathml
from grader.html.rendering import render as render_template
from grader.report.numbers import count


@dataclass(frozen=True, slots=True)
class ExerciseRow:
    """An exercise in the table of exercises, as text; `title` is typeset."""

    id: str
    title: Markup
    graded: str
    mean: str
    worth: str
    due: str


def render(known: CourseClass, home: Path, at: datetime | None = None) -> str:
    """Render the page as a single HTML file. `at` is the time it is made at, None: now."""
    made = (at or datetime.now().astimezone()).strftime("%Y-%m-%d %H:%M")
    return render_template(
        "course.html",
        style=("math.css", "style.css", "class.css"),
        script="class.js",
        known=known,
        home=str(home),
        tiles=_tiles(known),
        charts=charts(known.totals, known.most),
        distribution=distribution(known.totals, known.most),
        exercises=[_exercise(known, number) for number in range(len(known.exercises))],
        roster=_roster(known),
        made=f"Made on {made} from the results in {home}.",
        count=count,
    )


def _tiles(known: CourseClass) -> list[tuple[str, str, str]]:
    totals, rows = known.totals, known.rows
    without = len(rows) - len(totals)
    return [
        (str(len(rows)), "students", ""),
        (str(sum(total >= known.most for total in totals)), "all right", "right"),
        (str(without), "without a total", "none" if without else ""),
        (count(statistics.median(totals)) if totals else "none", f"median of {count(known.most)} points", ""),
    ]


def _exercise(known: CourseClass, number: int) -> ExerciseRow:
    one = known.exercises[number]
    graded = [points for row in known.rows if (points := row.points[number]) is not None]
    mean = count(round(statistics.fmean(graded), 2)) if graded else "none"
    title = mathml.typeset(one.title)
    return ExerciseRow(one.id, title, f"{len(graded)} of {len(known.rows)}", mean, count(one.worth), one.due or "")


def _roster(known: CourseClass) -> Roster:
    heads = [Head("total", "number"), *(Head(one.id, "number") for one in known.exercises)]
    lines = tuple(_line(number, row) for number, row in enumerate(known.rows))
    groups = (("none", "without a total"), ("open", "to be decided"))
    sizes = [(tag, title, sum(tag in line.tags for line in lines)) for tag, title in groups]
    return Roster(tuple(heads), lines, tuple(one for one in sizes if one[2]))


def _line(number: int, row: CourseRow) -> RosterLine:
    entries = [_entry(row.total, ""), *(_entry(*one) for one in zip(row.points, row.open, strict=True))]
    student = row.student
    tags = (*(("none",) if row.total is None else ()), *(("open",) if any(row.open) else ()))
    return RosterLine(number, student.name, student.student, student.file, None, tags, tuple(entries))


def _entry(points: float | None, said: str) -> RosterCell:
    return RosterCell(shown(points), -1.0 if points is None else points, said)
