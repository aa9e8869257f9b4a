"""A line that cannot be read costs one step, also in a loop, where everything after it is made from it."""

from __future__ import annotations

import pytest

from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

pytestmark = pytest.mark.sampled(3)

START = """\
import numpy as np
rng = np.random.default_rng(3)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)
a, h = [None], [h0]
for t in range(1, T + 1):
    a.append(W @ h[-1] + U @ x[t] + b)
    h.append(np.tanh(a[-1]))
dW, dU, db = 0 * W, 0 * U, 0 * b
dh, da = [], []
future = np.zeros(3)
for t in reversed(range(1, T + 1)):
"""
STATE = "dh.append(h[t] - y[t] + future)"
PRE = "da.append((1 - h[t] ** 2) * dh[-1])"
WEIGHT = "dW += np.outer(da[-1], h[t - 1])"
BACK = "future = W.T @ da[-1]"
LOOP = (STATE, PRE, WEIGHT, "dU += np.outer(da[-1], x[t])", "db += da[-1]", BACK)
END = "dh = [None, *reversed(dh)]\nda = [None, *reversed(da)]\ndh0 = future\n"


def graded(*changes: tuple[str, str]) -> Result:
    """The result of the loop with some of its lines changed."""
    lines = list(LOOP)
    for old, new in changes:
        lines[lines.index(old)] = new
    code = START + "".join(f"    {line}\n" for line in lines) + END
    return warm.check("rnn", load_bytes(code.encode(), "mine.py"))


def lost(result: Result) -> dict[str, str]:
    return {step.name: step.outcome for step in result.steps if step.outcome not in ("correct", "carried")}


@pytest.mark.parametrize(
    ("line", "unreadable", "costs"),
    [
        pytest.param(STATE, "dh.append(h[t] - y[t] + future", "dh[4]", id="a bracket that is never closed"),
        pytest.param(PRE, "da.append((1 - h[t] ** 2 * dh[-1])", "da[4]", id="the same in the middle"),
        pytest.param(PRE, "da.append((1 - h[t ** 2) * dh[-1])", "da[4]", id="closed by another bracket"),
        pytest.param(STATE, "dh.append(h[t] - y[t]) + future)", "dh[4]", id="a bracket too many"),
        pytest.param(PRE, "da.append((1 - h[t] ** 2) dh[-1])", "da[4]", id="an operator left out"),
        pytest.param(PRE, "da.append((1 \u2212 h[t] ** 2) \u00d7 dh[-1])", "da[4]", id="signs of a word processor"),
        pytest.param(BACK, "future = W.T @ da[-1", "dh[3]", id="a local of one's own"),
        pytest.param(WEIGHT, "dW += np.outer(da[-1], h[t - 1]", "dW", id="a sum that nothing is made from"),
    ],
)
def test_it_costs_the_first_step_that_is_made_from_it(line: str, unreadable: str, costs: str) -> None:
    result = graded((line, unreadable))
    step = next(step for step in result.steps if step.name == costs)

    assert lost(result) == {costs: "missing"}
    assert step.where is not None
    assert step.where.line == START.count("\n") + LOOP.index(line) + 1
    assert "cannot be read" in result.problems[0].message


def test_another_mistake_costs_its_own_step() -> None:
    assert lost(graded((STATE, "dh.append(h[t] - y[t] + future"), (WEIGHT, "dW += np.outer(h[t - 1], da[-1])"))) == {
        "dh[4]": "missing",
        "dW": "wrong",
    }


def test_a_line_that_is_wrong_once_it_can_be_read_has_two_mistakes() -> None:
    assert lost(graded((PRE, "da.append((1 + h[t] ** 2 * dh[-1])"))) == {"da[4]": "wrong", "dh[3]": "missing"}
