"""Commands for a course file in place of an exercise: check and handout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

from grader.cli import status
from grader.cli.output import width, write
from grader.course.checking import CourseResult, check_course, worth
from grader.course.course_file import Course, load_course
from grader.errors import UsageError
from grader.model import Isolation, Reveal

if TYPE_CHECKING:
    from grader.handout.spelling import Library


def check_file(path: str, submission: str, form: str, output: str | None, options: dict[str, str | None]) -> int:
    """Grade a submission for all exercises of a course, write the report, and return the exit status."""
    from grader.cli.commands import read_secret, warn_of_others

    if form not in ("text", "json"):
        raise UsageError("A course is reported as text or json: for other formats, name one of its exercises.")
    isolation = options["isolation"] or "process"
    warn_of_others(submission, isolation)
    secret = options["secret_file"]
    result = check_course(
        load_course(path),
        submission,
        student=options["student"],
        reveal=cast("Reveal | None", options["reveal"]),
        secret="" if secret is None else read_secret(secret),
        isolation=cast(Isolation, isolation),
    )
    write(json_of(result) if form == "json" else text_of(result, output is not None), output)
    return max(map(status.of, result.results))


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


def _points(number: float | None) -> str:
    return "not graded" if number is None else f"{number:.6g}"


def hand_out_course(path: str, output: str, form: str, library: str | None, hints: bool) -> None:
    """Write one starter with a section per exercise."""
    from grader.cli.authoring import put_new
    from grader.course.sections import mark
    from grader.handout.render import notebook, script
    from grader.handout.starter import Part, starter
    from grader.reference.points import draw_points

    course = load_course(path)
    parts = [Part(text=f"# {course.title}\n\n{_dates(course)}")]
    for entry in course.entries:
        exercise = entry.exercise
        made = starter(exercise, draw_points(exercise)[0].inputs, cast("Library | None", library), hints)
        # The mark stands alone: what follows may begin with a heading of its own.
        parts += [Part(heading=mark(exercise.id).removeprefix("# %% "), code=(_begun(exercise.id, form),)), *made]
    file = f"{course.id}.ipynb" if form == "notebook" else f"{course.id}.py"
    arguments = ["check", Path(path).name, file]
    command = f"grader {' '.join(arguments)}"
    put_new(output, file, (notebook(parts, arguments) if form == "notebook" else script(parts, command)).encode())


def _begun(exercise: str, form: str) -> str:
    from grader.course.sections import mark

    return f"{mark(exercise)}\nsection = {exercise!r}" if form == "notebook" else f"section = {exercise!r}"


def _dates(course: Course) -> str:
    lines = [
        f"- {entry.exercise.title}: {_points(entry.weight * entry.points)} points"
        + (f", due {entry.due}" if entry.due else "")
        for entry in course.entries
    ]
    return "\n".join(
        [*lines, "", "Each exercise has a section of its own: leave the lines that begin one as they are."]
    )
