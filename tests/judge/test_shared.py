"""One mistake in what several steps are made from costs the first of them, whether or not a repair is found."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from grader.model import Result
from tests import warm

pytestmark = pytest.mark.sampled(3)

BPTT = """
exercise: through-time
title: Through time
text: Write grads(xs, h0, W, U, v).
given:
  W: {shape: [3, 3], draw: "uniform(-0.7, 0.7)"}
  U: {shape: [3, 2], draw: "uniform(-0.7, 0.7)"}
  v: {shape: [3], draw: normal}
  xs: {shape: [3, 2], draw: normal}
  h0: {shape: [3], draw: normal}
forward: |
  s1 = tanh(W @ h0 + U @ xs[0])
  s2 = tanh(W @ s1 + U @ xs[1])
  s3 = tanh(W @ s2 + U @ xs[2])
  loss = sum(v * (s1**2 + s2**2 + s3**2))
output: loss
allow: [square]
steps: {dW: d(loss)/d(W), dU: d(loss)/d(U), dv: d(loss)/d(v)}
answer: |
  dW, dU, dv = grads(xs, h0, W, U, v)
"""

STEP = """
import numpy as np

def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)

def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
"""

RESULTS = """
dx = da @ Wx.T
dprev_h = da @ Wh.T
dWx = x.T @ da
dWh = prev_h.T @ da
db = da.sum(axis=0)
"""


def outcomes(result: Result) -> dict[str, tuple[str, ...]]:
    """What is not right, and what is behind it."""
    return {one.name: (one.outcome, *one.caused_by) for one in result.steps if one.outcome != "correct"}


def line_of(result: Result, name: str) -> int | None:
    where = next(one.where for one in result.steps if one.name == name)
    return None if where is None else where.line


def step(made: str, folder: Path, results: str = RESULTS) -> Result:
    """The grade of a step of a recurrent network whose `da` is made like this."""
    body = indent(dedent(made).strip() + results + "return dx, dprev_h, dWx, dWh, db\n", "    ")
    (folder / "mine.py").write_text(STEP.lstrip() + body)
    return warm.check("cs231n-rnn-step", str(folder / "mine.py"))


def through_time(source: str, folder: Path) -> Result:
    (folder / "through-time.yaml").write_text(BPTT.lstrip())
    (folder / "mine.py").write_text(dedent(source).lstrip())
    return warm.check(str(folder / "through-time.yaml"), str(folder / "mine.py"))


FED_BY_DX = {"dx": ("wrong",), **dict.fromkeys(("dprev_h", "dWx", "dWh", "db"), ("carried", "dx"))}

FIRST = STEP.lstrip().count("\n") + 1
"""The line on which `da` begins to be made."""

MADE = {
    "at once": ("da = (1 + next_h**3) * dnext_h", 0),
    "by rows": (
        """
        da = np.zeros_like(next_h)
        for k in range(len(da)):
            da[k] = (1 + next_h[k]**3) * dnext_h[k]
        """,
        2,
    ),
    "by slices": (
        """
        da = np.zeros_like(next_h)
        da[:, :2] = (1 - next_h[:, :2]**2) * dnext_h[:, :2]
        da[:, 2:] = (1 + next_h[:, 2:]**3) * dnext_h[:, 2:]
        """,
        2,
    ),
    "of columns": (
        """
        left = (1 + next_h[:, :2]**3) * dnext_h[:, :2]
        right = (1 - next_h[:, 2:]**2) * dnext_h[:, 2:]
        da = np.concatenate([left, right], axis=1)
        """,
        0,
    ),
    "of single columns": (
        """
        slope = 1 - next_h**2
        first = (1 + next_h[:, 0]**3) * dnext_h[:, 0]
        others = [slope[:, k] * dnext_h[:, k] for k in range(1, 4)]
        da = np.column_stack([first, *others])
        """,
        1,
    ),
    "by adding up": (
        """
        da = np.zeros_like(next_h)
        for k in range(2):
            da = da + (0.5 + next_h**3 / 2) * dnext_h
        """,
        2,
    ),
    "entry by entry": (
        """
        da = np.zeros_like(next_h)
        for i in range(3):
            for j in range(4):
                da[i, j] = (1 + next_h[i, j]**3) * dnext_h[i, j]
        """,
        3,
    ),
    "of appended rows": (
        """
        da = []
        for k in range(3):
            da.append((1 + next_h[k]**3) * dnext_h[k])
        da = np.array(da)
        """,
        2,
    ),
    "of rows with a name": (
        """
        rows = []
        for k in range(3):
            row = (1 + next_h[k]**3) * dnext_h[k]
            rows.append(row)
        da = np.stack(rows)
        """,
        2,
    ),
    "through a view of each row": (
        """
        da = np.zeros_like(next_h)
        for k in range(3):
            row = da[k]
            row += dnext_h[k]
            row *= 1 + next_h[k]**3
        """,
        4,
    ),
    "with out": (
        """
        da = np.empty_like(next_h)
        np.multiply(1 + next_h**3, dnext_h, out=da)
        """,
        1,
    ),
    "by adding at places": (
        """
        da = np.zeros_like(next_h)
        np.add.at(da, np.arange(3), (1 + next_h**3) * dnext_h)
        """,
        1,
    ),
    "by changing what is right": (
        """
        da = dnext_h.copy()
        da *= 1 + next_h**3
        """,
        1,
    ),
    "by a term of the wrong sign": (
        """
        da = next_h**2 * dnext_h
        da += dnext_h
        """,
        0,
    ),
}


FAST = {"at once", "by rows", "of appended rows", "by changing what is right"}
MANNERS = [kind if kind in FAST else pytest.param(kind, marks=pytest.mark.slow) for kind in MADE]


@pytest.mark.parametrize("kind", MANNERS)
def test_a_wrong_local_costs_the_first_step_made_from_it(kind: str, tmp_path: Path) -> None:
    made, _ = MADE[kind]

    assert outcomes(step(made, tmp_path)) == FED_BY_DX


@pytest.mark.parametrize("kind", MANNERS)
def test_a_wrong_local_is_shown_where_it_is_made(kind: str, tmp_path: Path) -> None:
    made, place = MADE[kind]

    line = line_of(step(made, tmp_path), "dx")
    if kind == "of columns" and line == FIRST + 2:
        pytest.xfail("two mistakes in one block of columns are shown where the blocks are joined")
    assert line == FIRST + place


def test_a_step_with_a_mistake_of_its_own_stays_wrong(tmp_path: Path) -> None:
    results = RESULTS.replace("da.sum(axis=0)", "da.mean(axis=0)")

    assert outcomes(step(MADE["at once"][0], tmp_path, results)) == {**FED_BY_DX, "db": ("wrong",)}


def test_the_first_step_may_have_a_mistake_of_its_own_too(tmp_path: Path) -> None:
    results = RESULTS.replace("da @ Wx.T", "2 * da @ Wx.T")

    assert outcomes(step(MADE["at once"][0], tmp_path, results)) == {
        "dx": ("wrong",),
        "dprev_h": ("wrong",),
        **dict.fromkeys(("dWx", "dWh", "db"), ("carried", "dprev_h")),
    }


TWO = {
    "two results": (("dprev_h", "da @ Wh.T", "da @ Wh"), ("db", "da.sum(axis=0)", "da.mean(axis=0)")),
    "neighbours": (("dx", "da @ Wx.T", "2 * da @ Wx.T"), ("dprev_h", "da @ Wh.T", "da @ Wh")),
    "both weights": (("dWx", "x.T @ da", "x.T @ da / 3"), ("dWh", "prev_h.T @ da", "-prev_h.T @ da")),
    "both of a size": (("dWx", "x.T @ da", "x.T @ da / 3"), ("db", "da.sum(axis=0)", "da[0]")),
}


@pytest.mark.parametrize("kind", TWO)
def test_mistakes_in_two_steps_made_from_one_local_stay_two(kind: str, tmp_path: Path) -> None:
    results = RESULTS
    for _, right, wrong in TWO[kind]:
        results = results.replace(right, wrong)

    result = step("da = (1 - next_h**2) * dnext_h", tmp_path, results)

    assert outcomes(result) == {name: ("wrong",) for name, _, _ in TWO[kind]}


def test_a_local_that_right_steps_are_made_from_bears_no_mistake_that_would_spoil_them(tmp_path: Path) -> None:
    results = RESULTS.replace("x.T @ da", "x.T @ da / 3").replace("da.sum(axis=0)", "da.sum(axis=0) / 3")

    result = step("da = (1 - next_h**2) * dnext_h", tmp_path, results)

    assert outcomes(result) == {"dWx": ("wrong",), "db": ("wrong",)}


IN_NUMPY = """
import numpy as np

