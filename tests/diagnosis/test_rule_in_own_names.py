"""The chain rule is told with the names by which the student divides, and says more than the name of a derivative."""

from __future__ import annotations

import pytest

from grader.diagnosis.chain_rule.rule import counted_from_the_end
from grader.formula.parse import parse_expression
from grader.formula.syntax import text
from grader.submission.load import load_bytes
from tests import warm

ATTENTION = """
import numpy as np
rng = np.random.default_rng(3)
x, memory = rng.normal(size=(4, 6)), rng.normal(size=(5, 7))
Wq, Wk, Wv = rng.normal(size=(6, 3)), rng.normal(size=(7, 3)), rng.normal(size=(7, 2))
dout = rng.normal(size=(4, 2))
{width}
q, k, v = x @ Wq, memory @ Wk, memory @ Wv
scores = q @ k.T / np.sqrt({root})
e = np.exp(scores)
weights = e / e.sum(axis=1, keepdims=True)
out = weights @ v
loss = (dout * out).sum()
dweights, dv = dout @ v.T, weights.T @ dout
dscores = weights * (dweights - (dweights * weights).sum(axis=1, keepdims=True))
dq = dscores @ k * np.sqrt({root})
dk = dscores.T @ q / np.sqrt({root})
dWq, dx, dWk, dWv = x.T @ dq, dq @ Wq.T, memory.T @ dk, memory.T @ dv
dmemory = dk @ Wk.T + dv @ Wv.T
"""

RNN = """
import numpy as np
rng = np.random.default_rng(7)
T = 4
W, U, b = rng.normal(size=(3, 3)), rng.normal(size=(3, 2)), rng.normal(size=3)
x, y, h0 = rng.normal(size=(T + 1, 2)), rng.normal(size=(T + 1, 3)), rng.normal(size=3)
h, a = [h0], [None]
for t in range(1, T + 1):
    a.append(W @ h[t - 1] + U @ x[t] + b)
    h.append(np.tanh(a[t]))
L = sum(0.5 * np.sum((h[t] - y[t]) ** 2) for t in range(1, T + 1))
dh, da = [None] * (T + 1), [None] * (T + 1)
carry = np.zeros(3)
for t in range(T, 0, -1):
    dh[t] = h[t] - y[t] + carry
    da[t] = dh[t] * (1 - h[t] ** 2)
    carry = W.T @ da[t]
dW = sum(np.outer(da[t], h[t - 1]) for t in range(1, T + 1))
dU = sum(np.outer(da[t], x[t]) for t in range(1, T + 1))
db = sum(da[t] for t in range(1, T + 1))
dh0 = W @ da[1]
"""


@pytest.mark.parametrize(
    ("width", "root"),
    [
        pytest.param("d_k = Wq.shape[1]", "d_k", id="a name"),
        pytest.param("", "Wq.shape[1]", id="a length"),
    ],
)
def test_a_size_is_called_as_the_student_calls_it(width: str, root: str) -> None:
    """What is divided by is 3, the number of columns of `q`; the student writes a name or a length for it."""
    step = graded("attention", ATTENTION.format(width=width, root=root))["dq"]

    assert step == f"d(loss)/d(q) = d(loss)/d(scores) / np.sqrt({root}) @ k"


def test_a_number_that_two_names_hold_stays_a_number() -> None:
    """Which of the two is meant cannot be told."""
    source = ATTENTION.format(width="d_k = 3\nheads = 3\nper_head = x / heads", root="d_k")

    assert graded("attention", source)["dq"] == "d(loss)/d(q) = d(loss)/d(scores) / np.sqrt(3) @ k"


def test_a_derivative_that_nobody_asks_for_is_written_out() -> None:
    """The derivative by the first state is the one by `h[0]`, which says nothing."""
    assert graded("rnn", RNN)["dh0"] == "d(L)/d(h0) = W.T @ d(L)/d(a[1])"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        pytest.param("x[1:9]", "x[1:-1]", id="as many left out at both ends"),
        pytest.param("x[4:10]", "x[4:]", id="up to the end"),
        pytest.param("x[0:4]", "x[:4]", id="from the start"),
        pytest.param("x[2:7]", "x[2:7]", id="within"),
    ],
)
def test_a_slice_ends_as_one_types_it(typed: str, written: str) -> None:
    """Of an array of 10 entries."""
    assert text(counted_from_the_end(parse_expression(typed), lambda _: (10,))) == written


def test_a_slice_of_an_array_of_unknown_length_stays() -> None:
    assert text(counted_from_the_end(parse_expression("x[1:9]"), lambda _: None)) == "x[1:9]"


def graded(exercise: str, source: str) -> dict[str, str]:
    """The chain rule that is told of each wrong step."""
    result = warm.check(exercise, load_bytes(source.encode(), "mine.py"))
    return {step.name: step.diagnosis.rule or "" for step in result.steps if step.diagnosis is not None}
