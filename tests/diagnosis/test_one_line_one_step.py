"""Of one mistake, in whatever manner the code is written, one step is lost, and its line is the one that is shown."""

from __future__ import annotations

import pytest

from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

pytestmark = pytest.mark.sampled(3)

GIVEN = """\
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(4, 3)); W1 = rng.normal(size=(3, 5)); b1 = rng.normal(size=5)
W2 = rng.normal(size=(5, 2)); b2 = rng.normal(size=2); Y = rng.normal(size=(4, 2))
"""

FORWARD = """\
Z1 = X @ W1 + b1
H = np.maximum(Z1, 0)
O = H @ W2 + b2
E = O - Y
loss = (E ** 2).sum() / 4
"""

ZIPPED = f"""\
{GIVEN}{FORWARD}
names = ["Z1", "H", "O", "E"]
values = [Z1, H, O, E]
kept = dict(zip(names, values))
dE = kept["E"] / 2
dO = 1.0 * dE
dW2, db2, dH = kept["H"].T @ dO, dO.sum(0), dO @ W2.T
mask = kept["Z1"] > 0
dZ1 = dH * mask
dW1, db1 = X.T @ dZ1, dZ1.sum(0)
"""

LAYERS = f"""\
{GIVEN}
class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
one, two = Linear(W1, b1), Linear(W2, b2)
Z1 = one.forward(X)
H = np.maximum(Z1, 0)
O = two.forward(H)
E = O - Y
loss = (E ** 2).sum() / 4
dE = 2 * E / len(E)
dO = dE
dH = two.backward(dO)
dW2, db2 = two.dW, two.db
mask = Z1 > 0
dZ1 = dH * mask
one.backward(dZ1)
dW1, db1 = one.dW, one.db
"""

CALLED = f"""\
{GIVEN}
def forward(X, W1, b1, W2, b2):
    Z1 = X @ W1 + b1
    H = np.maximum(0, Z1)
    return Z1, H, H @ W2 + b2
def backward(Z1, H, O):
    dE = 2 * (O - Y) / len(X)
    dH = dE @ W2.T
    dZ1 = dH * (Z1 > 0)
    return dE, H.T @ dE, dE.sum(0), dH, Z1 > 0, dZ1, X.T @ dZ1, dZ1.sum(0)
Z1, H, O = forward(X, W1, b1, W2, b2)
E = O - Y
loss = (E ** 2).sum() / 4
dE, dW2, db2, dH, mask, dZ1, dW1, db1 = backward(Z1, H, O)
dO = dE
for _ in range(3):
    grads = backward(*forward(X, W1, b1, W2, b2))
more = backward(Z1, H, O)
"""

REGISTERED = f"""\
{GIVEN}
rules = {{}}
def rule(name):
    def kept(function):
        rules[name] = function
        return function
    return kept
@rule("weight")
def _(g, x):
    return x.T @ g
@rule("bias")
def _(g, *_):
    return g.sum(0)
{FORWARD}
dE = E / 2
dO = dE
dW2 = rules["weight"](dO, H)
db2 = rules["bias"](dO)
dH = dO @ W2.T
mask = Z1 > 0
dZ1 = dH * mask
dW1 = rules["weight"](dZ1, X)
db1 = rules["bias"](dZ1)
"""

CLOSURES = """\
import numpy as np
def tanh(x):
    y = np.tanh(x)
    return y, lambda dy: dy * (1 - y**2)
def mul(a, b):
    def back(dout):
        return dout * b, dout * a
    return a * b, back
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw, back1 = mul(w_h, h0)
h1, tback1 = tanh(h1_raw)
h2_raw, back2 = mul(w_h, h1)
h2, tback2 = tanh(h2_raw)
y2, back3 = mul(w_y, h2)
dy2 = 1.0
dw_y, dh2 = back3(dy2)
dh2_raw = tback2(dh2)
dw2, dh1 = back2(dh2_raw)
dh1_raw = tback1(dh1)
dw1, dh0 = back1(dh1_raw)
dw_h = dw1 + dw2
"""

VALUES = """\
import math
class Value:
    def __init__(self, data, made_of=()):
        self.data, self.grad, self.made_of, self.back = data, 0.0, made_of, lambda: None
    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))
        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out.back = back
        return out
    def __sub__(self, other):
        out = Value(self.data - other.data, (self, other))
        def back():
            self.grad += out.grad
            other.grad -= out.grad
        out.back = back
        return out
    def tanh(self):
        out = Value(math.tanh(self.data), (self,))
        def back():
            self.grad += (1 - out.data**2) * out.grad
        out.back = back
        return out
    def backward(self):
        order = []
        def visit(one):
            if one not in order:
                for part in one.made_of:
                    visit(part)
                order.append(one)
        visit(self)
        for one in reversed(order):
            one.back()
x_, encode, decode = Value(0.6), Value(1.5), Value(1.5)
x, w = x_.data, encode.data
a_ = encode * x_
c_ = a_.tanh()
r_ = decode * c_
e_ = r_ - x_
a, c, r, e = a_.data, c_.data, r_.data, e_.data
loss = e**2 / 2
e_.grad = e
e_.backward()
de, dr, dc, da = e_.grad, r_.grad, c_.grad, a_.grad
dw_decode, dw_encode = decode.grad, encode.grad
dw = dw_decode + dw_encode
dx = x_.grad
"""

