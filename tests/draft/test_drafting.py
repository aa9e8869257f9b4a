"""An exercise read from a worked script accepts that script in full, and asks for what the script derives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.cli.main import run
from grader.draft.drafting import draft_of
from grader.errors import UsageError
from grader.exercise.load import collection, loads
from grader.exercise.load import load as load_exercise
from grader.exercise.types import Exercise
from grader.model import Submission
from grader.pipeline import check
from grader.submission.load import load, load_bytes

SOLUTIONS = Path(__file__).parents[2] / "solutions"
NAMES = [path.stem for path in collection()]
MOST_LEFT_OUT = 0.4
"""The share of an exercise's own steps that may be missing: formulas that are no derivative (`mask`, `step`), and those
an exercise with an `answer` does not ask for."""

pytestmark = pytest.mark.slow


def accepted(submission: Submission) -> tuple[Exercise, str]:
    text = draft_of(submission, "drafted")
    exercise = loads(text)
    outcomes = {step.name: step.outcome for step in check(exercise, submission).steps}
    assert set(outcomes.values()) == {"correct"}, outcomes
    return exercise, text


@pytest.mark.parametrize("name", NAMES)
def test_every_worked_solution_becomes_an_exercise_that_accepts_it(name: str) -> None:
    exercise, _ = accepted(load(SOLUTIONS / f"{name}.py"))

    asked = {step.name for step in load_exercise(next(one for one in collection() if one.stem == name)).steps}
    found = {step.name for step in exercise.steps}
    assert len(asked - found) <= MOST_LEFT_OUT * len(asked), asked - found


@pytest.mark.parametrize("name", ["tanh-chain", "cs231n-affine", "relu-mlp"])
def test_a_worked_notebook_does_too(name: str) -> None:
    accepted(load(SOLUTIONS / f"{name}.ipynb"))


FUNCTION = b"""
import math
def step(w_h, w_y, h0):
    h1_raw = w_h * h0
    h1 = math.tanh(h1_raw)
    y = w_y * h1
    dy = 1.0
    dw_y = h1 * dy
    dh1 = w_y * dy
    dh1_raw = (1 - h1**2) * dh1
    dw_h = h0 * dh1_raw
    return y, dw_h, dw_y
"""
NETWORK = b"""
import numpy as np
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
def slope(a):
    return a * (1 - a)
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0], [1], [1], [0]])
np.random.seed(1)
syn0 = 2 * np.random.random((3, 4)) - 1
syn1 = 2 * np.random.random((4, 1)) - 1
for j in range(100):
    l1 = sigmoid(np.dot(X, syn0))
    l2 = sigmoid(np.dot(l1, syn1))
    loss = 0.5 * np.sum((l2 - y) ** 2)
    l2_delta = (l2 - y) * slope(l2)
    dsyn1 = l1.T.dot(l2_delta)
    dsyn0 = X.T.dot(l2_delta.dot(syn1.T) * slope(l1))
    syn1 -= 0.1 * dsyn1
    syn0 -= 0.1 * dsyn0
"""
CLASS = b"""
import numpy as np
class Net:
    def __init__(self):
        self.w = np.array([[0.3, -0.2], [0.5, 0.7]])
        self.v = np.array([0.4, -0.6])
    def forward(self, x):
        self.x, self.z = x, self.w @ x
        self.h = np.maximum(self.z, 0)
        return self.v @ self.h
    def backward(self, d_out):
        self.grads = {"v": d_out * self.h, "h": d_out * self.v}
        self.grads["z"] = self.grads["h"] * (self.z > 0)
        self.grads["w"] = np.outer(self.grads["z"], self.x)
