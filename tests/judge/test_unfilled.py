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


LOOP = loads(
    """
exercise: loop
title: A loop
given: {T: 3, w: 0.7, h0: 0.4}
forward: |
  h[0] = h0
  L = 0
  for t in range(1, T+1):
      a[t] = w * h[t-1]
      h[t] = tanh(a[t])
      L = L + h[t]**2
output: L
steps:
  dh[t]: {is: "d(L)/d(h[t])", for: "t in reversed(range(1, T+1))", points: 3}
  da[t]: {is: "d(L)/d(a[t])", for: "t in reversed(range(1, T+1))", points: 3}
  dw: d(L)/d(w)
  dh0: d(L)/d(h0)
"""
)
LOOP_START = """\
import numpy as np
T, w, h0 = 3, 0.7, 0.4
a, h, L = [None], [h0], 0.0
for t in range(1, T + 1):
    a.append(w * h[-1])
    h.append(np.tanh(a[-1]))
    L += h[-1] ** 2
dw, back = 0.0, 0.0
"""
PASSES = """\
for t in range(T, 0, -1):
    {dh} = 2 * h[t] + back
    {da} = {dh} * (1 - h[t] ** 2)
    dw += {da} * h[t - 1]
    back = w * {da}
dh0 = back
"""
MEMBERS = {
    "arrays": ("dh, da = np.zeros(T + 1), np.zeros(T + 1)\n", "dh[t]", "da[t]"),
    "lists": ("dh, da = [None] * (T + 1), [None] * (T + 1)\n", "dh[t]", "da[t]"),
    "dicts": ("dh, da = {}, {}\n", "dh[t]", "da[t]"),
    "names bound anew": ("", "dh", "da"),
}
BAD = {
    "not read": ("(1 - h[t] ** 2)", "(1 - h[t] ** 2"),
    "not read, the first": ("2 * h[t] + back", "2 * h[t] + * back"),
    "raising": ("(1 - h[t] ** 2)", "(1 - hidden[t] ** 2)"),
}


def of_loop(source: str) -> Result:
    return warm.check(LOOP, load_bytes((LOOP_START + source).encode(), "mine.py"))


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("members", MEMBERS)
def test_a_line_of_a_loop_that_is_not_read_or_raises_costs_one_step(members: str, bad: str) -> None:
    start, dh, da = MEMBERS[members]
    result = of_loop(start + PASSES.format(dh=dh, da=da).replace(*BAD[bad]))
    charged = [step for step in result.steps if step.points != step.max_points]

    assert [step.name for step in charged] == ["dh[3]" if "first" in bad else "da[3]"]
    assert charged[0].outcome == ("wrong" if bad == "raising" else "missing")
    assert {step.outcome for step in result.steps} <= {"correct", "carried", charged[0].outcome}


@pytest.mark.parametrize("members", MEMBERS)
def test_what_is_wrong_after_such_a_line_is_wrong(members: str) -> None:
    start, dh, da = MEMBERS[members]
    lines = PASSES.format(dh=dh, da=da).replace(*BAD["not read"]).replace("* h[t - 1]", "* h[t]")
    result = of_loop(start + lines)

    assert [step.name for step in result.steps if step.outcome == "wrong"] == ["dw"]


@pytest.mark.parametrize("members", MEMBERS)
def test_each_step_that_a_blank_in_a_loop_stands_for_is_missing(members: str) -> None:
    start, dh, da = MEMBERS[members]
    lines = PASSES.format(dh=dh, da=da).replace(f"{da} = {dh} * (1 - h[t] ** 2)", f"{da} = ...")
    result = of_loop(start + lines)

    assert [step.name for step in result.steps if step.outcome == "missing"] == ["da[3]", "da[2]", "da[1]"]
    assert {step.outcome for step in result.steps} == {"correct", "carried", "missing"}
