"""The worked solutions: a script and a notebook for every shipped exercise, right to the last step."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
import pytest

import grader
from grader.exercise.load import collection, load
from tests.warm import check

FOLDER = Path(grader.__file__).parents[1] / "solutions"
EXERCISES = [path.stem for path in collection()]
HANDED_IN = [f"{exercise}{suffix}" for exercise in EXERCISES for suffix in (".py", ".ipynb")]
FAST = ("tanh-chain", "makemore-backprop", "cs231n-affine")
RUN = [pytest.param(one, marks=() if one in FAST else pytest.mark.slow) for one in EXERCISES]
"""Running one by itself waits for torch to be imported: most are left to the CI."""

WITHOUT_TORCH = "import sys; sys.modules['torch'] = None\n"


def notebook_of(name: str) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(FOLDER / name, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    return notebook


def code_of(name: str) -> str:
    path = FOLDER / name
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(cell.source for cell in notebook_of(name).cells if cell.cell_type == "code")


def derivation(name: str) -> list[str]:
    """Every binding at the top level, in its order."""
    return [ast.unparse(node) for node in ast.parse(code_of(name)).body if isinstance(node, ast.Assign)]


def imported(exercise: str) -> set[str]:
    """What the script imports at its top level."""
    body = ast.parse(code_of(f"{exercise}.py")).body
    plain = {alias.name.split(".")[0] for node in body if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module.split(".")[0] for node in body if isinstance(node, ast.ImportFrom) and node.module}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=120)


def test_every_exercise_has_both_and_nothing_else_lies_there() -> None:
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_file()) == sorted(HANDED_IN)


@pytest.mark.parametrize("name", HANDED_IN)
def test_full_marks(name: str) -> None:
    exercise = load(FOLDER.parent / "exercises" / f"{Path(name).stem}.yaml")

    result = check(exercise, FOLDER / name)

    judged = {step.name: step.outcome for step in (*result.forward, *result.steps)}
    assert judged == dict.fromkeys(judged, "correct")
    assert [step.name for step in result.steps] == [step.name for step in exercise.steps]
    assert [step.bound_as for step in result.steps] == [step.family or step.name for step in exercise.steps]
    assert len(result.forward) > 0
    assert result.max_score > 0
    assert result.score == result.max_score
    assert result.first_error is None
    assert result.complete
    assert result.problems == ()
    assert [step.remark for step in result.steps if step.remark] == []


@pytest.mark.torch
@pytest.mark.parametrize("exercise", RUN)
def test_the_script_runs_with_what_it_imports_at_its_top_and_nothing_else(exercise: str, tmp_path: Path) -> None:
    needed = imported(exercise) - sys.stdlib_module_names
    bare = ["-I"] if needed else ["-I", "-S"]

    done = run(tmp_path, *bare, str(FOLDER / f"{exercise}.py"))

    assert needed <= {"numpy", "torch"}

    assert (done.returncode, done.stderr) == (0, "")


FORKED = """
import json, os, sys
import numpy, torch
for name, code in json.loads(sys.argv[1]).items():
    print(f"# {name}", flush=True)
    child = os.fork()
    if not child:
        exec(compile(code, name, "exec"), {"__name__": "__main__"})
        sys.stdout.flush()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(name)
"""
"""Each in a process of its own, for all of which torch is imported once."""


@pytest.mark.torch
@pytest.mark.parametrize("exercises", [FAST, pytest.param(EXERCISES, marks=pytest.mark.slow)], ids=["few", "all"])
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_the_notebooks_run_from_top_to_bottom(exercises: Sequence[str], tmp_path: Path) -> None:
    done = run(tmp_path, "-c", FORKED, json.dumps({name: code_of(f"{name}.ipynb") for name in exercises}))

    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in done.stdout.splitlines() if line.startswith("# ")] == [f"# {name}" for name in exercises]
    assert "not installed" not in done.stdout


@pytest.mark.parametrize("exercise", RUN)
def test_only_the_comparison_with_autograd_needs_torch(exercise: str, tmp_path: Path) -> None:
    if "torch" in imported(exercise):
        pytest.skip("this one is written in torch")

    done = run(tmp_path, "-c", WITHOUT_TORCH + code_of(f"{exercise}.ipynb"))

    assert done.returncode == 0, done.stderr
    assert "not installed" in done.stdout


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_notebook_is_valid_and_saved_without_outputs(exercise: str) -> None:
    notebook = notebook_of(f"{exercise}.ipynb")

    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []


@pytest.mark.parametrize("exercise", EXERCISES)
def test_script_and_notebook_hold_the_same_derivation(exercise: str) -> None:
    assert derivation(f"{exercise}.py") == derivation(f"{exercise}.ipynb")
