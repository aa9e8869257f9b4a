"""An exercise read from a worked script accepts that script in full, and asks for what the script derives."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.main import run
from grader.draft.drafting import draft_of
from grader.errors import UsageError
from grader.exercise.collection import collection
from grader.exercise.load import load as load_exercise
from grader.exercise.load import loads
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


@pytest.mark.parametrize(
    ("script", "steps"),
    [
        pytest.param(UNUSED_CLASS, {"da": "d(L)/d(a)", "db": "d(L)/d(b)"}, id="a class that nothing uses"),
        pytest.param(UNUSED_PAIR, {"dz": "d(L)/d(z)", "dx": "d(L)/d(x)"}, id="a pair of functions that nothing calls"),
        pytest.param(WHOLE, {"dfdz": "d(f)/d(z)", "dfdx": "d(f)/d(x)"}, id="quantities that are whole numbers"),
        pytest.param(OVER_LISTS, {"dm": "d(loss)/d(m)", "db": "d(loss)/d(b)"}, id="loops over the entries of lists"),
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


def test_what_cannot_be_read_is_a_comment_with_its_line() -> None:
    script = b"import numpy as np\nw = 0.5\nx = 1.5\na = np.nextafter(0.3, w)\ny = w * x\ndw = x\n"

    _, text = accepted(load_bytes(script, "post.py"))

    assert "# not read: line 4: a = np.nextafter(0.3, w)" in text


def test_a_step_that_holds_at_the_scripts_numbers_only_is_left_out_and_told() -> None:
    script = b"w = 2.0\nx = 0.5\ny = w * x\nz = y**2\ndy = 2 * y\ndx = dy * w\ndw = w * x\n"

    exercise, text = accepted(load_bytes(script, "post.py"))

    assert [step.name for step in exercise.steps] == ["dy", "dx"]
    assert "# not confirmed: line 7: `dw` is not d(z)/d(w)" in text


def test_a_script_without_derivatives_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match="No derivatives were found"):
        draft_of(load_bytes(b"x = 2.0\ny = x * x\n", "post.py"), "drafted")


def test_derivatives_without_a_forward_pass_are_refused_with_what_is_missing() -> None:
    with pytest.raises(UsageError, match="write the forward pass above them"):
        draft_of(load_bytes(b"a, b = 2.0, 0.5\nda = 1 / b\ndb = -a / b**2\n", "post.py"), "drafted")


def test_the_command_writes_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(SECOND)

    assert run(["new", "my-exercise", "--from", str(tmp_path / "mine.py"), "-o", str(tmp_path)]) == 0

    assert load_exercise(tmp_path / "my-exercise.yaml").id == "my-exercise"