net = Net()
x, y = np.array([1.0, 2.0]), 0.5
out = net.forward(x)
loss = (out - y) ** 2
net.backward(2 * (out - y))
"""
SECOND = b"""
import numpy as np
theta = 0.6
x = np.array([0.5, -1.2, 0.8, 2.1])
u = np.exp(-theta * x)
J = np.log(1 + u).sum() / len(x)
dJ = (-x * u / (1 + u)).sum() / len(x)
d2J = (x**2 * u / (1 + u) ** 2).sum() / len(x)
"""
THREAD = b"""
import torch
torch.manual_seed(1)
x = torch.randn(4, 3)
target = torch.tensor([0, 2, 1, 2])
W1 = torch.randn(3, 5, requires_grad=True)
b1 = torch.zeros(5, requires_grad=True)
a1 = torch.sigmoid(x @ W1 + b1)
p = torch.softmax(a1, dim=1)
loss = -torch.log(p[torch.arange(4), target]).mean()
loss.backward()
delta = p.detach().clone()
delta[range(4), target] -= 1
delta /= 4
grad_z = delta * a1 * (1 - a1)
grad_W1 = x.T @ grad_z
grad_b1 = grad_z.sum(0)
print(torch.allclose(grad_W1, W1.grad))
"""

ARRIVES = b"""
import numpy as np
x = np.array([0.6, -1.1, 0.8])
base = np.array([1.4, 0.5, -0.3])
dres_out = np.array([0.7, -0.2, 1.5])
grad = np.array([0.3, 1.2, -0.4])
res = base * x
out = np.exp(res)
dres = dres_out + grad * out
dx = dres * base
"""
OTHER_NAMES = b"""
import numpy as np
x, y = np.array([[0.5, -1.2], [0.8, 2.1], [-0.7, 0.4]]), np.array([0.3, -0.9, 1.1])
w = np.array([0.4, -0.6])
pred = x @ w
loss = ((pred - y) ** 2).mean()
w_gs = 2 / 3 * x.T @ (pred - y)
"""
UNUSED_CLASS = b"""
import numpy as np
a = np.array([[0.5, -1.2], [0.8, 2.1]])
b = np.array([[1.4, 0.6], [1.9, 0.8]])
dy = np.array([[0.3, -0.7], [1.1, 0.2]])
class Div:
    def forward(self, a, b):
        self.input = (a, b)
        return a / b
    def backward(self, dy):
        da = dy / self.input[1]
        db = -dy * self.input[0] / self.input[1] ** 2
        return da, db
"""
UNUSED_PAIR = b"""
import numpy as np
def forward(x, w, b):
    z = x * w + b
    a = np.tanh(z)
    return a, (x, w, z, a)
def backward(da, cache):
    x, w, z, a = cache
    dz = da * (1 - a ** 2)
    dw = np.sum(dz * x)
    dx = dz * w
    return dx, dw
"""
WHOLE = b"""
x, y, z = -2, 5, -4
q = x + y
f = q * z
dfdz = q
dfdq = z
dfdx = 1 * dfdq
"""
OVER_LISTS = b"""
xs = [1.0, 2.0, 3.0]
ys = [2.1, 3.9, 6.2]
m, b = 0.5, 0.1
n = len(xs)
preds = []
for x in xs:
    preds.append(m * x + b)
loss = 0.0
for p, y in zip(preds, ys):
    loss += (p - y) ** 2 / n
dm, db = 0.0, 0.0
for x, y, p in zip(xs, ys, preds):
    dm += 2 * (p - y) * x / n
    db += 2 * (p - y) / n
"""
ADDED_ANEW = b"""
import math
import numpy as np
W = np.array([[0.3, -0.2], [0.1, 0.7]])
x = np.array([[0.5, -1.2], [0.8, 0.4], [-0.3, 0.9]])
y = np.array([0.4, 1.1, 2.2])
h = {-1: np.array([0.2, 0.6])}
loss = 0
count = 0.0
for t in range(3):
    h[t] = np.tanh(x[t] + W @ h[t - 1])
    loss = loss + 0.5 * np.sum(h[t] ** 2)
    count = count - y[t] * np.vectorize(math.tanh)(h[t][0])
total = loss + count
dW = np.zeros((2, 2))
carried = np.zeros(2)
for t in reversed(range(3)):
    dh = h[t] + carried - y[t] * np.array([1 - math.tanh(h[t][0]) ** 2, 0.0])
    da = dh * (1 - h[t] ** 2)
    dW = dW + np.outer(da, h[t - 1])
    carried = W.T @ da
