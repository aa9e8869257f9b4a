"""PrairieLearn: a question with an external grader, and its `results.json`.

The container finds /grade/student and /grade/tests, and writes /grade/results/results.json with a score from 0 to 1, or
with `gradable` false, which costs no attempt (PrairieLearn's documentation, "External grading")."""

from __future__ import annotations

import json
import uuid

from grader.model import Result, StepResult
from grader.packages.contents import FOLDER, contents, under
from grader.packages.scripts import filled, script
from grader.packages.targets import (
    Outcome,
    PackageFile,
    PackageRequest,
    PackageSettings,
    Ungraded,
    fraction,
    whole_text,
)
from grader.report.account import blocks
from grader.report.block_text import scored, step_text, text
from grader.report.exercise import render as exercise_text
from grader.report.text import safe_html


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """The folder of the question, the Dockerfile of its image, and a README."""
    exercise = request.exercise
    name = exercise.id
    info = {
        # Of the exercise and not of the moment: importing a newer package replaces the question.
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"grader:{name}")),
        "title": exercise.title or name,
        "topic": exercise.chapter or "Derivatives",
        "type": "v3",
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": True,
            "image": "grader-derivations",
            "entrypoint": "/bin/sh /grade/tests/grade.sh",
            "timeout": 120,
        },
    }
    described = safe_html(exercise_text(exercise, None, 80).plain)
    return (
        PackageFile("README.md", script("prairielearn_readme.md")),
        PackageFile("Dockerfile", script("prairielearn_dockerfile")),
        PackageFile(f"questions/{name}/info.json", (json.dumps(info, indent=4) + "\n").encode()),
        PackageFile(f"questions/{name}/question.html", filled("prairielearn_question.html", text=described)),
        PackageFile(f"questions/{name}/tests/grade.sh", script("prairielearn_grade.sh"), executable=True),
        *under(f"questions/{name}/tests/{FOLDER}", contents(request)),
    )


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """`results.json`."""
    return json.dumps(_object(outcome), indent=1, allow_nan=False) + "\n"


def _object(outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, Ungraded):
        return {"gradable": False, "format_errors": [outcome.student], "output": outcome.reason}
    share = fraction(outcome)
    if share is None:
        return {"gradable": False, "format_errors": [text(block) for block in blocks(outcome)] or ["Not graded."]}
    general = [text(block) for block in blocks(outcome) if not block.steps]
    return {
        "gradable": True,
        "score": share,
        "message": "\n\n".join(general),
        "output": whole_text(outcome),
        "tests": [_test(outcome, step) for step in scored(outcome)],
    }


def _test(result: Result, step: StepResult) -> dict[str, object]:
    return {
        "name": step.name,
        "description": step.quantity,
        "points": step.points,
        "max_points": step.max_points,
        "message": step_text(result, step),
    }
