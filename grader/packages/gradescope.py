"""Gradescope, and Codio through its wrapper: the autograder zip, and `results.json`.

Gradescope unpacks the zip to /autograder/source, runs setup.sh once as root, and run_autograder for each submission,
which writes /autograder/results/results.json (gradescope-autograders.readthedocs.io, "Specifications")."""

from __future__ import annotations

import json
import math

from grader.model import Result, StepResult
from grader.packages.contents import FOLDER, contents, under
from grader.packages.scripts import script
from grader.packages.step_html import general_html, step_html
from grader.packages.types import File, Outcome, Request, Settings, Ungraded
from grader.packages.whole_text import whole_text
from grader.report.block_text import scored


def files(request: Request) -> tuple[File, ...]:
    """The zip: the two scripts at its top, everything else in one folder."""
    return (
        File("setup.sh", script("gradescope_setup.sh"), executable=True),
        File("run_autograder", script("gradescope_run.sh"), executable=True),
        *under(FOLDER, contents(request)),
    )


def render(outcome: Outcome, settings: Settings) -> str:
    """`results.json`. Without a score it holds no number at all, and Gradescope says that the autograder failed."""
    return json.dumps(_object(outcome), indent=1, allow_nan=False) + "\n"


def _object(outcome: Outcome) -> dict[str, object]:
    top: dict[str, object] = {"output": whole_text(outcome), "output_format": "text", "stdout_visibility": "hidden"}
    if isinstance(outcome, Ungraded) or outcome.score is None:
        return top
    if general := general_html(outcome):
        top |= {"output": general, "output_format": "html"}
    else:
        top["output"] = ""
    return {
        **top,
        "score": outcome.score,
        "execution_time": math.ceil(outcome.seconds),
        "tests": [_test(outcome, step, number) for number, step in enumerate(scored(outcome), 1)],
        "extra_data": outcome.to_dict(),
    }


def _test(result: Result, step: StepResult, number: int) -> dict[str, object]:
    return {
        "name": f"{step.name}, {step.quantity}",
        "number": str(number),
        "score": step.points,
        "max_score": step.max_points,
        "status": "passed" if step.points >= step.max_points else "failed",
        "output": step_html(result, step),
        "output_format": "html",
        "visibility": "visible",
        "tags": [step.outcome],
    }