"""
UPDATED = b"""
import numpy as np
x = np.array([[0.5, -1.2, 0.3], [0.8, 0.4, -0.6]])
y = np.array([[0.4, 0.9], [1.1, -0.3]])
W = np.array([[0.3, -0.2], [0.1, 0.7], [-0.5, 0.4]])
b = np.zeros(2)
c = np.zeros(2)
for step in range(1):
    out = np.tanh(x @ W + b) + c
    loss = np.sum((out - y) ** 2)
    dout = 2 * (out - y)
    dz = dout * (1 - (out - c) ** 2)
    dW = x.T @ dz
    db = dz.sum(axis=0)
    dc = dout.sum(axis=0)
    W -= 0.1 * dW
    b -= 0.1 * db
    c = c - 0.1 * dc
"""
ONE_HOT_ROWS = b"""
import numpy as np
inputs, targets = [0, 2, 1], [2, 1, 0]
W = np.array([[0.3, -0.2, 0.5], [0.1, 0.7, -0.4]])
V = np.array([[0.6, -0.9], [0.2, 0.8], [-0.5, 0.4]])
U = np.array([[0.4, -0.3], [0.2, 0.6]])
def run(inputs, targets, start):
    xs, hs, ps = {}, {}, {}
    hs[-1] = np.copy(start)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((3, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(W @ xs[t] + U @ hs[t - 1])
        scores = V @ hs[t]
        ps[t] = np.exp(scores) / np.sum(np.exp(scores))
        loss += -np.log(ps[t][targets[t], 0])
    dW, dU, dV = np.zeros_like(W), np.zeros_like(U), np.zeros_like(V)
    dnext = np.zeros((2, 1))
    for t in reversed(range(len(inputs))):
        ds = np.copy(ps[t])
        ds[targets[t]] -= 1
        dV += ds @ hs[t].T
        draw = (1 - hs[t] ** 2) * (V.T @ ds + dnext)
        dW += draw @ xs[t].T
        dU += draw @ hs[t - 1].T
        dnext = U.T @ draw
    return loss, dW, dU, dV
loss, dW, dU, dV = run(inputs, targets, np.zeros((2, 1)))
"""

TWO_LAYERS = b"""
import numpy as np
class Linear:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m) * 0.5
        self.b = np.random.randn(m)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
np.random.seed(0)
x, y = np.random.randn(4, 3), np.random.randn(4, 2)
l1, l2 = Linear(3, 5), Linear(5, 2)
a1 = np.tanh(l1.forward(x))
out = l2.forward(a1)
loss = ((out - y) ** 2).sum() / 4
dout = 2 * (out - y) / 4
da1 = l2.backward(dout)
dx = l1.backward(da1 * (1 - a1 ** 2))
"""
LAYERS_IN_A_LIST = b"""
import numpy as np
class Layer:
    def __init__(self, W):
        self.W = W
    def forward(self, x):
        self.x = x
        self.a = np.tanh(x @ self.W)
        return self.a
    def backward(self, da):
        dz = da * (1 - self.a ** 2)
        self.dW = self.x.T @ dz
        return dz @ self.W.T
X = np.array([[0.5, -1.0], [0.3, 0.8], [-0.7, 0.2]])
Y = np.array([[0.1], [0.4], [-0.9]])
W1 = np.array([[0.3, -0.4, 0.9], [0.1, 0.6, -0.2]])
W2 = np.array([[0.7], [-0.5], [0.2]])
net = [Layer(W1), Layer(W2)]
a = X
for layer in net:
    a = layer.forward(a)
L = np.mean((a - Y) ** 2)
g = 2 * (a - Y) / 3
for layer in net[::-1]:
    g = layer.backward(g)
dW1, dW2 = net[0].dW, net[1].dW
"""
DATA_CLASSES = b"""
from collections import namedtuple
from dataclasses import dataclass
import numpy as np
@dataclass
class Cell:
    w: float
    u: float
    b: float = 0.1
Example = namedtuple("Example", "x y")
cell, example = Cell(0.7, u=-0.4), Example(0.5, 1.2)
h0 = 0.3
h = np.tanh(cell.w * example.x + cell.u * h0 + cell.b)
loss = (h - example.y) ** 2
dz = 2 * (h - example.y) * (1 - h ** 2)
dw = dz * example.x
db = 1 * dz
"""
TAPE = b"""
import math
class Value:
    def __init__(self, data, parents=()):
        self.data, self.grad, self.parents, self.back = data, 0.0, parents, lambda: None
    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))
        def back():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out.back = back
        return out
    def tanh(self):
        out = Value(math.tanh(self.data), (self,))
        def back():
            self.grad += (1 - out.data ** 2) * out.grad
        out.back = back
        return out
    def backward(self):
        order = []
        def visit(node):
            if node not in order:
                for parent in node.parents:
                    visit(parent)
                order.append(node)
        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node.back()
