"""Repairs in lists, dictionaries, loops and functions, as an expert would write them in the student's own hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import StepResult
from grader.submission.load import load_bytes
from tests import warm

EXERCISES = Path(__file__).parents[1] / "cases" / "exercises"

SOFTMAX = """
import math
z, u, v = [0.3, -0.8, 1.1], [1.0, -2.0, 0.5], [0.2, 0.4, -0.6]
n = len(z)
e = [math.exp(zi) for zi in z]
s = sum(e)
p = [ei / s for ei in e]
loss = sum(ui * pi for ui, pi in zip(u, p))
ds_dz = [ei for ei in e]
dp_de = [[(1 / s if i == j else 0) - e[i] / s ** 2 for j in range(n)] for i in range(n)]
dp_dz = [[p[i] * ((1 if i == j else 0) - p[j]) for j in range(n)] for i in range(n)]
dp_v = [sum(dp_dz[i][j] * v[j] for j in range(n)) for i in range(n)]
dz = [sum(u[i] * dp_dz[i][j] for i in range(n)) for j in range(n)]
"""

RNN_STEP = """
import numpy as np

def rnn_step_forward(x, prev_h, Wx, Wh, b):
    z = np.dot(x, Wx) + np.dot(prev_h, Wh) + b
    next_h = np.tanh(z)
    cache = {'x': x, 'prev_h': prev_h, 'Wx': Wx, 'Wh': Wh, 'next_h': next_h, 'z': z}
    return next_h, cache

def rnn_step_backward(dnext_h, cache):
    dz = (1 - cache['next_h'] ** 2) * dnext_h
    dx = np.dot(dz, cache['Wx'].T)
    dprev_h = np.dot(dz, cache['Wh'].T)
    dWx = np.dot(cache['x'].T, dz)
    dWh = np.dot(cache['prev_h'].T, dz)
    db = np.sum(dz, axis=0)
    return dx, dprev_h, dWx, dWh, db
"""

LSTM_STEP = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H:2 * H]), sigmoid(a[:, 2 * H:3 * H])
    g = np.tanh(a[:, 3 * H:])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)

def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    tc = np.tanh(next_c)
    do = dnext_h * tc
    dc = dnext_c + dnext_h * o * (1 - tc ** 2)
    dprev_c = dc * f
    df = dc * prev_c
    di = dc * g
    dg = dc * i
    da = np.hstack((di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)))
    return da.dot(Wx.T), da.dot(Wh.T), dprev_c, x.T.dot(da), prev_h.T.dot(da), da.sum(axis=0)
"""

NORM = """
import numpy as np
x, gamma, beta = np.random.randn(5, 3), np.random.rand(3) + 0.5, np.random.randn(3)
dout = np.random.randn(5, 3)
N, D = x.shape
mean = np.mean(x, axis=0, keepdims=True)
diff = x - mean
diff2 = diff ** 2
var = np.sum(diff2, axis=0, keepdims=True) / (N - 1)
inv = 1.0 / np.sqrt(var + 1e-5)
raw = diff * inv
out = gamma * raw + beta
loss = np.sum(dout * out)
g = {}
g['dgamma'] = np.sum(dout * raw, axis=0)
g['dbeta'] = np.sum(dout, axis=0)
g['draw'] = dout * gamma
g['dinv'] = np.sum(g['draw'] * diff, axis=0, keepdims=True)
g['dvar'] = g['dinv'] * -0.5 * (var + 1e-5) ** (-1.5)
g['ddiff2'] = np.ones((N, D)) * g['dvar'] / (N - 1)
g['ddiff'] = g['draw'] * inv + 2 * diff * g['ddiff2']
g['dmean'] = -np.sum(g['ddiff'], axis=0, keepdims=True)
g['dx'] = g['ddiff'] + g['dmean'] / N
"""

GRU = """
import numpy as np
x, h_prev = np.random.randn(3, 5), np.random.uniform(-1, 1, (3, 4))
W_z, W_r, W_n = (np.random.randn(5, 4) * 0.5 for _ in range(3))
U_z, U_r, U_n = (np.random.randn(4, 4) * 0.5 for _ in range(3))
b_z, b_r, b_n = (np.random.randn(4) * 0.3 for _ in range(3))
u = np.random.randn(3, 4)
sigmoid = lambda v: 1 / (1 + np.exp(-v))
z = sigmoid(x @ W_z + h_prev @ U_z + b_z)
r = sigmoid(x @ W_r + h_prev @ U_r + b_r)
m = r * h_prev
n = np.tanh(x @ W_n + m @ U_n + b_n)
h = (1 - z) * n + z * h_prev
L = (u * h).sum()
dh_prev = np.zeros_like(h_prev)
dx = np.zeros_like(x)
dn = u * (1 - z)
dz = u * (h_prev - n)
dh_prev += u * z
da_n = dn * (1 - n * n)
dW_n, dU_n, db_n = x.T @ da_n, m.T @ da_n, da_n.sum(0)
dx += da_n @ W_n.T
dm = da_n @ U_n.T
dr = dm * h_prev
dh_prev += dm * r
da_z = dz * z * (1 - z)
da_r = dr * r * (1 - r)
for da, W, U in [(da_z, W_z, U_z), (da_r, W_r, U_r)]:
    dx += da @ W.T
    dh_prev += da @ U.T
dW_z, dU_z, db_z = x.T @ da_z, h_prev.T @ da_z, da_z.sum(0)
dW_r, dU_r, db_r = x.T @ da_r, h_prev.T @ da_r, da_r.sum(0)
"""


