"""The worked solutions: a script and a notebook for every shipped exercise, right to the last step."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import grader
from grader.exercise.load import collection, load
from grader.pipeline import check

FOLDER = Path(grader.__file__).parents[1] / "solutions"
EXERCISES = [path.stem for path in collection()]
HANDED_IN = [f"{exercise}{suffix}" for exercise in EXERCISES for suffix in (".py", ".ipynb")]
WITHOUT_TORCH = "import sys; sys.modules['torch'] = None\n"


def imported(exercise: str) -> set[str]:
    """What the script of a solution imports beyond the standard library."""
    tree = ast.parse((FOLDER / f"{exercise}.py").read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names


PLAIN = [exercise for exercise in EXERCISES if not imported(exercise)]
WITH_ARRAYS = [exercise for exercise in EXERCISES if imported(exercise)]
TORCH_FREE = [exercise for exercise in EXERCISES if "torch" not in imported(exercise)]


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
    assert [step.bound_as for step in result.steps] == [step.name for step in exercise.steps]
    assert len(result.forward) > 0
    assert result.max_score > 0
    assert result.score == result.max_score
    assert result.first_error is None
    assert result.complete
    assert result.problems == ()
    assert [step.remark for step in result.steps if step.remark] == []


@pytest.mark.parametrize("exercise", PLAIN)
def test_a_script_without_arrays_runs_in_plain_python(exercise: str, tmp_path: Path) -> None:
    done = run(tmp_path, "-I", "-S", str(FOLDER / f"{exercise}.py"))

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("exercise", WITH_ARRAYS)
def test_a_script_with_arrays_runs(exercise: str, tmp_path: Path) -> None:
    done = run(tmp_path, "-I", str(FOLDER / f"{exercise}.py"))

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_notebook_runs_from_top_to_bottom(exercise: str, tmp_path: Path) -> None:
    done = run(tmp_path, "-c", code_of(f"{exercise}.ipynb"))

    assert done.returncode == 0, done.stderr
    assert "not installed" not in done.stdout


@pytest.mark.parametrize("exercise", TORCH_FREE)
def test_a_notebook_that_needs_torch_only_to_compare_runs_without_it(exercise: str, tmp_path: Path) -> None:
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