def grads(xs, h0, W, U, v):
    s = {-1: h0}
    for t in range(len(xs)):
        s[t] = np.tanh(W @ s[t - 1] + U @ xs[t])
    dW, dU, dv = np.zeros_like(W), np.zeros_like(U), np.zeros_like(v)
    later = np.zeros_like(h0)
    for t in reversed(range(len(xs))):
        dv += s[t] ** 2
        da = (2 * v * s[t] + later) * (1 + s[t] ** 3)
        dW += np.outer(da, s[t - 1])
        dU += np.outer(da, xs[t])
        later = W.T @ da
    return dW, dU, dv
"""

IN_TORCH = IN_NUMPY.replace("numpy as np", "torch").replace("np.outer", "torch.outer").replace("np.", "torch.")

IN_LISTS = """
import numpy as np

def grads(xs, h0, W, U, v):
    states = [h0]
    for x in xs:
        states.append(np.tanh(W @ states[-1] + U @ x))
    pre, later = [], 0 * h0
    for h in reversed(states[1:]):
        pre.append((2 * v * h + later) * (1 + h ** 3))
        later = W.T @ pre[-1]
    pre = pre[::-1]
    dW = sum(np.outer(d, h) for d, h in zip(pre, states))
    dU = sum(np.outer(d, x) for d, x in zip(pre, xs))
    dv = sum(h ** 2 for h in states[1:])
    return dW, dU, dv