x, w = Value(2.0), Value(-0.3)
n = x * w
o = n.tanh()
o.backward()
print(w.grad)
"""
RAGGED = b"""
import numpy as np
xs = [np.array([0.5, -0.2, 0.1]), np.array([1.1, 0.3]), np.array([0.4])]
w, u = 0.7, 0.3
hs = []
h = 0.0
for x in xs:
    h = np.tanh(w * x.sum() + u * h)
    hs.append(h)
loss = 0.5 * hs[-1] ** 2
dh = hs[-1]
dw = 0.0
for t in reversed(range(3)):
    draw = dh * (1 - hs[t] ** 2)
    dw += draw * xs[t].sum()
    dh = draw * u
"""

MODULE = b"""
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self, n_in, n_hidden):
        super().__init__()
        self.hidden = nn.Linear(n_in, n_hidden)
        self.norm = nn.LayerNorm(n_hidden)
        self.act = nn.Tanh()
        self.out = nn.Linear(n_hidden, 3, bias=False)
    def forward(self, x):
        h = self.act(self.norm(self.hidden(x)))
        return h, self.out(h)
net = Net(4, 5)
x = torch.randn(6, 4)
y = torch.tensor([0, 2, 1, 1, 0, 2])
h, logits = net(x)
loss = F.cross_entropy(logits, y)
dlogits = F.softmax(logits, dim=1)
dlogits[range(6), y] -= 1
dlogits /= 6
dWo = dlogits.T @ h
dh = dlogits @ net.out.weight
dn = dh * (1 - h**2)
"""
SEQUENTIAL = b"""
import torch
from torch import nn
torch.manual_seed(1)
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(3, 4),
            nn.ReLU(),
            nn.Linear(4, 1),
        )
    def forward(self, x):
        return self.net(x)
