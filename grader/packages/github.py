"""GitHub Actions and Classroom 50: a workflow that grades each push, and the formats of both.

The workflow's step has an output `result` for GitHub's autograding reporter (base64 of a JSON object, version 1). A
student can read and change everything in a repository of their own, so such a package holds values at public points."""

from __future__ import annotations

import base64
import json

from grader.model import Result, StepResult
from grader.packages.contents import FOLDER, contents, under
from grader.packages.scripts import script
from grader.packages.types import File, Outcome, Request, Settings, Ungraded
from grader.packages.whole_text import whole_text
from grader.report import github
from grader.report.block_text import scored, step_text


def files(request: Request) -> tuple[File, ...]:
    """What is added to a repository: the workflow, the package in `.grader`, and for Classroom 50 an autograder."""
    return (
        File(".grader/README.md", script("github_readme.md")),
        File(".grader/grade_push.py", script("github_grade_push.py.txt")),
        File(".github/workflows/grade.yml", script("github_workflow.yml")),
        File("classroom50/autograder.py", script("classroom50_autograder.py.txt")),
        *under(f".grader/{FOLDER}", contents(request)),
    )


def render(outcome: Outcome, settings: Settings) -> str:
    """One JSON object with all that the scripts of the package write: `annotations`, `summary`, `reporter`, `tests`."""
    if isinstance(outcome, Ungraded) or outcome.score is None:
        said = whole_text(outcome)
        return json.dumps({"graded": False, "annotations": github.error(said), "summary": f"{said}\n"})
    cases = [_case(outcome, step) for step in scored(outcome)]
    reporter = {
        "version": 1,
        "status": "pass" if outcome.complete else "fail",
        "max_score": outcome.max_score,
        "tests": cases,
    }
    return json.dumps(
        {
            "graded": True,
            "annotations": github.render(outcome, outcome.submission),
            "summary": github.summary(outcome),
            "reporter": base64.b64encode(json.dumps(reporter).encode()).decode(),
            "complete": outcome.complete,
            "score": outcome.score,
            "max_score": outcome.max_score,
            "tests": [
                {"test-name": step.name, "passed": step.points >= step.max_points, "score": step.points,
                 "max-score": step.max_points, "message": step_text(outcome, step)}
                for step in scored(outcome)
            ],
        },
        allow_nan=False,
    )  # fmt: skip


def _case(result: Result, step: StepResult) -> dict[str, object]:
    right = step.points >= step.max_points
    line = step.where.line if step.where is not None and step.where.cell is None else 0
    return {
        "name": f"{step.name} = {step.quantity}",
        "status": "pass" if right else "fail",
        "score": step.points,
        "message": "" if right else step_text(result, step),
        "test_code": step.code or "",
        "filename": result.submission,
        "line_no": line,
        "duration": 0,
    }
