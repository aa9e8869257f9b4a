"""The class of a course: what a batch keeps of each of its exercises, put together student by student, and written as
text and as one page, for instructors, with names."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from rich.text import Text

from grader.batch.csv_text import Cell, lines
from grader.batch.export import markdown_row
from grader.batch.roster import Head, Roster, RosterCell, RosterLine, charts, distribution
from grader.batch.run import policy_of
from grader.batch.store import Store
from grader.batch.student_row import LatePolicy, StudentRow, final, parse_due
from grader.course import CourseFile
from grader.errors import UsageError
from grader.html import mathml
from grader.html.rendering import render as render_template
from grader.report.numbers import count, counted
from grader.report.page import Page
from grader.report.text import cut
from grader.whole_files import write_whole

FILE = "course.json"
"""Says that a folder holds the results of a course, in a folder for each of these exercises."""


@dataclass(frozen=True, slots=True)
class CourseExercise:
    """An exercise of a course: what a right solution is worth there, and when it was due, as written."""

    id: str
    title: str
    worth: float
    due: str | None


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A student of a course: the row in the first exercise that has one, and for each exercise the points in the
    course, after lateness and overrides (None: no score), and why there are none or what is to be decided."""

    student: StudentRow
    points: tuple[float | None, ...]
    open: tuple[str, ...]

    @property
    def total(self) -> float | None:
        """The sum; None, never 0, if an exercise has no score."""
        known = [one for one in self.points if one is not None]
        return sum(known) if len(known) == len(self.points) else None

    def questions(self, exercises: tuple[CourseExercise, ...]) -> list[str]:
        """What is open, with the exercise it is about; once, if it is the same in all of them."""
        if len(set(self.open)) == 1:
            return [one for one in self.open[:1] if one]
        return [f"{exercise.id}: {one}" for exercise, one in zip(exercises, self.open, strict=True) if one]


@dataclass(frozen=True, slots=True)
class CourseClass:
    """All that is known of a class in a course."""

    id: str
    title: str
    exercises: tuple[CourseExercise, ...]
    rows: tuple[CourseRow, ...]

    @property
    def most(self) -> float:
        """The points of the whole course."""
        return sum(one.worth for one in self.exercises)

    @property
    def totals(self) -> list[float]:
        """The totals of those who have one."""
        return [row.total for row in self.rows if row.total is not None]


def put_course(course: CourseFile, home: Path) -> None:
    """Say in a folder of results which exercises its folders hold. Raises `UsageError`."""
    listed = [
        {
            "id": entry.exercise.id,
            "title": entry.exercise.title or entry.exercise.id,
            "worth": entry.weight * entry.points,
            "due": entry.due,
        }
        for entry in course.entries
    ]
    about = {"course": course.id, "title": course.title, "exercises": listed}
    write_whole(home / FILE, (json.dumps(about, indent=1) + "\n").encode())


def has_course(folder: Path) -> bool:
    """Whether these are the results of a course."""
    return (folder / FILE).is_file()


def course_class(home: Path) -> CourseClass:
    """Read the results of all exercises. Raises `UsageError` if one cannot be read."""
    title, exercises = _about(home)
    students: dict[str, StudentRow] = {}
    found: dict[str, list[tuple[float | None, str]]] = {}
    dated: list[CourseExercise] = []
    for number, exercise in enumerate(exercises):
        with Store(home / exercise.id) as store:
            policy = policy_of(store)
            dated.append(_dated(exercise, policy))
            for one in store.standings():
                known = final(one, policy)
                students.setdefault(one.student, one)
                row = found.setdefault(one.student, [(None, "not handed in")] * len(exercises))
                row[number] = (in_course(exercise, known.score, one.max_score), known.open or _why(one, known.score))
    rows = (
        CourseRow(one, tuple(points for points, _ in found[key]), tuple(said for _, said in found[key]))
        for key, one in students.items()
    )
    return CourseClass(*title, tuple(dated), tuple(rows))


def _dated(exercise: CourseExercise, policy: LatePolicy) -> CourseExercise:
    """The exercise with the due time that counts, where that is not the one of the course file."""
    if policy.due is None or (exercise.due is not None and parse_due(exercise.due) == policy.due):
        return exercise
    return replace(exercise, due=f"{policy.due:%Y-%m-%d %H:%M}")


def exercise_folders(home: Path) -> tuple[Path, ...]:
    """The folders with the results of each exercise. Raises `UsageError`."""
    return tuple(home / one.id for one in _about(home)[1])


def _about(home: Path) -> tuple[tuple[str, str], tuple[CourseExercise, ...]]:
    """The id and the title of the course, and its exercises."""
    try:
        about = json.loads((home / FILE).read_text("utf-8"))
        exercises = tuple(CourseExercise(**one) for one in about["exercises"])
        return (str(about["course"]), str(about["title"])), exercises
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"The file {str(home / FILE)!r} cannot be read: {error}.") from None


def in_course(exercise: CourseExercise, score: float | None, most: float | None) -> float | None:
    """The points in the course for a score of `most` in the exercise."""
    if score is None:
        return None
    return round(exercise.worth * score / most, 6) if most else 0.0


def _why(one: StudentRow, score: float | None) -> str:
    return one.why if score is None else ""


