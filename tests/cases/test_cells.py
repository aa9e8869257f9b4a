"""Notebooks whose steps are bound, filled and bound again in several cells: the reading in which most is right."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from grader.model import Result
from tests import warm

EXERCISE = str(Path(__file__).parent / "exercises" / "rows-collect.yaml")

FORWARD = """import torch
C = torch.randn(5, 3); w = torch.randn(3, 2); k = torch.tensor([1, 4, 1, 0])
e = C[k]
z = e @ w
loss = (z**2).sum()
"""
BACKWARD = "dz = 2 * z\nde = dz @ w.T\ndw = e.T @ dz\n"
FILLED = "for i in range(k.shape[0]):\n    dC[k[i]] += de[i]\n"
TRAINING = """for step in range(3):
    k = (k + step) % 5
    e = C[k]
    z = e @ w
    dz = 2 * z
    de = dz @ w.T
    dw = e.T @ dz
"""


def check(folder: Path, *cells: str) -> Result:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])  # type: ignore[no-untyped-call]
    nbformat.write(made, folder / "mine.ipynb")  # type: ignore[no-untyped-call]
    return warm.check(EXERCISE, folder / "mine.ipynb")


def outcomes(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


def test_a_step_is_awaited_in_the_cell_that_fills_it(tmp_path: Path) -> None:
    result = check(tmp_path, FORWARD, BACKWARD, "dC = torch.zeros_like(C)", FILLED, "print(dC)")

    assert outcomes(result) == {}


def test_steps_set_to_zeros_in_one_cell_are_awaited_in_the_later_ones(tmp_path: Path) -> None:
    zeros = "dz, de, dw, dC = torch.zeros_like(z), torch.zeros_like(e), torch.zeros_like(w), torch.zeros_like(C)"

    result = check(tmp_path, FORWARD, zeros, "dz = 2 * z", "de = dz @ w.T\ndw = e.T @ dz", FILLED)

    assert outcomes(result) == {}


def test_steps_set_to_nothing_in_one_cell_are_awaited_in_the_later_ones(tmp_path: Path) -> None:
    result = check(tmp_path, FORWARD, "dz = de = dw = dC = None", BACKWARD, f"dC = torch.zeros_like(C)\n{FILLED}")

    assert outcomes(result) == {}


@pytest.mark.parametrize(
    "training", [TRAINING, TRAINING.replace("(k + step) % 5", "data[step]")], ids=["runs", "raises"]
)
def test_a_training_loop_after_a_missing_step_changes_none_of_the_others(tmp_path: Path, training: str) -> None:
    result = check(tmp_path, FORWARD, BACKWARD.replace("de =", "dgrad =").replace("de.", "dgrad."), training)

    assert outcomes(result) == {"dC": "missing"}


def test_a_step_filled_wrongly_in_a_later_cell_is_wrong_there(tmp_path: Path) -> None:
    result = check(tmp_path, FORWARD, BACKWARD, "dC = torch.zeros_like(C)", FILLED.replace("+=", "="), "print(dC)")

    assert outcomes(result) == {"dC": "wrong"}
    where = next(step.where for step in result.steps if step.name == "dC")
    assert where is not None
    assert (where.cell, where.line) == (4, 2)


def test_cells_that_stand_in_another_order_are_graded_as_they_were_run(tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell(cell) for cell in (FORWARD, FILLED, f"{BACKWARD}dC = torch.zeros_like(C)")]  # type: ignore[no-untyped-call]
    for cell, count in zip(cells, (1, 3, 2), strict=True):
        cell.execution_count = count
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "mine.ipynb")  # type: ignore[no-untyped-call]

    result = warm.check(EXERCISE, tmp_path / "mine.ipynb")

    assert outcomes(result) == {}
    assert [one.message for one in result.problems if one.kind == "order"] == [
        "cell 3 was last run before cell 2 (saved counts 2 and 3); "
        "the notebook is graded in the order in which its cells were run"
    ]