"""

THROUGH_TIME = {"NumPy": (IN_NUMPY, 11), "torch": (IN_TORCH, 11), "lists": (IN_LISTS, 9)}


@pytest.mark.parametrize("kind", ["NumPy", *(pytest.param(one, marks=pytest.mark.slow) for one in ("torch", "lists"))])
def test_a_line_through_time_is_one_mistake(kind: str, tmp_path: Path) -> None:
    source, line = THROUGH_TIME[kind]

    result = through_time(source, tmp_path)

    assert outcomes(result) == {"dW": ("wrong",), "dU": ("carried", "dW")}
    assert line_of(result, "dW") == line


@pytest.mark.slow
def test_two_mistakes_through_time_stay_two(tmp_path: Path) -> None:
    source = IN_NUMPY.replace("1 + s[t] ** 3", "1 - s[t] ** 2")
    source = source.replace("(da, s[t - 1])", "(da, s[t])").replace("(da, xs[t])", "(2 * da, xs[t])")

    assert outcomes(through_time(source, tmp_path)) == {"dW": ("wrong",), "dU": ("wrong",)}


RNN = """
import numpy as np
rng = np.random.default_rng(0)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3))
U = rng.uniform(-0.9, 0.9, (3, 2))
b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2))
y = rng.uniform(-1, 1, (T + 1, 3))
h0 = rng.uniform(-1, 1, 3)
a, h, dh, da = (np.zeros((T + 1, 3)) for _ in range(4))
h[0] = h0
for t in range(1, T + 1):
    a[t] = W @ h[t - 1] + U @ x[t] + b
    h[t] = np.tanh(a[t])
dW, dU, db = 0 * W, 0 * U, 0 * b
later = 0 * h0
for t in reversed(range(1, T + 1)):
    dh[t] = h[t] - y[t] + later
    da[t] = (1 - h[t] ** 2) * dh[t]
    dW += np.outer(da[t], h[t - 1])
    dU += np.outer(da[t], x[t])
    db += da[t]
    later = W.T @ da[t]
dh0 = later
"""


def network(source: str, folder: Path) -> dict[str, tuple[str, ...]]:
    (folder / "mine.py").write_text(source.lstrip())
    return outcomes(warm.check("rnn", str(folder / "mine.py")))


LINES = {
    "the slope": ("(1 - h[t] ** 2)", "(1 - h[t])", "da[4]"),
    "the residual": ("h[t] - y[t] + later", "y[t] - h[t] + later", "dh[4]"),
    "no small repair": ("(1 - h[t] ** 2) * dh[t]", "np.cos(a[t] + y[t]) * dh[t] / 7", "da[4]"),
}


@pytest.mark.parametrize("kind", ["the slope", "the residual", pytest.param("no small repair", marks=pytest.mark.slow)])
def test_a_line_that_makes_a_family_is_wrong_once(kind: str, tmp_path: Path) -> None:
    right, wrong, first = LINES[kind]

    found = network(RNN.replace(right, wrong), tmp_path)

    assert found.pop(first) == ("wrong",)
    assert set(found.values()) == {("carried", first)}


def test_what_a_family_begins_with_and_what_it_goes_on_with_are_mended_apart(tmp_path: Path) -> None:
    source = RNN.replace("later = 0 * h0", "later = h[T] * 3.0").replace("later = W.T", "later = W")

    found = network(source.replace("dh0 = later", "dh0 = W.T @ da[1]"), tmp_path)

    assert [name for name, (outcome, *_) in found.items() if outcome == "wrong"] == ["dh[4]", "dh[3]"]


BEHIND = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    i, f, o, g = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
    next_c = f * prev_c + i * g
    squashed = np.tanh(next_c)
    return o * squashed, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, squashed)

def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, squashed = cache
    dc = []
    for k in range(len(o)):
        dc.append(o[k] * (1 - squashed[k]**2) * dnext_h[k])
    dc = np.array(dc)
    dprev_c = f * dc
    gates = [i * (1 - i) * g * dc, f * (1 - f) * prev_c * dc, o * (1 - o) * squashed * dnext_h, (1 - g**2) * i * dc]
    da = np.concatenate(gates, axis=1)
    return da @ Wx.T, da @ Wh.T, dprev_c, x.T @ da, prev_h.T @ da, da.sum(axis=0)
"""


@pytest.mark.slow
def test_a_local_that_another_one_is_made_from_bears_what_both_spoil(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(BEHIND.lstrip())

    result = warm.check("cs231n-lstm-step", str(tmp_path / "mine.py"))

    others = dict.fromkeys(("dx", "dprev_h", "dWx", "dWh", "db"), ("carried", "dprev_c"))
    assert outcomes(result) == {"dprev_c": ("wrong",), **others}
    assert line_of(result, "dprev_c") == BEHIND[: BEHIND.index("dc = np.array")].count("\n")
    (fixed,) = (step.diagnosis for step in result.steps if step.name == "dprev_c")
    assert fixed is not None
    assert fixed.fix == "dc = np.array(dc) + dnext_c"
