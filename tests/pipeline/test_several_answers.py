"""One exercise for several ways to hand in: names of functions, orders of arguments, caches, optional steps, sizes."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

ANSWERS = """\
exercise: several-ways
title: Several ways
given:
  x: {shape: [4, 3], draw: normal}
  w: {shape: [3, 2], draw: normal}
  dout: {shape: [4, 2], draw: normal}
forward: |
  out = x @ w
  L = sum(dout * out)
steps:
  dx: d(L)/d(x)
  dw: d(L)/d(w)
answer:
  - call: dx, dw = backward(dout, (x, w))
  - call: dx, dw = backward((x, w), dout)
  - 'dx, dw = backward(dout, {"x": x, "w": w})'
  - dw, dx = affine_backward(x, w, dout)
"""

OPTIONAL = """\
exercise: optional-steps
title: Optional steps
given: {x: 0.7, w: 1.2, b: 0.3}
forward: |
  z = w * x + b
  h = tanh(z)
  y = h**2
steps:
  dh: {is: d(y)/d(h), optional: true, points: 0}
  slope: {is: d(h)/d(z), optional: true, points: 0}
  dz: d(y)/d(z)
  dw: d(y)/d(w)
"""

SIZES = """\
exercise: own-sizes
title: Own sizes
sizes: from submission
given:
  N: 5
  D: 3
  x: {shape: [N, D], draw: normal}
  w: {shape: [D], draw: normal}
forward: |
  z = x @ w
  loss = sum(z**2) / N
steps:
  dz: d(loss)/d(z)
  dw: d(loss)/d(w)
"""


def graded(exercise: str, source: str) -> Result:
    return warm.check(loads(exercise), load_bytes(f"import numpy as np\n{source}\n".encode(), "mine.py"))


def outcomes(result: Result) -> list[tuple[str, float]]:
    return [(step.outcome, step.points) for step in result.steps]


@pytest.mark.parametrize(
    "source",
    [
        "def backward(dout, cache):\n    x, w = cache\n    return dout @ w.T, x.T @ dout",
        "def backward(cache, dout):\n    x, w = cache\n    return dout @ w.T, x.T @ dout",
        "def backward(dout, cache):\n    return dout @ cache['w'].T, cache['x'].T @ dout",
        "def affine_backward(x, w, g):\n    return x.T @ g, g @ w.T",
    ],
)
def test_each_answer_that_is_accepted_is_found(source: str) -> None:
    assert outcomes(graded(ANSWERS, source)) == [("correct", 1.0), ("correct", 1.0)]


def test_a_mistake_is_judged_with_the_answer_of_which_most_is_right() -> None:
    source = "def backward(cache, dout):\n    x, w = cache\n    return dout @ w.T, -x.T @ dout"

    assert outcomes(graded(ANSWERS, source)) == [("correct", 1.0), ("wrong", 0.0)]


FORWARD = "x, w, b = 0.7, 1.2, 0.3\nz = w * x + b\nh = np.tanh(z)\ny = h**2\n"


def test_an_optional_step_left_out_is_no_mistake() -> None:
    result = graded(OPTIONAL, FORWARD + "dz = 2 * h * (1 - h**2)\ndw = dz * x")

    assert (result.score, result.complete, result.first_error) == (2.0, True, None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dz = 2 * h * (1 - h**2)", [("correct", "merged"), ("correct", "merged"), ("correct", None)]),
        ("dz = 2 * h * (1 - z**2)", [("missing", "optional"), ("missing", "optional"), ("wrong", "value")]),
    ],
)
def test_an_optional_step_left_out_is_right_where_the_step_it_is_part_of_is(
    line: str, expected: list[tuple[str, str | None]]
) -> None:
    result = graded(OPTIONAL, f"{FORWARD}{line}\ndw = dz * x")

    assert [(step.outcome, step.reason) for step in result.steps[:3]] == expected


def test_an_optional_step_that_is_wrong_is_shown_and_costs_its_own_points_only() -> None:
    result = graded(OPTIONAL, FORWARD + "dh = 2 * h\nslope = 1 - z**2\ndz = dh * slope\ndw = dz * x")

    assert (result.score, result.first_error) == (2.0, "slope")
    assert outcomes(result) == [("correct", 0.0), ("wrong", 0.0), ("carried", 1.0), ("carried", 1.0)]


@pytest.mark.parametrize(
    ("sizes", "score"),
    [
        ("N, D = 8, 6", 2.0),
        ("N = 8\nD = 8", 2.0),
        # A mean of one row is a sum: the exercise's own N holds, and the number 8 is wrong there.
        ("N, D = 1, 6", 1.0),
        ("N = 1\nN = 8\nD = 6", 1.0),
    ],
)
def test_sizes_that_a_submission_fixes_are_followed(sizes: str, score: float) -> None:
    source = f"{sizes}\nx = np.random.randn(N, D)\nw = np.random.randn(D)\nz = x @ w\ndz = 2 * z / 8\ndw = x.T @ dz"

    assert graded(SIZES, source).score == score


def test_without_sizes_from_the_submission_the_exercises_own_hold() -> None:
    source = "N, D = 8, 6\nx = np.random.randn(N, D)\nw = np.random.randn(D)\nz = x @ w\ndz = 2 * z / 8\ndw = x.T @ dz"

    assert graded(SIZES.replace("sizes: from submission\n", ""), source).score == 1.0
