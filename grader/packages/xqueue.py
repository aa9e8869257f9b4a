"""Open edX: a grader for xqueue-watcher.

The watcher calls `grade` of a class in its configuration and escapes what it returns: `correct`, `score` from 0 to 1,
`tests` as (title, text, right, expected, given) and `errors` (xqueue-watcher's `grader.py`)."""

from __future__ import annotations

import json

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
from grader.report.numbers import count


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """The module with the class, the watcher's configuration, and a README."""
    name = request.exercise.id
    return (
        PackageFile("README.md", script("xqueue_readme.md")),
        PackageFile("derivation_grader.py", script("xqueue_grader.py.txt")),
        PackageFile(f"conf.d/{name}.json", filled("xqueue_conf.json", name=name)),
        *under(FOLDER, contents(request)),
    )


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """What `grade` returns, as JSON; without a score, `score` is null."""
    if isinstance(outcome, Ungraded):
        return json.dumps({"correct": False, "score": None, "tests": [], "errors": [whole_text(outcome)]})
    general = [text(block) for block in blocks(outcome) if not block.steps]
    tests = [
        (
            f"{step.name} = {step.quantity}: {count(step.points)} / {count(step.max_points)}",
            step_text(outcome, step),
            step.points >= step.max_points,
            "",
            step.code or "",
        )
        for step in scored(outcome)
    ]
    return json.dumps(
        {"correct": outcome.complete, "score": fraction(outcome), "tests": tests, "errors": general}, allow_nan=False
    )
