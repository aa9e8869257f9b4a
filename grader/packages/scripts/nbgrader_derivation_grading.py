"""Grades derivations in `nbgrader autograde`: in a sandbox, not in the kernel that runs the student's code."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbgrader.preprocessors import Execute

PACKAGES = Path(__file__).resolve().parent / "grader_packages"


class GradeDerivations(Execute):
    """Runs notebooks as nbgrader does, except those with cells that a package grades: these run in its sandbox."""

    def preprocess(self, nb, resources, *args, **kwargs):
        cells = [(one, *place) for one in nb.cells if (place := named(one)) is not None]
        if not cells:
            return super().preprocess(nb, resources, *args, **kwargs)
        found = {package: grade(PACKAGES / package, nb) for package in {one[1] for one in cells}}
        for cell, package, step in cells:
            cell.outputs = outputs(found[package]["cells"][step])
        return nb, resources


def named(cell):
    """The package and the step of a cell that a package grades; None for any other."""
    package, mark, step = cell.metadata.get("nbgrader", {}).get("grade_id", "").partition("--")
    return (package, step) if mark and (PACKAGES / package).is_dir() else None


def grade(package, nb):
    """The points of each step. Raises `RuntimeError`, so that nbgrader records no score, if there are none."""
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(nb, os.path.join(folder, "submission.ipynb"))
        command = [sys.executable, "-I", str(package / "grade.py"), "submission.ipynb", "--output", "result"]
        subprocess.run(command, cwd=folder, check=True, timeout=300, stdout=subprocess.DEVNULL)
        found = json.loads(Path(folder, "result").read_text("utf-8"))
    if found["score"] is None:
        raise RuntimeError(found["reason"])
    return found


def outputs(step):
    """What nbgrader takes the score from, and what the student reads."""
    points = nbformat.v4.new_output("execute_result", {"text/plain": str(step["points"])}, execution_count=None)
    return [points, nbformat.v4.new_output("display_data", {"text/html": step["html"], "text/plain": ""})]