RESIDUAL = """
import numpy as np
x, w1, w2, dy = np.random.randn(4, 3), np.random.randn(3, 3), np.random.randn(3, 3), np.random.randn(4, 3)
h = x @ w1 + x
y = h @ w2

def linear_backward(d, a, w):
    return d @ w.T, a.T @ d

dh, dw2 = linear_backward(dy, h, w2)
dx, dw1 = linear_backward(dh, x, w1)
dx += dh
"""


def wrong(exercise: str, source: str, right: str, written: str) -> StepResult:
    """The one wrong step of a derivation in which `written` stands for `right`."""
    assert source.count(right) == 1
    result = warm.check(exercise, load_bytes(source.replace(right, written).encode(), "mine.py"))
    (step,) = [one for one in result.steps if one.outcome == "wrong"]
    return step


@pytest.mark.parametrize(
    ("exercise", "source", "right", "written", "fix"),
    [
        pytest.param(
            "softmax-jacobian",
            SOFTMAX,
            "sum(u[i] * dp_dz",
            "sum(v[i] * dp_dz",
            "dz = [sum(u[i] * dp_dz[i][j] for i in range(n)) for j in range(n)]",
            id="inputs shorter than the exercise's",
        ),
        pytest.param(
            "cs231n-rnn-step",
            RNN_STEP,
            "np.dot(cache['prev_h'].T, dz)",
            "np.dot(cache['next_h'].T, dz)",
            "dWh = np.dot(cache['prev_h'].T, dz)",
            id="another entry of a dictionary",
        ),
        pytest.param(
            "cs231n-lstm-step",
            LSTM_STEP,
            "dg * (1 - g ** 2)",
            "dg * g * (1 - g)",
            "da = np.hstack((di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)))",
            id="the slope of a gate without a name in the exercise",
        ),
        pytest.param(
            "batch-norm",
            NORM,
            "* -0.5 * (var + 1e-5) ** (-1.5)",
            "* -0.5 * inv ** 2",
            "g['dvar'] = g['dinv'] * -0.5 * inv ** 3",
            id="an exponent as large as a length",
        ),
        pytest.param(
            "batch-norm",
            NORM,
            "g['ddiff'] + g['dmean'] / N",
            "g['ddiff']",
            "g['dx'] = g['ddiff'] + g['dmean'] / N",
            id="a step in a dictionary is a part of another",
        ),
        pytest.param(
            "gru-cell",
            GRU,
            "dh_prev += dm * r\n",
            "",
            "da_r = dr * r * (1 - r)\ndh_prev += r * dm",
            id="a line that is missing",
        ),
        pytest.param(
            str(EXERCISES / "residual.yaml"),
            RESIDUAL,
            "dx += dh\n",
            "",
            "dx, dw1 = linear_backward(dh, x, w1)\ndx += dh",
            id="a line that is missing where a function is right for another step",
        ),
    ],
)
def test_a_repair_is_in_the_students_own_hand(exercise: str, source: str, right: str, written: str, fix: str) -> None:
    step = wrong(exercise, source, right, written)

    assert step.diagnosis is not None
    assert step.diagnosis.fix == fix


def test_an_exponent_that_is_kept_is_named_although_a_number_is_added_to_the_variance() -> None:
    step = wrong("batch-norm", NORM, "** (-1.5)", "** (-0.5)")

    assert step.diagnosis is not None
    assert step.diagnosis.code == "power-rule-exponent-kept"


LAMBDAS = """
import numpy as np
x, w1, w2, dy = np.random.randn(4, 3), np.random.randn(3, 3), np.random.randn(3, 3), np.random.randn(4, 3)
h = x @ w1 + x
y = h @ w2
two = lambda d, a, w: (d @ w.T, a.T @ d)
dh = dy @ w2.T
dw2 = (lambda a, b: a.T @ b)(h, dy)
dx, dw1 = two(dh, x, w1)
dx += dh
"""


@pytest.mark.parametrize(("right", "written"), [("(h, dy)", "(x, dy)"), ("two(dh, x, w1)", "two(dh, h, w1)")])
def test_what_a_lambda_is_called_with_is_repaired_in_its_call(right: str, written: str) -> None:
    step = wrong(str(EXERCISES / "residual.yaml"), LAMBDAS, right, written)

    assert step.diagnosis is not None
    assert step.diagnosis.fix in LAMBDAS.split("\n")
