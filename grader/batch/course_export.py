"""The scores of a class in a course as text, CSV, Markdown and JSON lines."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator

from rich.text import Text

from grader.batch.cells import Cell, lines
from grader.batch.course_class import CourseClass, CourseRow
from grader.batch.export import markdown_row
from grader.report.numbers import count, counted
from grader.report.page import Page
from grader.report.text import cut


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
