"""Commands with a course file in place of an exercise: check and handout; batch, results and gradebook."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

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
from grader.batch.gradebooks.fill import BOOKS, Filled, GradebookOptions, ScoresToEnter, fill_sheet
from grader.batch.store import Store, key_of
from grader.batch.student_row import Final
from grader.cli import exits
from grader.cli.batch import BatchCall, ResultsCall, run_batch
from grader.cli.commands import CheckCall, warn_of_others
from grader.cli.output import width, write, write_lines
from grader.course import CourseFile, CourseResult, check_course, load_course, worth
from grader.errors import UsageError
from grader.report.numbers import count
from grader.whole_files import write_whole

if TYPE_CHECKING:
    from grader.cli.authoring import StarterOptions


def check_file(call: CheckCall) -> int:
    """Grade a submission for all exercises of a course, write the report, and return the exit status."""
    if call.form not in ("text", "json"):
        raise UsageError("A course is reported as text or json: for other formats, name one of its exercises.")
    warn_of_others(call.submission, call.isolation)
    result = check_course(
        load_course(call.exercise),
        call.submission,
        student=call.student,
        reveal=call.reveal,
        secret=call.secret,
        isolation=call.isolation,
    )
    write(json_of(result) if call.form == "json" else text_of(result, call.output is not None), call.output)
    return max(map(exits.status_of, result.results))


def json_of(result: CourseResult) -> str:
    """One JSON object (`grader.course/1`): the scores, and the result of each exercise as `grader check` writes it."""
    from grader.report import json as json_report

    exercises = [
        {
            "exercise": entry.exercise.id,
            "weight": entry.weight,
            "due": entry.due,
            "score": worth(entry, one),
            "max_score": entry.weight * entry.points,
            "result": json.loads(json_report.render(one)),
        }
        for entry, one in zip(result.course.entries, result.results, strict=True)
    ]
    made = {
        "schema": "grader.course/1",
        "course": result.course.id,
        "score": result.score,
        "max_score": result.max_score,
        "exercises": exercises,
    }
    return json.dumps(made, ensure_ascii=False) + "\n"


def text_of(result: CourseResult, to_file: bool) -> str:
    """The report of each exercise, and the sum."""
    from grader.report import terminal
    from grader.report.page import Page

    parts = [terminal.render(one, width(to_file=to_file), "first").plain for one in result.results]
    page = Page(width(to_file=to_file))
    rows = [(("exercise", "dim"), ("points", "dim"), ("of", "dim"), ("due", "dim"))]
    for entry, one in zip(result.course.entries, result.results, strict=True):
        most = _points(entry.weight * entry.points)
        rows.append(((entry.exercise.id, ""), (_points(worth(entry, one)), ""), (most, ""), (entry.due or "", "")))
    rows.append(((result.course.title, ""), (_points(result.score), ""), (_points(result.max_score), ""), ("", "")))
    page.table([list(row) for row in rows], indent=0)
    return "\n".join([*parts, page.text().plain])


def show_contents(path: str) -> None:
    """Print the exercises of a course, with what each is worth and when it is due."""
    from grader.report.page import Page

    course, page = load_course(path), Page(width())
    page.prose(course.title, "bold")
    page.blank()
    rows = [(("exercise", "dim"), ("title", "dim"), ("points", "dim"), ("due", "dim"))]
    for entry in course.entries:
        points = _points(entry.weight * entry.points)
        rows.append(((entry.name, ""), (entry.exercise.title, ""), (points, ""), (entry.due or "", "")))
    page.table([list(row) for row in rows], indent=0)
    page.prose("`grader show` with the name of an exercise shows that one.", "dim")
    write(page.text())


def _points(number: float | None) -> str:
    return "not graded" if number is None else f"{number:.6g}"


def hand_out_course(path: str, output: str, options: StarterOptions) -> None:
    """Write one starter with a section per exercise."""
    from grader.cli.authoring import put_new
    from grader.course import mark
    from grader.handout.render import notebook, script
    from grader.handout.starter import StarterPart, starter
    from grader.reference.points import draw_points

    course = load_course(path)
    parts = [StarterPart(text=f"# {course.title}\n\n{_dates(course)}")]
    for entry in course.entries:
        exercise = entry.exercise
        made = starter(exercise, draw_points(exercise)[0].inputs, options.library, options.hints)
        # The mark stands alone: what follows may begin with a heading of its own.
        parts += [
            StarterPart(heading=mark(exercise.id).removeprefix("# %% "), code=(_begun(exercise.id, options.form),)),
            *made,
        ]
    file = f"{course.id}.ipynb" if options.form == "notebook" else f"{course.id}.py"
    arguments = ["check", Path(path).name, file]
    command = f"grader {' '.join(arguments)}"
    put_new(
        output, file, (notebook(parts, arguments) if options.form == "notebook" else script(parts, command)).encode()
    )


def _begun(exercise: str, form: str) -> str:
    from grader.course import mark

    return f"{mark(exercise)}\nsection = {exercise!r}" if form == "notebook" else f"section = {exercise!r}"


def _dates(course: CourseFile) -> str:
    lines = [
        f"- {entry.exercise.title}: {_points(entry.weight * entry.points)} points"
        + (f", due {entry.due}" if entry.due else "")
        for entry in course.entries
    ]
    return "\n".join(
        [*lines, "", "Each exercise has a section of its own: leave the lines that begin one as they are."]
    )


def run_course_batch(given: BatchCall) -> int:
    """Grade a class for each exercise of a course, into a folder each, and write the table of all scores."""
    course = load_course(given.exercise)
    home = given.output
    if home is None and not given.dry_run:
        raise UsageError("Say where the results are to be kept: -o DIR.")
    found = []
    for call in calls(course, given):
        found.append(run_batch(call))
        if given.dry_run:
            return found[0]
    assert home is not None
    put_course(course, Path(home))
    write_whole(Path(home) / "course.csv", "".join(csv_lines(course_class(Path(home)))).encode())
    write(f"{Path(home) / 'course.csv'}\n")
    return max(found)


def calls(course: CourseFile, given: BatchCall) -> list[BatchCall]:
    """The call for each exercise of a course. What lateness costs is said of those with a due time, if any has one."""
    calls = []
    for entry in course.entries:
        folder = None if given.output is None else str(Path(given.output) / entry.exercise.id)
        calls.append(replace(given, exercise=entry.name, output=folder, due=entry.due or given.due))
    if all(one is None for one in (given.late_penalty, given.late_cap, given.grace, given.free_days)):
        return calls
    from grader.batch.run import has_due_time

    dated = [call.due is not None or (call.output is not None and has_due_time(Path(call.output))) for call in calls]
    if not any(dated):
        return calls  # refused as that of one exercise
    without = [entry.exercise.id for entry, one in zip(course.entries, dated, strict=True) if not one]
    if without:
        write(f"nothing is late in {', '.join(without)}: the course has no due time for it\n")
    return [
        call if one else replace(call, late_penalty=None, late_cap=None, grace=None, free_days=None)
        for call, one in zip(calls, dated, strict=True)
    ]


def show_course(home: Path, given: ResultsCall) -> None:
    """Print the scores of a class in a course, in the requested format."""
    one_exercise = ("misconception", "step", "ungraded", "anonymous", "feedback", "overrides", "by", "history")
    for name in one_exercise:
        if getattr(given, name):
            raise UsageError(f"--{name} is about the results of one exercise: {_folders(home)}.")
    known, form, output = course_class(home), given.form, given.output
    wanted = given.students
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
            from grader.batch.course_class import html_page

            write(html_page(known, home), output)
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


def fill_course(home: Path, call: GradebookOptions) -> Filled:
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
    return fill_sheet(ScoresToEnter(known.id, tuple(scores), lambda one, _: f"{said[one.student]}."), call)
