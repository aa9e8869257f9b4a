"""Commands for the class of a course: batch, results and gradebook with a course in place of an exercise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

from grader.batch.course_class import (
    CourseClass,
    CourseRow,
    course_class,
    csv_lines,
    exercise_folders,
    json_lines,
    markdown,
    put_course,
    shown,
    students,
    text,
)
from grader.batch.gradebooks.fill import BOOKS, Call, Filled, Scores, fill_sheet
from grader.batch.late import Final
from grader.batch.store import Store, key_of
from grader.cli.batch import run_batch
from grader.cli.output import width, write, write_lines
from grader.course.course_file import load_course
from grader.errors import UsageError
from grader.report.numbers import count
from grader.whole_files import write_whole


def run_course_batch(given: dict[str, object]) -> int:
    """Grade a class for each exercise of a course, into a folder each, and write the table of all scores."""
    course = load_course(cast(str, given["exercise"]))
    home = cast("str | None", given["output"])
    if home is None and not given["dry_run"]:
        raise UsageError("Say where the results are to be kept: -o DIR.")
    found = []
    for entry in course.entries:
        folder = None if home is None else str(Path(home) / entry.exercise.id)
        own = {**given, "exercise": entry.name, "output": folder, "due": entry.due or given["due"]}
        found.append(run_batch(own))
        if given["dry_run"]:
            return found[0]
    assert home is not None
    put_course(course, Path(home))
    write_whole(Path(home) / "course.csv", "".join(csv_lines(course_class(Path(home)))).encode())
    write(f"{Path(home) / 'course.csv'}\n")
    return max(found)


def show_course(home: Path, given: dict[str, object]) -> None:
    """Print the scores of a class in a course, in the requested format."""
    one_exercise = ("misconception", "step", "ungraded", "anonymous", "feedback", "overrides", "by", "history")
    for name in one_exercise:
        if given[name]:
            raise UsageError(f"--{name} is about the results of one exercise: {_folders(home)}.")
    known, form, output = course_class(home), cast(str, given["form"]), cast("str | None", given["output"])
    wanted = cast("tuple[str, ...]", given["students"])
    if wanted:
        known = replace(known, rows=_named(home, known, wanted))
    match form:
        case "jsonl":
            write_lines(json_lines(known), output)
        case "csv":
            write_lines(csv_lines(known), output)
        case "markdown":
            write(markdown(known), output)
        case "html":
            from grader.batch.course_page import render

            write(render(known, home), output)
        case _ if wanted:
            write(students(known, width(to_file=output is not None)), output)
        case _:
            write(text(known, width(to_file=output is not None)), output)


def _named(home: Path, known: CourseClass, wanted: tuple[str, ...]) -> tuple[CourseRow, ...]:
    with Store(home / known.exercises[0].id) as store:
        keys = {key_of(store, one) for one in wanted}
    return tuple(row for row in known.rows if row.student.student in keys)


def _folders(home: Path) -> str:
    """The folders that hold the results of one exercise each."""
    return ", ".join(map(str, exercise_folders(home)))


def fill_course(home: Path, call: Call) -> Filled:
    """Enter the totals of a course into a gradebook, with the points of each exercise as the comment."""
    if call.book not in BOOKS or call.fill is None:
        raise UsageError(
            f"The totals of a course go into your own export of a gradebook: --fill FILE, --for {', '.join(BOOKS)}. "
            f"For anything else name the results of one exercise: {_folders(home)}."
        )
    known = course_class(home)
    scores, said = [], {}
    for row in known.rows:
        points = zip(known.exercises, row.points, strict=True)
        said[row.student.student] = ", ".join(f"{one.id} {shown(got)} / {count(one.worth)}" for one, got in points)
        standing = replace(row.student, max_score=known.most, override_reason="; ".join(row.questions(known.exercises)))
        scores.append((standing, Final(row.total)))
    return fill_sheet(Scores(known.id, tuple(scores), lambda one, _: f"{said[one.student]}."), call)
