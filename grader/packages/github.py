"""GitHub Actions and Classroom 50: a workflow that grades each push, and the formats of both.

The workflow's step has an output `result` for GitHub's autograding reporter (base64 of a JSON object, version 1). A
student can read and change everything in a repository of their own, so such a package holds values at public points."""

from __future__ import annotations

import base64
import json

from grader.model import Result, StepResult
from grader.packages.contents import FOLDER, contents, under
from grader.packages.scripts import script
from grader.packages.targets import Outcome, PackageFile, PackageRequest, PackageSettings, judged, whole_text
from grader.report import ci
from grader.report.block_text import scored, step_text
from grader.report.places import path_of


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """What is added to a repository: the workflow, the package in `.grader`, and for Classroom 50 an autograder."""
    return (
        PackageFile(".grader/README.md", script("github_readme.md")),
        PackageFile(".grader/grade_push.py", script("github_grade_push.py.txt")),
        PackageFile(".github/workflows/grade.yml", script("github_workflow.yml")),
        PackageFile("classroom50/autograder.py", script("classroom50_autograder.py.txt")),
        *under(f".grader/{FOLDER}", contents(request)),
    )


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """One JSON object with all that the scripts of the package write: `annotations`, `summary`, `reporter`, `tests`."""
    return render_course((outcome,), settings)


def render_course(outcomes: tuple[Outcome, ...], settings: PackageSettings) -> str:
    """The same for the exercises of a course: without a score for one of them there is none for the submission."""
    results = judged(outcomes)
    if results is None:
        said = "\n".join(whole_text(outcome) for outcome in outcomes)
        return json.dumps({"graded": False, "annotations": ci.github_error(said), "summary": f"{said}\n"})
    steps = [(result, step) for result in results for step in scored(result)]
    named = [step.name if len(results) == 1 else f"{result.exercise}: {step.name}" for result, step in steps]
    most = sum(result.max_score for result in results)
    complete = all(result.complete for result in results)
    reporter = {
        "version": 1,
        "status": "pass" if complete else "fail",
        "max_score": most,
        "tests": [_case(*one, name) for one, name in zip(steps, named, strict=True)],
    }
    return json.dumps(
        {
            "graded": True,
            "annotations": "".join(ci.github_annotations(result, result.submission) for result in results),
            "summary": "\n".join(map(ci.markdown_summary, results)),
            "reporter": base64.b64encode(json.dumps(reporter).encode()).decode(),
            "complete": complete,
            "score": sum(result.score or 0.0 for result in results),
            "max_score": most,
            "tests": [
                {"test-name": name, "passed": step.points >= step.max_points, "score": step.points,
                 "max-score": step.max_points, "message": step_text(result, step)}
                for (result, step), name in zip(steps, named, strict=True)
            ],
        },
        allow_nan=False,
    )  # fmt: skip


def _case(result: Result, step: StepResult, name: str) -> dict[str, object]:
    right = step.points >= step.max_points
    line = step.where.line if step.where is not None and step.where.cell is None else 0
    return {
        "name": f"{name} = {step.quantity}",
        "status": "pass" if right else "fail",
        "score": step.points,
        "message": "" if right else step_text(result, step),
        "test_code": step.code or "",
        "filename": path_of(step.where, result, result.submission),
        "line_no": line,
        "duration": 0,
    }
