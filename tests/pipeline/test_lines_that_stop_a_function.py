"""A line in a function or loop that cannot be read, is a blank, or raises costs what it makes, and nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

CASES = Path(__file__).parents[1] / "cases"

CHAIN = loads(
    """
exercise: chain
title: A layer, in a batch
given:
  x: {shape: [4, 3], draw: normal}
  w: {shape: [3, 5], draw: normal}
forward: |
  z = x @ w
  h = tanh(z)
  loss = sum(h * h)
steps:
  dh: d(loss)/d(h)
  dz: d(loss)/d(z)
  dw: d(loss)/d(w)
  dx: d(loss)/d(x)
"""
)

CLASS = """\
import numpy as np
rng = np.random.default_rng(1)
x = rng.normal(size=(4, 3))
w = rng.normal(size=(3, 5))
class Layer:
    def forward(self):
        self.z = x @ w
        self.h = np.tanh(self.z)
        return (self.h * self.h).sum()
    def backward(self):
        self.dh = 2 * self.h
        slope = 1 - self.h**2
        self.dz = slope * self.dh
        self.dw = x.T @ self.dz
        self.dx = self.dz @ w.T
layer = Layer()
loss = layer.forward()
layer.backward()
"""


def checked(old: str, new: str) -> Result:
    assert CLASS.count(old) == 1
    return warm.check(CHAIN, load_bytes(CLASS.replace(old, new).encode(), "chain.py"))


def lost(result: Result) -> dict[str, tuple[str, int | None]]:
    """The steps that lost points: their outcomes and lines."""
    return {
        step.name: (step.outcome, step.where and step.where.line)
        for step in result.steps
        if step.points is not None and step.points < step.max_points
    }


def test_the_submission_is_right_as_it_is() -> None:
    assert lost(checked("2 * self.h", "2 * self.h")) == {}


@pytest.mark.parametrize(
    ("old", "new", "name", "line"),
    [
        ("2 * self.h", "2 * (self.h", "dh", 11),
        ("2 * self.h", "...", "dh", 11),
        ("slope * self.dh", "slope – self.dh", "dz", 13),
        ("slope * self.dh", "...", "dz", 13),
        ("x.T @ self.dz", "x.T @@ self.dz", "dw", 14),
    ],
)
def test_a_blank_or_unreadable_line_costs_its_step(old: str, new: str, name: str, line: int) -> None:
    assert lost(checked(old, new)) == {name: ("missing", line)}


@pytest.mark.parametrize("new", ["...", "1 - self.h**"])
def test_a_local_that_is_not_there_costs_the_step_that_reads_it(new: str) -> None:
    assert lost(checked("1 - self.h**2", new)) == {"dz": ("missing", 12)}


@pytest.mark.parametrize("new", ["1 - self.h.reshape(7, 7)", "1 - self.hidden_of_another", "1 - unheard_of(self.h)"])
def test_a_local_that_raises_costs_the_step_that_reads_it(new: str) -> None:
    assert lost(checked("1 - self.h**2", new)) == {"dz": ("wrong", 12)}


@pytest.mark.parametrize("new", ["slope * dh", "slope * self.dh.cpu_of_mine()"])
def test_a_step_that_raises_for_an_attribute_read_as_a_name_is_wrong_there(new: str) -> None:
    assert lost(checked("slope * self.dh", new)) == {"dz": ("wrong", 13)}


JACOBIANS = """\
import numpy as np
rng = np.random.default_rng(1)
x = rng.normal(size=(4, 3))
w = rng.normal(size=(3, 5))
def forward(x, w):
    z = x @ w
    h = np.tanh(z)
    return z, h, (h * h).sum()
z, h, loss = forward(x, w)
dh = 2 * h
slopes = 1 - h**2
dz = np.multiply(slopes, dh)
rows = []
for g in dz:
    row = w @ g
    rows.append(row.ravel())
dx = np.stack(rows)
back = x.T.copy()
dw = np.matmul(back, dz)
"""
"""The errors of `np.multiply(..., h)`, `np.stack([])` and `np.matmul(..., dz)` do not tell of a blank."""

UNREADABLE = {
    "a local": ("slopes = 1 - h**2", "slopes = (1 - h**2", {"dz": ("missing", 11)}),
    "a local of a loop": ("row = w @ g", "row = w @ g)", {"dx": ("missing", 15)}),
    "a local of one step": ("back = x.T.copy()", "back = x.T.copy(", {"dw": ("missing", 18)}),
    "a blank": ("back = x.T.copy()", "back = ...", {"dw": ("missing", 18)}),
}


@pytest.mark.parametrize("line", UNREADABLE)
def test_a_step_is_missing_at_the_line_that_its_own_line_lacks(line: str) -> None:
    old, new, expected = UNREADABLE[line]
    assert JACOBIANS.count(old) == 1
    result = warm.check(CHAIN, load_bytes(JACOBIANS.replace(old, new).encode(), "chain.py"))

    assert (lost(result), result.first_error) == (expected, None)


def test_a_function_whose_return_cannot_be_read_is_called_nowhere_wrong() -> None:
    lines = "def back(h):\n    dh = 2 * h\n    return dh\ndh = back(h)\n"
    mistaken = JACOBIANS.replace("dh = 2 * h\n", lines.replace("return dh", "return (dh"))
    result = warm.check(CHAIN, load_bytes(mistaken.encode(), "chain.py"))

    assert {step.outcome for step in result.steps} <= {"correct", "carried", "missing"}


def test_a_line_that_raises_beside_a_blank_that_it_does_not_read_is_wrong() -> None:
    mistaken = JACOBIANS.replace("back = x", "other = ...\nback = x").replace("back, dz)", "back, z.T)")
    result = warm.check(CHAIN, load_bytes(mistaken.encode(), "chain.py"))

    assert lost(result) == {"dw": ("wrong", 20)}


def test_a_line_that_raises_in_a_loop_costs_no_step_after_what_is_made_of_its_result() -> None:
    source = (CASES / "wrong" / "logistic_name_unknown_in_a_loop.py").read_text()
    divided = source.replace("dp[i] = dnll[i] * (p", "dp[i] = (p").replace(
        "        dz[i] = dp[i]", "    dp = dp / n\n    for i in range(n):\n        dz[i] = dp[i]"
    )
    result = warm.check("logistic-regression", load_bytes(divided.encode(), "mine.py"))

    assert "dp = dp / n" in divided
    assert {one.name: one.outcome for one in result.steps if one.outcome != "correct"} == {
        "dp": "wrong",
        "dz": "carried",
        "dw": "carried",
        "db": "carried",
    }