THROUGH_TIME = """\
import numpy as np
rng = np.random.default_rng(0)
T = 4
W = rng.uniform(-0.9, 0.9, (3, 3)); U = rng.uniform(-0.9, 0.9, (3, 2)); b = rng.uniform(-0.5, 0.5, 3)
x = rng.normal(size=(T + 1, 2)); y = rng.uniform(-1, 1, (T + 1, 3)); h0 = rng.uniform(-1, 1, 3)
h, a = [h0], [None]
for t in range(1, T + 1):
    a += [W @ h[-1] + U @ x[t] + b]
    h.extend([np.tanh(a[-1])])
dh, da = [], []
after = np.zeros(3)
for t in reversed(range(1, T + 1)):
    dh.insert(0, h[t] - y[t] + after)
    da = [(1 - h[t] ** 2) * dh[0]] + da
    after = W.T @ da[0]
dh, da = [None, *dh], [None, *da]
dW = sum(np.outer(da[t], h[t - 1]) for t in range(1, T + 1))
dU = sum(np.outer(da[t], x[t]) for t in range(1, T + 1))
db = sum(da[1:])
dh0 = W.T @ da[1]
"""

PLUS = (
    THROUGH_TIME.replace("dh.insert(0, h[t] - y[t] + after)", "dh += [h[t] - y[t] + after]")
    .replace("da = [(1 - h[t] ** 2) * dh[0]] + da", "da += [(1 - h[t] ** 2) * dh[-1]]")
    .replace("after = W.T @ da[0]", "after = W.T @ da[-1]")
    .replace("[None, *dh], [None, *da]", "[None, *dh[::-1]], [None, *da[::-1]]")
)

BY_TIME = (
    THROUGH_TIME.replace("dh, da = [], []", "dh, da = {}, {}")
    .replace("dh.insert(0, h[t] - y[t] + after)", "dh[t] = h[t] - y[t] + after")
    .replace("da = [(1 - h[t] ** 2) * dh[0]] + da", "da[t] = (1 - h[t] ** 2) * dh[t]")
    .replace("after = W.T @ da[0]", "after = W.T @ da[t]")
    .replace("dh, da = [None, *dh], [None, *da]\n", "")
    .replace("sum(da[1:])", "sum(da.values())")
)

RIGHT = {
    "relu-mlp": (ZIPPED, LAYERS, CALLED, REGISTERED),
    "tanh-chain-reverse": (CLOSURES,),
    "shared-weight": (VALUES,),
    "rnn": (THROUGH_TIME, PLUS, BY_TIME),
}


def graded(exercise: str, source: str) -> Result:
    return warm.check(exercise, load_bytes(source.encode(), "mine.py"))


@pytest.mark.parametrize(
    ("exercise", "source"), [(exercise, source) for exercise, sources in RIGHT.items() for source in sources]
)
def test_right_code_loses_nothing(exercise: str, source: str) -> None:
    result = graded(exercise, source)

    assert result.first_error is None
    assert result.score == result.max_score


@pytest.mark.parametrize(
    ("exercise", "source", "right", "written"),
    [
        pytest.param(
            "relu-mlp", ZIPPED, "values = [Z1, H, O, E]", "values = [H, Z1, O, E]", id="values in another order"
        ),
        pytest.param("relu-mlp", ZIPPED, '["Z1", "H", "O", "E"]', '["Z1", "H", "E", "O"]', id="keys in another order"),
        pytest.param("relu-mlp", LAYERS, "self.x = x", "self.x = self.W", id="another field kept"),
        pytest.param("relu-mlp", LAYERS, "self.x.T @ dout", "dout.T @ dout", id="a parameter for a field"),
        pytest.param(
            "relu-mlp",
            CALLED,
            "db1 = backward(Z1, H, O)",
            "db1 = backward(H, Z1, O)",
            id="arguments of one of several calls",
        ),
        pytest.param("relu-mlp", REGISTERED, '["bias"](dO)', '["bias"](dO * O)', id="an argument of a rule by its key"),
        pytest.param(
            "tanh-chain-reverse", CLOSURES, "return dout * b, dout * a", "return b, a", id="what arrives is not used"
        ),
        pytest.param(
            "shared-weight",
            VALUES,
            "other.grad += self.data * out.grad",
            "other.grad += self.data",
            id="a field of the result left out",
        ),
        pytest.param("rnn", PLUS, "(1 - h[t] ** 2)", "(1 - h[t])", id="in a list that grows by +="),
        pytest.param("rnn", BY_TIME, "W.T @ da[t]", "W.t @ da[t]", id="a local of a loop whose line raises"),
    ],
)
def test_a_mistake_costs_one_step_and_is_shown_at_its_line(
    exercise: str, source: str, right: str, written: str
) -> None:
    assert right in source
    changed = source.replace(right, written, 1)

    result = graded(exercise, changed)

    lost = [one for one in result.steps if one.points is not None and one.points < one.max_points]
    assert [one.where.line if one.where else None for one in lost] == [
        next(number for number, line in enumerate(changed.split("\n"), 1) if written in line)
    ]


def test_a_local_of_a_loop_that_cannot_be_made_costs_a_family_one_step() -> None:
    result = graded("rnn", BY_TIME.replace("W.T @ da[t]", "solved(W, da[t])"))

    lost = [one.name for one in result.steps if one.points is not None and one.points < one.max_points]
    assert sum(name.startswith("dh[") for name in lost) == 1
