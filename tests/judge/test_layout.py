"""Matrices kept as their transposes: right where the submission keeps what it differentiates by in that way."""

from __future__ import annotations

from pathlib import Path

from tests import warm

COLUMNS = (Path(__file__).parents[1] / "cases" / "manners" / "relu_mlp_one_column_per_example.py").read_text()


def outcomes(text: str, folder: Path) -> dict[str, str]:
    (folder / "mine.py").write_text(text)
    result = warm.check("relu-mlp", folder / "mine.py")
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


def test_a_derivative_may_be_turned_to_the_layout_of_the_exercise(tmp_path: Path) -> None:
    assert outcomes(COLUMNS.replace("dW1 = dZ1 @ X.T", "dW1 = (dZ1 @ X.T).T"), tmp_path) == {}


def test_a_derivative_by_a_matrix_that_is_kept_as_given_has_its_shape(tmp_path: Path) -> None:
    weights_as_given = COLUMNS.replace("[-0.4, 0.5, 1.3, -0.9, 0.8]]).T", "[-0.4, 0.5, 1.3, -0.9, 0.8]])").replace(
        "Z1 = W1 @ X", "Z1 = W1.T @ X"
    )

    assert "Z1 = W1.T @ X" in weights_as_given
    assert outcomes(weights_as_given, tmp_path) == {"dW1": "wrong"}
    assert outcomes(weights_as_given.replace("dW1 = dZ1 @ X.T", "dW1 = X @ dZ1.T"), tmp_path) == {}


def test_a_derivative_by_a_matrix_that_is_bound_under_no_name_may_be_turned(tmp_path: Path) -> None:
    inlined = COLUMNS.replace("O = W2 @ H + b2\n", "").replace("E = O - Y\n", "")
    inlined = inlined.replace("E**2", "(W2 @ H + b2 - Y) ** 2").replace("dE = E / 2", "dE = (W2 @ H + b2 - Y) / 2")

    assert outcomes(inlined, tmp_path) == {}
    assert outcomes(inlined.replace("- Y) / 2", "- Y) / 4"), tmp_path)["dE"] == "wrong"
