"""Blanks: what they make raise is no news, what raises for itself is."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

EXERCISE = loads(
    "exercise: one\ntitle: One\ngiven: {x: 0.5, w: 0.7}\nforward: y = w * x\nsteps: {dw: d(y)/d(w), dx: d(y)/d(x)}\n"
)
START = "x = 0.5\nw = 0.7\ny = w * x\n"


def check(source: str) -> Result:
    return warm.check(EXERCISE, load_bytes((START + source).encode(), "mine.py"))


def outcomes(result: Result) -> list[tuple[str, str | None]]:
    return [(step.outcome, step.reason) for step in result.steps]


UNFILLED = [("missing", "placeholder")] * 2


@pytest.mark.parametrize(
    "after",
    [
        "print(f'{dw:.3f}')",
        "half = dw / 2\nquarter = half / 2\nprint(quarter.real)",
        "assert abs(dw - dx) < 1",
        "def f():\n    return dw.shape\nf()",
    ],
    ids=["printed", "computed_with", "asserted", "in_a_function"],
)
def test_what_reads_a_blank_may_raise_and_nothing_is_said(after: str) -> None:
    result = check(f"dw = ...\ndx = ...\n{after}\n")

    assert outcomes(result) == UNFILLED
    assert result.problems == ()


def test_what_raises_for_another_reason_is_said() -> None:
    result = check("dw = ...\ndx = ...\nprint(y / 0)\n")

    assert outcomes(result) == UNFILLED
    assert [problem.kind for problem in result.problems] == ["raised"]


def test_none_left_behind_by_a_forgotten_return_is_said() -> None:
    result = check("def f():\n    y * 2\nz = f()\ndw = ...\ndx = ...\nprint(z + 1)\n")

    assert [problem.kind for problem in result.problems] == ["raised"]


@pytest.mark.parametrize(
    "steps",
    [
        "dw = ...\ndw += ...\ndx = ...\n",
        "dw, dx = ...\n",
        "import numpy as np\ndw = np.zeros(1)\ndw[0] = ...\ndx = ...\n",
    ],
    ids=["added_to", "unpacked", "put_into_an_array"],
)
def test_a_blank_that_raises_by_itself_is_a_blank(steps: str) -> None:
    result = check(steps)

    assert outcomes(result) == UNFILLED
    assert result.problems == ()


def test_a_step_after_a_blank_is_judged_with_the_blank_put_right() -> None:
    result = check("dw = ...\ndx = w * dw / x\n")

    assert outcomes(result) == [("missing", "placeholder"), ("carried", "raised")]
