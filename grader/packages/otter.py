"""otter-grader: a notebook for students with a check per step, and what `otter generate` makes the autograder of.

In otter, tests run in the kernel that has just run the student's code. The plugin of this package keeps that code out
of the kernel: it grades the submission in the package's sandbox before anything is run, and sets the scores after."""

from __future__ import annotations

import json
from dataclasses import replace

from grader.packages.contents import FOLDER, contents, under, zipped
from grader.packages.nbgrader import grade_id
from grader.packages.notebooks import code_cell, notebook, starter_cells, text_cell
from grader.packages.scripts import filled, script
from grader.packages.targets import Outcome, PackageFile, PackageRequest, PackageSettings, Ungraded
from grader.report.account import blocks
from grader.report.block_text import scored, step_text, text

PACKAGE = "grader_package.zip"
WHEEL = "derivation_plugin-1.0-py3-none-any.whl"


def files(request: PackageRequest) -> tuple[PackageFile, ...]:
    """A folder for students, with values at public points, and one for the autograder."""
    exercise = request.exercise
    kept = contents(request)
    public = contents(replace(request, secret=""))
    steps = [step for step in (*exercise.forward_steps, *exercise.steps) if step.points]
    tests = tuple(
        PackageFile(
            f"tests/{grade_id(step.name)}.py",
            filled("otter_test.py.txt", step=step.name, id=grade_id(step.name), points=f"{step.points:g}"),
        )
        for step in steps
    )
    check = PackageFile("derivation_check.py", script("otter_derivation_check.py.txt"))
    config = {"plugins": ["derivation_plugin.DerivationPlugin"], "pdf": False, "show_stdout": False}
    pinned = next(file.data for file in kept if file.path == "requirements.txt")
    students = (
        PackageFile(f"{exercise.id}.ipynb", _notebook(request, [grade_id(step.name) for step in steps])),
        PackageFile(PACKAGE, zipped(under(FOLDER, public))),
        check,
        *tests,
        PackageFile("requirements.txt", pinned),
    )
    autograder = (
        PackageFile("otter_config.json", (json.dumps(config, indent=2) + "\n").encode()),
        PackageFile("requirements.txt", pinned + f"/autograder/source/files/{WHEEL}\n".encode()),
        PackageFile(WHEEL, _wheel(check, PackageFile(PACKAGE, zipped(under(FOLDER, kept))))),
        *tests,
    )
    readme = PackageFile("README.md", filled("otter_readme.md", name=exercise.id))
    return (readme, *under("students", students), *under("autograder", autograder))


def _wheel(*files: PackageFile) -> bytes:
    """The plugin as a wheel: otter loads plugins from what is installed, and nothing else in its image can be."""
    name, version, _ = WHEEL.split("-", 2)
    info = f"{name}-{version}.dist-info"
    inside = (*files, PackageFile("derivation_plugin.py", script("otter_derivation_plugin.py.txt")))
    about = (
        PackageFile(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()),
        PackageFile(
            f"{info}/WHEEL", b"Wheel-Version: 1.0\nGenerator: grader\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    )
    record = "".join(f"{file.path},,\n" for file in (*inside, *about)) + f"{info}/RECORD,,\n"
    return zipped((*inside, *about, PackageFile(f"{info}/RECORD", record.encode())))


def _notebook(request: PackageRequest, steps: list[str]) -> bytes:
    cells = [code_cell("import otter\n\ngrader = otter.Notebook()")]
    for one in starter_cells(request.exercise):
        cells.append(code_cell(one.text) if one.code else text_cell(one.text))
    cells.append(text_cell("## Check\n\nSave the notebook first: what is checked is the saved file."))
    cells += [code_cell(f'grader.check("{step}")') for step in steps]
    return notebook(cells)


def render(outcome: Outcome, settings: PackageSettings) -> str:
    """A JSON object for plugin and tests: `score`, null if there is none, `reason`, and per step points and text."""
    if isinstance(outcome, Ungraded):
        return json.dumps({"score": None, "reason": " ".join(one for one in (outcome.student, outcome.reason) if one)})
    if outcome.score is None:
        said = [text(block) for block in blocks(outcome)]
        return json.dumps({"score": None, "reason": "\n\n".join(said) or "It could not be graded."})
    steps = {
        grade_id(step.name): {"points": step.points, "most": step.max_points, "text": step_text(outcome, step)}
        for step in scored(outcome)
    }
    return json.dumps({"score": outcome.score, "steps": steps}, allow_nan=False)
