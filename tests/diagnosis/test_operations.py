"""A wrong use of an operation is explained as soon as the operation stands in the tables (`ARCHITECTURE.md`, "How to
add an operation"): no misconception has to be written for it."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from grader.model import StepResult
from grader.submission.load import load_bytes
from tests import warm

EXERCISE = """\
exercise: asinh-layer
title: A layer with asinh
text: One layer.
given:
  x: [[0.5, -1.25], [2.0, 0.75], [-0.3, 1.6]]
  w: [[0.8, -0.4, 1.1], [0.3, 1.7, -0.9]]
forward: |
  z = x @ w
  a = asinh(z)
  loss = sum(a * a)
steps:
  da: d(loss)/d(a)
  dz: d(loss)/d(z)
"""

SUBMISSION = """\
import numpy as np
x = np.array([[0.5, -1.25], [2.0, 0.75], [-0.3, 1.6]])
w = np.array([[0.8, -0.4, 1.1], [0.3, 1.7, -0.9]])
z = x @ w
a = np.arcsinh(z)
loss = np.sum(a * a)
da = 2 * a
dz = da / np.sqrt(1 + z**2)
"""


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exercise") / "asinh-layer.yaml"
    path.write_text(EXERCISE)
    return path


def dz_of(exercise: Path, line: str) -> StepResult:
    source = SUBMISSION.replace("da / np.sqrt(1 + z**2)", line)
    result = warm.check(str(exercise), load_bytes(source.encode(), "mine.py"))
    return result.steps[1]


@pytest.mark.parametrize("line", ["da / np.sqrt(1 + z**2)", "da / np.cosh(a)", "da / np.cosh(np.arcsinh(z))"])
def test_a_right_derivative_of_asinh(exercise: Path, line: str) -> None:
    assert dz_of(exercise, line).outcome == "correct"


@pytest.mark.parametrize(
    ("line", "code", "fix"),
    [
        ("da", "activation-derivative-missing", "dz = da / np.sqrt(1 + z**2)"),
        ("da / np.sqrt(1 + a**2)", None, "dz = da / np.sqrt(1 + z**2)"),
        ("da * np.sqrt(1 + z**2)", None, "dz = da / np.sqrt(1 + z**2)"),
        ("1 / np.sqrt(1 + z**2)", None, "dz = da / np.sqrt(1 + z**2)"),
    ],
)
def test_a_wrong_derivative_of_asinh_is_explained(exercise: Path, line: str, code: str | None, fix: str) -> None:
    step = dz_of(exercise, line)

    assert step.outcome == "wrong"
    assert step.diagnosis is not None
    assert step.diagnosis.rule == "d(loss)/d(z) = d(loss)/d(a) / np.sqrt(1 + z**2)"
    assert step.diagnosis.fix == fix
    assert code is None or step.diagnosis.code == code


def test_a_line_that_has_no_value_is_explained_without_a_warning(exercise: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        step = dz_of(exercise, "da / np.sqrt(1 - z**2)")

    assert (step.outcome, step.reason) == ("wrong", "not_finite")
    assert step.diagnosis is not None
    assert step.diagnosis.fix == "dz = da / np.sqrt(1 + z**2)"
