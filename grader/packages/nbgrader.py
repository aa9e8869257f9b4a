"""nbgrader: an assignment, and a preprocessor that has it graded here instead of in the student's own kernel.

In nbgrader a test cell runs in the kernel that has just run the student's code, which can change what the test sees. So
the preprocessor of this package replaces the running of such notebooks: it grades the notebook in the package's sandbox
and writes each step's points as the output of that step's cell, from which nbgrader takes the score
(`nbgrader.utils.determine_grade`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from grader.model import StepResult
from grader.packages.contents import contents, under
from grader.packages.notebooks import StarterCell, code_cell, notebook, starter_cells, text_cell
from grader.packages.scripts import filled, script
from grader.packages.targets import (
    Outcome,
    PackageFile,
    PackageRequest,
    PackageSettings,
    Ungraded,
    general_html,
    step_html,
)
from grader.report.block_text import scored
from grader.report.numbers import counted


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """What is added to a course folder: the assignment, the preprocessor with its configuration, and the package."""
    name = request.id
    return (
        PackageFile("README.md", filled("nbgrader_readme.md", name=name, package=request.parts[0].exercise.id)),
        PackageFile("nbgrader_config.py", script("nbgrader_config.py.txt")),
        PackageFile("derivation_grading.py", script("nbgrader_derivation_grading.py.txt")),
        PackageFile("import_grades.py", script("nbgrader_import_grades.py.txt")),
        *(file for part in request.parts for file in _files(request.alone(part), name)),
    )


def _files(request: PackageRequest, assignment: str) -> Iterator[PackageFile]:
    """The notebook of one exercise, and the package that grades it."""
    yield PackageFile(f"source/{assignment}/{request.id}.ipynb", _notebook(request))
    yield from under(f"grader_packages/{request.id}", contents(request))


def _notebook(request: PackageRequest) -> bytes:
    (part,) = request.parts
    exercise = part.exercise
    unit = part.points / exercise.points if exercise.points else 1.0
    cells = [_cell(one, number) for number, one in enumerate(starter_cells(exercise), 1)]
    cells.append(text_cell("## Points\n\nFilled in when this notebook is graded; run them or not, as you like."))
    for step in (*exercise.forward_steps, *exercise.steps):
        if step.points:
            points = step.points * unit
            metadata = _metadata(f"{exercise.id}--{grade_id(step.name)}", points=points)
            worth = counted(points, "point")
            cells.append(code_cell(f"# {step.name}, {worth}", {"nbgrader": metadata}))
    return notebook(cells)


def _cell(cell: StarterCell, number: int) -> dict[str, object]:
    if not cell.code:
        return text_cell(cell.text)
    if not cell.blanks:
        return code_cell(cell.text)
    region = "### BEGIN SOLUTION\n# A worked solution may stand here: students do not get it.\n### END SOLUTION"
    return code_cell(f"{cell.text}\n{region}", {"nbgrader": _metadata(f"answer-{number}", solution=True)})


def _metadata(name: str, points: float | None = None, solution: bool = False) -> dict[str, object]:
    made: dict[str, object] = {
        "grade": points is not None,
        "grade_id": name,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    return made if points is None else {**made, "points": points}


def grade_id(step: str) -> str:
    """A step's name as nbgrader allows it in the id of a cell."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", step).strip("-")


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """A JSON object for the preprocessor: `score`, null if there is none, `reason`, and points and HTML per cell."""
    if isinstance(outcome, Ungraded):
        said = " ".join(one for one in (outcome.student, outcome.reason) if one)
        return json.dumps({"score": None, "reason": said})
    if outcome.score is None:
        return json.dumps({"score": None, "reason": "It could not be graded."})
    general = general_html(outcome)

    def shown(number: int, step: StepResult) -> dict[str, object]:
        return {"points": step.points, "html": (general if number == 0 else "") + step_html(outcome, step)}

    cells = {grade_id(step.name): shown(number, step) for number, step in enumerate(scored(outcome))}
    return json.dumps({"score": outcome.score, "cells": cells}, allow_nan=False)
