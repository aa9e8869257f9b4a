"""Two names unpacked the wrong way round are one mistake, repaired where they are unpacked."""

from __future__ import annotations

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

LENGTHS = """
exercise: own
title: Own
given:
  x: {shape: [4, 3], draw: normal}
  w: {shape: [3], draw: normal}
  v: {shape: [4], draw: normal}
forward: |
  y = x @ w
  L = mean(y**2) + mean(w**2) + mean(v)
steps: {dy: d(L)/d(y), dw: d(L)/d(w), dv: d(L)/d(v)}
"""

MEANS = """import numpy as np

x = np.random.randn(4, 3)
w = np.random.randn(3)
v = np.random.randn(4)
k, n = x.shape
y = x @ w
L = np.mean(y**2) + np.mean(w**2) + np.mean(v)
dy = 2 * y / n
dw = x.T @ dy + 2 * w / k
dv = np.ones(4) / 4
"""

FACTORS = """
exercise: own
title: Own
given:
  x: {shape: [4], draw: normal}
  v: {shape: [4], draw: normal}
  w: {shape: [4], draw: normal}
forward: |
  L = sum(2*exp(x)*v) + sum(3*exp(2*x)*w)
steps: {dv: d(L)/d(v), dw: d(L)/d(w)}
"""

PARTS = """import numpy as np

x = np.random.randn(4)
v = np.random.randn(4)
w = np.random.randn(4)
b, a = np.exp(np.outer(np.arange(1, 3), x))
dv = 2 * a
dw = 3 * b
"""


def checked(exercise: str, source: str) -> Result:
    return warm.check(loads(exercise, "own.yaml"), load_bytes(source.encode(), "mine.py"))


def repairs(result: Result) -> dict[str, tuple[int | None, str | None]]:
    """The line and the repair of each wrong step."""
    return {
        step.name: (step.where and step.where.line, step.diagnosis and step.diagnosis.fix)
        for step in result.steps
        if step.outcome == "wrong"
    }


def test_lengths_the_wrong_way_round_cost_one_step_and_are_repaired_where_they_are_unpacked() -> None:
    result = checked(LENGTHS, MEANS)

    assert repairs(result) == {"dy": (6, "n, k = x.shape")}
    assert [step.outcome for step in result.steps] == ["wrong", "carried", "correct"]
    assert result.steps[0].diagnosis is not None
    assert result.steps[0].diagnosis.message == (
        "`k` and `n` are exchanged here: each is the length that the other stands for."
    )


def test_what_is_no_shape_in_the_line_is_called_a_value() -> None:
    sized = MEANS.replace("k, n = x.shape", "size = lambda x: x.shape\nk, n = size(x)")

    result = checked(LENGTHS, sized)

    assert repairs(result) == {"dy": (7, "n, k = size(x)")}
    assert result.steps[0].diagnosis is not None
    assert result.steps[0].diagnosis.message == "`k` and `n` are exchanged here: each stands in the place of the other."


def test_arrays_the_wrong_way_round_are_repaired_where_they_are_unpacked() -> None:
    result = checked(FACTORS, PARTS)

    assert repairs(result) == {"dv": (6, "a, b = np.exp(np.outer(np.arange(1, 3), x))")}
    assert [step.outcome for step in result.steps] == ["wrong", "carried"]


def test_lengths_are_not_exchanged_if_a_right_step_would_become_wrong() -> None:
    result = checked(LENGTHS, MEANS.replace("np.ones(4) / 4", "np.ones(4) / k"))

    assert repairs(result) == {"dy": (9, "dy = 2 * y / k"), "dw": (10, "dw = x.T @ dy + 2 * w / n")}


def test_one_wrong_use_of_a_length_is_repaired_in_its_own_line() -> None:
    result = checked(LENGTHS, MEANS.replace("k, n = x.shape", "n, k = x.shape").replace("2 * y / n", "2 * y / k"))

    assert repairs(result) == {"dy": (9, "dy = 2 * y / n")}


UNPACKED = """\
import numpy as np
h0 = 0.5; w_h = 2.0; w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
def kept():
    return [h1_raw, h1, h2_raw, h2]
def backward():
    h1, h1_raw, h2_raw, h2 = [float(one) for one in kept()]
    dy2 = 1.0
    dw_y = h2 * dy2
    dh2 = w_y * dy2
    dh2_raw = (1 - h2**2) * dh2
    dh1 = dh2_raw * w_h
    dh1_raw = (1 - h1**2) * dh1
    dw_h = h1 * dh2_raw + h0 * dh1_raw
    return dw_y, dw_h
dw_y, dw_h = backward()
"""


def test_names_that_are_unpacked_from_a_call_in_another_order_are_exchanged() -> None:
    result = warm.check("tanh-chain-reverse", load_bytes(UNPACKED.encode(), "mine.py"))
    (wrong,) = [step for step in result.steps if step.outcome == "wrong"]

    assert wrong.diagnosis is not None
    assert wrong.diagnosis.fix == "h1_raw, h1, h2_raw, h2 = [float(one) for one in kept()]"