model = Model()
X = torch.randn(8, 3)
Y = torch.randn(8, 1)
pred = model(X)
loss = nn.MSELoss()(pred, Y)
W1, b1 = model.net[0].weight, model.net[0].bias
z = X @ W1.T + b1
a = z.clamp(min=0)
dpred = 2 / 8 * (pred - Y)
dW2 = dpred.T @ a
dz = (dpred @ model.net[2].weight) * (z > 0)
dW1 = dz.T @ X
"""
PARAMETERS = b"""
import torch
from torch import nn
class Affine(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.W = nn.Parameter(torch.randn(d_in, d_out) * 0.4)
        self.b = nn.Parameter(torch.zeros(d_out))
    def forward(self, x):
        return x @ self.W + self.b
torch.manual_seed(3)
l1, l2 = Affine(3, 4), Affine(4, 1)
x, t = torch.randn(7, 3), torch.rand(7, 1)
a = l1(x)
h = torch.sigmoid(a)
p = torch.sigmoid(l2(h))
L = nn.functional.binary_cross_entropy(p, t)
do = (p - t) / 7
dW2 = h.T @ do
da = do @ l2.W.T * h * (1 - h)
db1 = da.sum(0)
"""
WEIGHTS_BY_KEY = b"""
import numpy as np
rng = np.random.default_rng(0)
params = {}
params["W1"] = rng.normal(size=(3, 4))
params["b1"] = rng.normal(size=4)
params["W2"] = rng.normal(size=(4, 2))
x, t = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
z1 = x @ params["W1"] + params["b1"]
h = np.tanh(z1)
y = h @ params["W2"]
loss = 0.5 * np.mean(np.sum((y - t) ** 2, axis=1))
grads = {}
dy = (y - t) / x.shape[0]
grads["W2"] = h.T @ dy
dh = dy @ params["W2"].T
dz1 = dh * (1 - h**2)
grads["W1"] = x.T @ dz1
grads["b1"] = dz1.sum(axis=0)
"""
SIZES_IN_A_LIST = b"""
import numpy as np
class Net:
    def __init__(self, sizes):
        rng = np.random.RandomState(0)
        self.W1 = rng.randn(sizes[0], sizes[1])
        self.b1 = rng.randn(sizes[1])
    def forward(self, x, h):
        self.h = np.tanh(x @ self.W1 + self.b1 + h)
        return self.h
x = np.random.RandomState(1).randn(5, 3)
h0 = np.zeros((5, 4))
net = Net([3, 4])
y = net.forward(x, h0)
loss = np.sum(y**2) / 2
dz = y * (1 - y**2)
dW1 = x.T @ dz
"""


@pytest.mark.parametrize(
    ("script", "steps"),
    [
        pytest.param(MODULE, {"dWo": "d(loss)/d(out_weight)", "dn": "d(loss)/d(norm_out)"}, id="layers of a module"),
        pytest.param(SEQUENTIAL, {"dW1": "d(loss)/d(net_0_weight)", "dz": None}, id="layers one after the other"),
        pytest.param(PARAMETERS, {"dW2": "d(L)/d(l2_W)", "db1": "d(L)/d(l1_b)"}, id="parameters, two of them zeros"),
        pytest.param(WEIGHTS_BY_KEY, {"dW1": "d(loss)/d(W1)", "db1": "d(loss)/d(b1)"}, id="weights in a dictionary"),
        pytest.param(SIZES_IN_A_LIST, {"dW1": "d(loss)/d(W1)"}, id="sizes in a list, a state of zeros"),
        pytest.param(TWO_LAYERS, {"dl1_W": "d(loss)/d(l1_W)", "dl2_b": "d(loss)/d(l2_b)"}, id="objects of one class"),
        pytest.param(LAYERS_IN_A_LIST, {"dW1": "d(L)/d(W1)", "dW2": "d(L)/d(W2)"}, id="a list of layers"),
        pytest.param(DATA_CLASSES, {"dw": "d(loss)/d(w)", "db": "d(loss)/d(b)"}, id="data classes and named tuples"),
        pytest.param(TAPE, {"dn": "d(o)/d(n)", "dw": "d(o)/d(w)"}, id="derivatives on a tape"),
        pytest.param(RAGGED, {"dw": "d(loss)/d(w)"}, id="arrays of different lengths"),
        pytest.param(UNUSED_CLASS, {"da": "d(L)/d(a)", "db": "d(L)/d(b)"}, id="a class that nothing uses"),
        pytest.param(UNUSED_PAIR, {"dz": "d(L)/d(z)", "dx": "d(L)/d(x)"}, id="a pair of functions that nothing calls"),
        pytest.param(WHOLE, {"dfdz": "d(f)/d(z)", "dfdx": "d(f)/d(x)"}, id="quantities that are whole numbers"),
        pytest.param(OVER_LISTS, {"dm": "d(loss)/d(m)", "db": "d(loss)/d(b)"}, id="loops over the entries of lists"),
        pytest.param(UPDATED, {"db": "d(loss)/d(b)", "dc": "d(loss)/d(c)"}, id="weights of zeros that are updated"),
        pytest.param(ADDED_ANEW, {"dW": "d(total)/d(W)"}, id="sums that a name is bound to again in each pass"),
        pytest.param(ONE_HOT_ROWS, {"dW": "d(loss)/d(W)", "dV": "d(loss)/d(V)"}, id="one-hot rows in a dictionary"),
        pytest.param(FUNCTION, {"dw_y": "d(y)/d(w_y)", "dw_h": "d(y)/d(w_h)"}, id="a function that nothing calls"),
        pytest.param(NETWORK, {"dsyn0": "d(loss)/d(syn0)", "l2_delta": None}, id="a training loop"),
        pytest.param(CLASS, {"dw": "d(loss)/d(w)", "dz": "d(loss)/d(z)"}, id="a class with a dictionary"),
        pytest.param(SECOND, {"dJ": "d(J)/d(theta)", "d2J": "d(d(J)/d(theta))/d(theta)"}, id="a second derivative"),
        pytest.param(THREAD, {"delta": "d(loss)/d(a1)", "grad_W1": "d(loss)/d(W1)"}, id="compared with autograd"),
        pytest.param(ARRIVES, {"dres": "d(L)/d(res)", "dx": "d(L)/d(x)"}, id="derivatives that arrive from above"),
        pytest.param(OTHER_NAMES, {"w_gs": "d(loss)/d(w)"}, id="derivatives known by their values alone"),
    ],
)
def test_scripts_in_the_manner_of_forum_posts_do_too(script: bytes, steps: dict[str, str | None]) -> None:
    exercise, _ = accepted(load_bytes(script, "post.py"))

    found = {step.name: step.text for step in exercise.steps}
    assert {name: found.get(name) for name, what in steps.items() if what} == {n: w for n, w in steps.items() if w}


def test_derivatives_after_the_last_with_a_usual_name_are_steps_too() -> None:
    exercise, _ = accepted(load_bytes(MODULE + b"dgain = dn.sum(0)\n", "post.py"))

    assert {step.name: step.text for step in exercise.steps}["dgain"] == "d(loss)/d(norm_bias)"


def test_weights_in_a_dictionary_with_computed_keys_are_told_as_not_read() -> None:
    script = b"""
import numpy as np
X = np.array([[0.3, -0.8], [1.2, 0.4]])
params, cache = {}, {"A0": X}
for l in range(1, 3):
    params["W" + str(l)] = np.random.randn(2, 2)
for l in range(1, 3):
    cache["A" + str(l)] = np.tanh(cache["A" + str(l - 1)] @ params["W" + str(l)])
cost = np.sum(cache["A2"] ** 2)
dA2 = 2 * cache["A2"]
"""

    with pytest.raises(UsageError, match=r"Line 8, `cache.*, could not be read"):
        draft_of(load_bytes(script, "post.py"), "drafted")


def test_what_cannot_be_read_is_a_comment_with_its_line() -> None:
    script = b"import numpy as np\nw = 0.5\nx = 1.5\na = np.nextafter(0.3, w)\ny = w * x\ndw = x\n"

    _, text = accepted(load_bytes(script, "post.py"))

    assert "# not read: line 4: a = np.nextafter(0.3, w)" in text


def test_a_step_that_holds_at_the_scripts_numbers_only_is_left_out_and_told() -> None:
    script = b"w = 2.0\nx = 0.5\ny = w * x\nz = y**2\ndy = 2 * y\ndx = dy * w\ndw = w * x\n"

    exercise, text = accepted(load_bytes(script, "post.py"))

    assert [step.name for step in exercise.steps] == ["dy", "dx"]
    assert "# not confirmed: line 7: `dw` is not d(z)/d(w)" in text


def test_a_derivative_that_the_script_has_wrong_is_left_out_and_told() -> None:
    script = b"import math\nx, w, t = 0.8, 1.7, 0.4\nz = w * x\na = math.tanh(z)\nloss = (a - t) ** 2\n"
    script += b"da = 2 * (a - t)\ndz = da * (1 - z**2)\ndw = dz * x\n"

    exercise, text = accepted(load_bytes(script, "post.py"))

    assert [step.name for step in exercise.steps] == ["da"]
    assert "# not confirmed: line 7: `dz` does not have the value of d(loss)/d(z)" in text
    assert "# not confirmed: line 8: `dw` does not have the value of d(loss)/d(w)" in text


def test_random_numbers_within_a_formula_are_to_have_a_name() -> None:
    start = b"import numpy as np\nrng = np.random.default_rng(0)\nx, v = rng.normal(size=5), 1.5\n"
    end = b"w = 0.4\np = w * x\nloss = ((p - y) ** 2).mean()\ndp = 2 * (p - y) / 5\ndw = (dp * x).sum()\n"

    with pytest.raises(UsageError, match="Give the numbers that `normal` draws a name on a line of their own"):
        draft_of(load_bytes(start + b"y = v * x + rng.normal(size=5)\n" + end, "post.py"), "post")
    named = start + b"noise = rng.normal(size=5)\ny = v * x + noise\n" + end
    exercise, _ = accepted(load_bytes(named, "post.py"))

    assert [step.text for step in exercise.steps] == ["d(loss)/d(p)", "d(loss)/d(w)"]


def test_a_formula_is_written_as_authors_write_it() -> None:
    script = b"import numpy as np\nx, s = np.array([0.4, 1.2, -0.7]), 0.8\n"
    script += b"L = np.sum(x**2) / s + len(x) * np.log(2 * np.pi * s)\nds = -np.sum(x**2) / s**2 + len(x) / s\n"

    assert "  L = sum(x**2) / s + len(x) * log(2 * pi * s)\n" in accepted(load_bytes(script, "post.py"))[1]


def test_a_script_without_derivatives_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="No derivatives were found"):
        draft_of(load_bytes(b"x = 2.0\ny = x * x\n", "post.py"), "drafted")


def test_derivatives_without_a_forward_pass_are_refused_with_what_is_missing() -> None:
    with pytest.raises(UsageError, match="write the forward pass above them"):
        draft_of(load_bytes(b"a, b = 2.0, 0.5\nda = 1 / b\ndb = -a / b**2\n", "post.py"), "drafted")


@pytest.mark.parametrize(
    ("script", "forward", "steps"),
    [
        pytest.param(
            b"x, y, phi = 0.7, -0.4, 0.9\nimport math\nj11 = math.cos(phi)\nj21 = -math.sin(phi)\n",
            "p = x * cos(phi) + y * sin(phi)\nq = y * cos(phi) - x * sin(phi)",
            {"j11": "d(p)/d(x)", "j21": "d(q)/d(x)"},
            id="entries of a Jacobian",
        ),
        pytest.param(
            b"import numpy as np\nx = np.array([-0.7, 0.6])\ndy = np.array([0.4, -0.3])\nalpha = 1.67\n"
            b"class ELU:\n    def __init__(self, alpha):\n        self.alpha = alpha\n"
            b"    def backward(self, x, dy):\n        return dy * np.where(x > 0, 1, self.alpha * np.exp(x))\n",
            "y = where(x > 0, x, alpha * (exp(x) - 1))\nL = sum(dy * y)",
            {"dx": "d(L)/d(x)"},
            id="a class with a backward method alone",
        ),
        pytest.param(
            b"import numpy as np\nX = np.array([[0.5, -1.0], [1.5, 0.3]])\nw = np.array([0.2, -0.4])\n"
            b"def gradient(X, w):\n    g = np.zeros(2)\n    for row in X:\n        if row @ w > 0:\n"
            b"            g += 2 * (row @ w) * row\n    return g\n",
            "L = sum(relu(X @ w)**2)",
            {"g": "d(L)/d(w)"},
            id="a function with branches",
        ),
    ],
)
def test_derivatives_alone_are_read_with_the_forward_program_stated(
    script: bytes, forward: str, steps: dict[str, str]
) -> None:
    submission = load_bytes(script, "post.py")

    exercise = loads(draft_of(submission, "drafted", forward))

    assert {step.name: step.text for step in exercise.steps} == steps
    assert {step.outcome for step in check(exercise, submission).steps} == {"correct"}


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        pytest.param("y = w *", "cannot be read", id="no formula"),
        pytest.param("y = v * x", "reads `v`, which post.py never binds to numbers", id="a name the script lacks"),
        pytest.param("y = w * x + u\nu = 2 * w", "reads `u`, which post.py never", id="a name before its definition"),
        pytest.param("y = [w, x]", "ends with no single number", id="an array at the end"),
        pytest.param("y = w * x**2", "is a derivative of `y`", id="another function than the script derives"),
        pytest.param("\n", "is empty", id="nothing"),
    ],
)
def test_a_stated_forward_program_that_does_not_fit_is_refused(forward: str, said: str) -> None:
    script = load_bytes(b"w, x = 2.0, 0.5\ndw = x\n", "post.py")

    with pytest.raises(UsageError, match=said):
        draft_of(script, "drafted", forward)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(
            b"import torch\nimport torch.nn as nn\nx = torch.tensor([[0.5, -1.0]])\nnet = nn.RNNCell(2, 1)\n"
            b"y = net(x).sum()\ndW = x\n",
            "Line 5, `y = net\\(x\\).sum\\(\\)`, could not be read: .* not in a loop over layers, and no",
            id="a torch module",
        ),
        pytest.param(
            b"import torch\nimport torch.nn as nn\nx = torch.tensor([[0.5, -1.0], [2.0, 0.3]])\nnet = nn.Linear(2, 1)\n"
            b"nn.init.constant_(net.weight, 0.5)\ny = net(x)\nloss = (y**2).sum()\ndy = 2 * y\ndW = dy.T @ x\n",
            "Line 5 sets the weights of a module after it was made",
            id="weights that are set again",
        ),
        pytest.param(
            b"import numpy as np\nx = np.array([0.5, -1.0])\ny = np.tanh(2 * x)\ndx = 2 * (1 - y**2)\n",
            "computes no single number that its derivatives could be of",
            id="no loss",
        ),
        pytest.param(
            re.sub(rb"W(\d) = (.*)\n", b"", LAYERS_IN_A_LIST).replace(
                b"[Layer(W1), Layer(W2)]", b"[Layer(np.random.randn(2, 3)), Layer(np.random.randn(3, 1))]"
            ),
            "needs names outside functions: `W` .line 4., `W_2` .line 5.",
            id="weights without names",
        ),
    ],
)
def test_what_cannot_be_read_at_all_is_refused_with_what_to_write_instead(script: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        draft_of(load_bytes(script, "post.py"), "drafted")


def test_the_command_takes_a_forward_program_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("w, x = 2.0, 0.5\ndw = x\n")
    (tmp_path / "forward.txt").write_text("y = w * x\n")
    call = ["new", "mine", "--from", str(tmp_path / "mine.py"), "-o", str(tmp_path)]

    assert run([*call, "--forward", str(tmp_path / "forward.txt")]) == 0
    assert run(["new", "mine", "--forward", str(tmp_path / "forward.txt")]) == 2
    assert run([*call, "--forward", str(tmp_path / "missing.txt")]) == 2

    assert load_exercise(tmp_path / "mine.yaml").program_text.strip() == "y = w * x"


def test_the_command_takes_the_name_of_the_file(tmp_path: Path) -> None:
    assert run(["new", "mine", "-o", str(tmp_path / "first.yaml")]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["first.yaml"]


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(SECOND)

    assert run(["new", "my-exercise", "--from", str(tmp_path / "mine.py"), "-o", str(tmp_path)]) == 0

    assert load_exercise(tmp_path / "my-exercise.yaml").id == "my-exercise"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("def f(\n", "Line 1 cannot be read: its `(` is never closed"),
        ("", "The file is empty."),
        ("x = 2.0\ny = q**2\ndx = 2 * q\n", "Line 2, `y = q**2`, raised NameError"),
        ("import sys\nsys.exit(0)\n", "Line 2, `sys.exit(0)`, raised SystemExit"),
        ("x = 2.0\ny = x**3\ndx = 2 * x**2\n", "no single number that it computes has `dx` (line 3) as a derivative"),
        (
            "import torch, torch.nn as nn\ncells = nn.ModuleList([nn.RNNCell(3, 3)])\nx = torch.randn(2, 3)\n"
            "for c in cells:\n    x = c(x, x)\nloss = x.sum()\ndx = torch.ones_like(x)\n",
            "Line 5, `x = c(x, x)`, could not be read: found the unknown operation `c`. Of torch modules",
        ),
    ],
    ids=["syntax", "empty", "raises", "exits", "wrong", "modules"],
)
def test_why_nothing_was_found_names_the_line(script: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        draft_of(load_bytes(script.encode(), "mine.py"), "drafted")

    assert told in str(refused.value)


def test_a_script_that_raises_is_drafted_from_what_runs_and_says_so() -> None:
    text = draft_of(load_bytes(b"x = 2.0\ny = x**2\ndx = 2 * x\ndw = q\n", "mine.py"), "drafted")

    assert "  dx: d(y)/d(x)" in text
    assert "# Line 4, `dw = q`, raised NameError: name 'q' is not defined" in text
