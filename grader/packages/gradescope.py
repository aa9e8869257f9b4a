"""Gradescope, and Codio through its wrapper: the autograder zip, and `results.json`.

Gradescope unpacks the zip to /autograder/source, runs setup.sh once as root, and run_autograder for each submission,
which writes /autograder/results/results.json (gradescope-autograders.readthedocs.io, "Specifications")."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace

from grader.model import Result, StepResult
from grader.packages.contents import FOLDER, contents, under
from grader.packages.scripts import script
from grader.packages.targets import (
    Outcome,
    PackageFile,
    PackageRequest,
    PackageSettings,
    general_html,
    judged,
    step_html,
    whole_text,
)
from grader.report.block_text import scored


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """The zip: the two scripts and a README at its top, everything else in one folder."""
    return (
        PackageFile("README.md", script("gradescope_readme.md")),
        PackageFile("setup.sh", script("gradescope_setup.sh"), executable=True),
        PackageFile("run_autograder", script("gradescope_run.sh"), executable=True),
        *under(FOLDER, contents(request)),
    )


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """`results.json`. Without a score it holds no number at all, and Gradescope says that the autograder failed."""
    return render_course((outcome,), settings)


def render_course(outcomes: tuple[Outcome, ...], settings: PackageSettings) -> str:
    """The same for the exercises of a course: without a score for one of them there is none for the submission."""
    return json.dumps(_object(outcomes, settings), indent=1, allow_nan=False) + "\n"


def _object(outcomes: tuple[Outcome, ...], settings: PackageSettings) -> dict[str, object]:
    results, many = judged(outcomes), len(outcomes) > 1
    if results is None:
        said = "\n".join(whole_text(outcome) for outcome in outcomes)
        return {"output": said, "output_format": "text", "stdout_visibility": "hidden"}
    return {
        "output": "".join(map(general_html, results)),
        "output_format": "html",
        "stdout_visibility": "hidden",
        "score": sum(result.score or 0.0 for result in results),
        "execution_time": math.ceil(sum(result.seconds for result in results)),
        "tests": [
            test
            for place, result in enumerate(results, 1)
            for test in _tests(result, settings, f"{place}." if many else "")
        ],
        "extra_data": {"results": [result.to_dict() for result in results]},
    }


def _tests(result: Result, settings: PackageSettings, place: str) -> Iterator[dict[str, object]]:
    """A test for each step, and one without points for what is told of it later. In a course `place` is the number of
    the exercise, whose id is then before the name."""
    lead = f"{result.exercise}: " if place else ""
    for number, step in enumerate(scored(result), 1):
        yield {"name": f"{lead}{step.name}, {step.quantity}", "number": f"{place}{number}", **_test(result, step)}
        told = step_html(result, step)
        for visibility, level in (
            ("after_due_date", settings.after_due),
            ("after_published", settings.after_published),
        ):
            more = told if level is None else step_html(replace(result, reveal=level), step)
            if more != told:
                yield {
                    "name": f"{lead}{step.name}, explained",
                    "number": f"{place}{number}",
                    "output": more,
                    "output_format": "html",
                    "visibility": visibility,
                }
                told = more


def _test(result: Result, step: StepResult) -> dict[str, object]:
    return {
        "score": step.points,
        "max_score": step.max_points,
        "status": "passed" if step.points >= step.max_points else "failed",
        "output": step_html(result, step),
        "output_format": "html",
        "visibility": "visible",
        "tags": [step.outcome],
    }
