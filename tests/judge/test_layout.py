"""Matrices kept as their transposes: right where the submission keeps what it differentiates by in that way."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.judge.verdicts import judge
from tests import warm
from tests.judge.runs import observed

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


LAYER = """exercise: columns
title: One layer
given:
  X: {shape: [4, 3], draw: normal}
  W: {shape: [3, 2], draw: normal}
  T: {shape: [4, 2], draw: normal}
forward: |
  Z = X @ W
  L = sum(T * Z**2)
steps:
  dZ: d(L)/d(Z)
  dW: d(L)/d(W)
"""
DRAWN = """\
import numpy as np
rng = np.random.default_rng(0)
X, W, T = rng.normal(size={x}), rng.normal(size={w}), rng.normal(size={t})
"""
AS_GIVEN = DRAWN.format(x=(4, 3), w=(3, 2), t=(4, 2))
TURNED = DRAWN.format(x=(3, 4), w=(2, 3), t=(2, 4))
W_AS_GIVEN = DRAWN.format(x=(3, 4), w=(3, 2), t=(2, 4))
LOSS = "L = (T * Z**2).sum()\ndZ = 2 * T * Z\n"

KEPT: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "as given": (f"{AS_GIVEN}Z = X @ W\n{LOSS}dW = X.T @ dZ\n", {}, set()),
    "all turned": (f"{TURNED}Z = W @ X\n{LOSS}dW = dZ @ X.T\n", {}, {"T", "W", "X", "Z", "dW", "dZ"}),
    "all turned, and wrong": (
        f"{TURNED}Z = W @ X\n{LOSS.replace('2 * T', '3 * T')}dW = dZ @ X.T\n",
        {"dZ": "wrong", "dW": "carried"},
        {"T", "W", "X", "Z", "dW", "dZ"},
    ),
    "a derivative in the layout of the exercise": (
        f"{TURNED}Z = W @ X\n{LOSS}dW = X @ dZ.T\n",
        {},
        {"T", "W", "X", "Z", "dZ"},
    ),
    "a derivative turned alone": (f"{AS_GIVEN}Z = X @ W\n{LOSS}dW = dZ.T @ X\n", {"dW": "wrong"}, set()),
    "weights as given": (f"{W_AS_GIVEN}Z = W.T @ X\n{LOSS}dW = X @ dZ.T\n", {}, {"T", "X", "Z", "dZ"}),
    "weights as given, their derivative turned": (
        f"{W_AS_GIVEN}Z = W.T @ X\n{LOSS}dW = dZ @ X.T\n",
        {"dW": "wrong"},
        {"T", "X", "Z", "dZ"},
    ),
    "one input turned": (
        f"{DRAWN.format(x=(3, 4), w=(3, 2), t=(4, 2))}Z = X.T @ W\n{LOSS}dW = X @ dZ\n",
        {},
        {"X"},
    ),
    "without a name for what is turned": (
        f"{TURNED}L = (T * (W @ X)**2).sum()\ndZ = 2 * T * (W @ X)\ndW = dZ @ X.T\n",
        {"Z": "missing"},
        {"T", "W", "X", "dW", "dZ"},
    ),
}


@pytest.mark.parametrize(("code", "expected", "turned"), KEPT.values(), ids=KEPT)
def test_matrices_are_right_in_the_layout_in_which_they_are_kept(
    code: str, expected: dict[str, str], turned: set[str]
) -> None:
    evidence = observed(LAYER, code)

    assert evidence.scene.turned == turned
    assert {one.step.name: one.outcome for one in judge(evidence) if one.outcome != "correct"} == expected


def test_where_shapes_are_strict_no_layout_but_the_exercises_is_right() -> None:
    evidence = observed(f"{LAYER}shapes: strict\n", f"{TURNED}Z = W @ X\n{LOSS}dW = dZ @ X.T\n")

    assert evidence.scene.turned == set()
    assert {one.step.name for one in judge(evidence) if one.outcome == "correct"} == {"L"}