def csv_lines(known: CourseClass) -> Iterator[str]:
    """Yield a line per student: the points of each exercise and their sum; empty where there is no score."""
    head: list[Cell] = ["student", *(one.id for one in known.exercises), "total"]
    return lines([head, *([row.student.student, *row.points, row.total] for row in by_key(known))])


def by_key(known: CourseClass) -> list[CourseRow]:
    """The students in the order of their keys."""
    return sorted(known.rows, key=lambda row: row.student.student)


def json_lines(known: CourseClass) -> Iterator[str]:
    """Yield an object per student: `score` null where an exercise has none, and each exercise with why."""
    for row in known.rows:
        exercises = [
            {"exercise": one.id, "score": points, "max_score": one.worth, "due": one.due, "open": said or None}
            for one, points, said in zip(known.exercises, row.points, row.open, strict=True)
        ]
        made = {
            "schema": "grader.course-student/1",
            "course": known.id,
            "student": row.student.student,
            "name": row.student.name,
            "score": row.total,
            "max_score": known.most,
            "exercises": exercises,
        }
        yield json.dumps(made, ensure_ascii=True, allow_nan=False) + "\n"


def markdown(known: CourseClass) -> str:
    """The table for a web page or a chat."""
    head = ["student", "name", *(one.id for one in known.exercises), "total"]
    rows = [[row.student.student, row.student.name, *map(shown, row.points), shown(row.total)] for row in known.rows]
    return "".join(f"{markdown_row(row)}\n" for row in (head, ["---"] * len(head), *rows))


def text(known: CourseClass, width: int) -> Text:
    """The exercises with their means, and a line per student."""
    page = Page(width)
    page.prose(f"{known.title}, {counted(known.most, 'point')}", "bold")
    page.prose(summary(known))
    page.blank()
    table = [[(word, "dim") for word in ("exercise", "graded", "mean", "of", "due")]]
    for number, one in enumerate(known.exercises):
        scores = [row.points[number] for row in known.rows]
        graded = [score for score in scores if score is not None]
        mean = count(round(statistics.fmean(graded), 2)) if graded else "none"
        table.append(
            [(one.id, ""), (f"{len(graded)} of {len(scores)}", ""), (mean, ""), (count(one.worth), ""),
             (one.due or "", "dim")]
        )  # fmt: skip
    page.table(table)
    page.blank()
    _students(page, known)
    return page.text()


def students(known: CourseClass, width: int) -> Text:
    """A line per student, and below what keeps a total from being there."""
    page = Page(width)
    _students(page, known)
    return page.text()


def _students(page: Page, known: CourseClass) -> None:
    words = ("student", *(one.id for one in known.exercises), "total")
    table = [[(cut(word, 20), "dim") for word in words]]
    for row in known.rows:
        points = [(shown(one), "" if one is not None else "magenta") for one in row.points]
        table.append([(cut(row.student.name, 28), ""), *points, (shown(row.total), "bold")])
    page.table(table)
    for row in known.rows:
        for said in row.questions(known.exercises):
            page.prose(f"{cut(row.student.name, 40)}: {said}", "magenta")


def summary(known: CourseClass) -> str:
    """How many have a total, and how high it is."""
    totals = known.totals
    if not totals:
        return f"{counted(len(known.rows), 'student')}, none with a score in every exercise"
    return (
        f"{counted(len(known.rows), 'student')}, {len(totals)} with a score in every exercise: "
        f"mean {count(round(statistics.fmean(totals), 2))}, median {count(round(statistics.median(totals), 2))}"
    )


def shown(points: float | None) -> str:
    """Points as text."""
    return "not graded" if points is None else count(points)


@dataclass(frozen=True, slots=True)
class ExerciseRow:
    """An exercise in the table of exercises, as text; `title` is typeset."""

    id: str
    title: Markup
    graded: str
    mean: str
    worth: str
    due: str


def html_page(known: CourseClass, home: Path, at: datetime | None = None) -> str:
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
        exercises=[_exercise_row(known, number) for number in range(len(known.exercises))],
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


def _exercise_row(known: CourseClass, number: int) -> ExerciseRow:
    one = known.exercises[number]
    graded = [points for row in known.rows if (points := row.points[number]) is not None]
    mean = count(round(statistics.fmean(graded), 2)) if graded else "none"
    title = mathml.typeset(one.title)
    return ExerciseRow(one.id, title, f"{len(graded)} of {len(known.rows)}", mean, count(one.worth), one.due or "")


def _roster(known: CourseClass) -> Roster:
    heads = [Head("total", "number"), *(Head(one.id, "number") for one in known.exercises)]
    lines = tuple(_roster_line(number, row) for number, row in enumerate(known.rows))
    groups = (("none", "without a total"), ("open", "to be decided"))
    sizes = [(tag, title, sum(tag in line.tags for line in lines)) for tag, title in groups]
    return Roster(tuple(heads), lines, tuple(one for one in sizes if one[2]))


def _roster_line(number: int, row: CourseRow) -> RosterLine:
    entries = [_entry(row.total, ""), *(_entry(*one) for one in zip(row.points, row.open, strict=True))]
    student = row.student
    tags = (*(("none",) if row.total is None else ()), *(("open",) if any(row.open) else ()))
    return RosterLine(number, student.name, student.student, student.file, None, tags, tuple(entries))


def _entry(points: float | None, said: str) -> RosterCell:
    return RosterCell(shown(points), -1.0 if points is None else points, said)
