"""Moodle CodeRunner: a question to import, and the JSON of its combinator template grader.

The template's output is one JSON object with `fraction` from 0 to 1 (CodeRunner's documentation, "Combinator-template
grading"). Without a fraction CodeRunner marks the question as not graded; `showoutputonly` would give full marks."""

from __future__ import annotations

import base64
import json

from grader.model import Result
from grader.packages.contents import FOLDER, contents, under, zipped
from grader.packages.scripts import filled, script
from grader.packages.targets import (
    Outcome,
    PackageFile,
    PackageRequest,
    PackageSettings,
    Ungraded,
    fraction,
    general_html,
    score_line,
    step_html,
)
from grader.report.block_text import scored
from grader.report.exercise import render as exercise_text
from grader.report.numbers import count
from grader.report.text import safe_html, safe_xml


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """The question in Moodle's XML, with the package as a support file."""
    exercise = request.exercise
    package = zipped(under(FOLDER, contents(request)))
    text = exercise_text(exercise, None, 80).plain
    question = filled(
        "coderunner_question.xml",
        name=safe_xml(exercise.title or exercise.id),
        text=safe_xml(f"<pre>{safe_html(text)}</pre>"),
        points=f"{exercise.points:g}",
        template=safe_xml(script("coderunner_template.py.txt").decode()),
        package=base64.b64encode(package).decode(),
    )
    return (PackageFile("coderunner.xml", question),)


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """The JSON object; for what could not be graded a sentence, which is none, so that no mark is given."""
    if isinstance(outcome, Ungraded):
        return f"{outcome.student}\n"
    if (share := fraction(outcome)) is None:
        return "It could not be graded. This is not a score of 0.\n"
    table: list[list[object]] = [["iscorrect", "step", "points", "what to look at"]]
    table += [_row(outcome, number) for number in range(len(scored(outcome)))]
    return json.dumps(
        {
            "fraction": share,
            "prologuehtml": f"<p>{safe_html(score_line(outcome))}</p>{general_html(outcome)}",
            "testresults": table,
            "columnformats": ["%s", "%s", "%h"],
        }
    )


def _row(result: Result, number: int) -> list[object]:
    step = scored(result)[number]
    share = step.points / step.max_points if step.max_points else 1.0
    points = f"{count(step.points)} / {count(step.max_points)}"
    return [share, f"{step.name} = {step.quantity}", points, step_html(result, step)]
