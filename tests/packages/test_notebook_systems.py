"""Packages for systems of notebooks, with nbgrader, otter-grader and a kernel themselves."""

from __future__ import annotations

import copy
import csv
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.exercise.load import find, load
from grader.packages.contents import built
from grader.packages.targets import PackageSettings, single, target
from tests.packages.figures import graded_by, uploaded
from tests.packages.submissions import CORRECT, FORGED, FORGED_AT_THE_END, WRONG

pytestmark = pytest.mark.slow

STUDENTS = {"ada": (CORRECT, 16.0), "bob": (WRONG, 15.0), "eve": (FORGED, 15.0), "mal": (FORGED_AT_THE_END, 15.0)}


def package(name: str, folder: Path) -> Path:
    """The package for a target, as a file in `folder`."""
    one = target(name)
    file, data = built(
        one, single(load(find("tanh-chain")), PackageSettings(name, "fix"), "a secret" if one.kept else "")
    )
    (folder / file).write_bytes(data)
    uploaded(name, data)
    return folder / file


def environment(folder: Path, *wanted: str) -> Callable[..., str]:
    """A new virtual environment with these packages, and a function that runs a command in it."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    path = f"{folder}/env/bin:/usr/bin:/bin"

    def run(*command: str, cwd: Path = folder) -> str:
        plain = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        done = subprocess.run(command, cwd=cwd, env=plain, capture_output=True, text=True, timeout=540)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    run("python", "-m", "pip", "install", "--quiet", *wanted)
    return run


def handed_in(notebook: Any, text: str) -> Any:
    """The notebook with everything written into its second cell of code, the others left empty."""
    made = copy.deepcopy(notebook)
    code = [
        cell for cell in made.cells if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade")
    ]
    for cell in code:
        cell.source = ""
    code[-1].source = text
    return made


def test_nbgrader_records_the_points_of_each_step(tmp_path: Path) -> None:
    with zipfile.ZipFile(package("nbgrader", tmp_path)) as archive:
        archive.extractall(tmp_path / "course")
    course = tmp_path / "course"
    run = environment(tmp_path, "nbgrader", "-r", str(course / "grader_packages/tanh-chain/requirements.txt"))
    run("nbgrader", "generate_assignment", "tanh-chain", cwd=course)
    released = nbformat.read(course / "release/tanh-chain/tanh-chain.ipynb", 4)
    for student, (text, _) in STUDENTS.items():
        place = course / f"submitted/{student}/tanh-chain"
        place.mkdir(parents=True)
        nbformat.write(handed_in(released, text), place / "tanh-chain.ipynb")
    run("nbgrader", "autograde", "tanh-chain", cwd=course)
    graded_by("nbgrader")
    run("nbgrader", "generate_feedback", "tanh-chain", cwd=course)
    run("nbgrader", "export", cwd=course)
    with open(course / "grades.csv") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {student: points for student, (_, points) in STUDENTS.items()}
    assert "You squared" in (course / "feedback/bob/tanh-chain/tanh-chain.html").read_text()

    # The same gradebook takes the scores of `grader batch`.
    lines = [{"student": "bob", "score": 7.5, "steps": [{"name": "dh1_dwh", "points": 0.5, "max_points": 1.0}]}]
    (course / "scores.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    run("python", "import_grades.py", "tanh-chain", "scores.jsonl", cwd=course)
    run("nbgrader", "export", cwd=course)
    with open(course / "grades.csv") as file:
        assert {row["student_id"]: row["score"] for row in csv.DictReader(file)}["bob"] == "15.5"


def test_otter_gives_the_points_of_each_step(tmp_path: Path) -> None:
    with zipfile.ZipFile(package("otter", tmp_path)) as archive:
        archive.extractall(tmp_path)
    place = tmp_path / "autograder"
    (wheel,) = place.glob("*.whl")
    pinned = [line for line in (place / "requirements.txt").read_text().split() if not line.startswith("/")]
    run = environment(tmp_path, "otter-grader", "ipykernel", *pinned, str(wheel))
    run("otter", "generate", "-t", "tests", "-c", "otter_config.json", "-r", "requirements.txt", wheel.name, cwd=place)
    starter = nbformat.read(tmp_path / "students/tanh-chain.ipynb", 4)
    for student, (text, points) in STUDENTS.items():
        nbformat.write(handed_in(starter, text), tmp_path / f"{student}.ipynb")
        run("otter", "run", "-a", "autograder.zip", "-o", ".", f"../{student}.ipynb", "--no-logo", cwd=place)
        graded_by("otter")
        tests = json.loads((place / "results.json").read_text())["tests"]
        assert sum(one.get("score", 0) for one in tests) == points
        said = "".join(one["output"] for one in tests if one.get("score") == 0)
        assert ("You squared" in said) == (points < 16)


def test_the_notebook_gets_its_grader_ready_and_shows_the_report(tmp_path: Path) -> None:
    nbclient = pytest.importorskip("nbclient")
    notebook = nbformat.reads(package("notebook", tmp_path).read_text("utf-8"), 4)
    install, check = notebook.cells[0], notebook.cells[-1]
    notebook.cells = [install, nbformat.v4.new_code_cell(WRONG.replace("assert ", "0 and ")), check]
    nbclient.NotebookClient(notebook, timeout=300, allow_errors=True).execute(cwd=str(tmp_path))
    graded_by("notebook")
    assert "ready: tanh-chain" in notebook.cells[0].outputs[0]["text"]
    shown = [output["data"] for output in notebook.cells[-1].outputs if "data" in output]
    assert "dh1_dwh" in shown[0]["text/plain"]
    assert "text/html" in shown[0]
