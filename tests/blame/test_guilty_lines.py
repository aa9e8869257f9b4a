"""The guilty line: where a wrong value is made, not where it is read. In each text it ends with `#> guilty`."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.model import StepResult
from tests import warm

EXERCISES = {
    "relu": """
exercise: lines-relu
title: A rectifier
given:
  x: [0.4, -1.1, 0.8, -0.3, 1.7, 2.2]
  dy: [0.5, 0.7, -0.9, 1.2, 0.3, -0.8]
forward: |
  L = sum(dy * relu(x))
steps:
  dx: d(L)/d(x)
""",
    "huber": """
exercise: lines-huber
title: The modified Huber loss
given:
  w: {shape: [3], draw: normal}
  X: {shape: [6, 3], draw: normal}
  y: [1.0, -1.0, 1.0, 1.0, -1.0, -1.0]
forward: |
  d1 = y * (X @ w)
  loss = sum(where(d1 < -1, -4 * d1, relu(1 - d1)**2))
steps:
  dw: d(loss)/d(w)
""",
    "softmax": """
exercise: lines-softmax
title: Softmax and cross-entropy
given:
  z: {shape: [3], draw: normal}
  t: [0.2, 0.5, 0.3]
forward: |
  a = softmax(z, 0)
  E = -sum(t * log(a))
steps:
  da: d(E)/d(a)
  dz: d(E)/d(z)
""",
    "factors": """
exercise: lines-factors
title: One rating of a matrix factorisation
given:
  p: {shape: [3], draw: normal}
  q: {shape: [3], draw: normal}
  r: 3.5
  lr: {value: 0.2, fixed: true}
forward: |
  e = r - dot(p, q)
  loss = 0.5 * e**2
steps:
  dp: d(loss)/d(p)
  dq: d(loss)/d(q)
""",
    "tanh": """
exercise: lines-tanh
title: A layer of tanh
given:
  x: {shape: [4], draw: normal}
  w: {shape: [4], draw: normal}
  g: {shape: [4], draw: normal}
forward: |
  h = tanh(w * x)
  L = sum(g * h)
steps:
  dh: d(L)/d(h)
  dw: d(L)/d(w)
  dx: d(L)/d(x)
""",
}

RELU = "import numpy as np\nx = np.array([0.4, -1.1, 0.8, -0.3, 1.7, 2.2])\n"
RELU += "dy = np.array([0.5, 0.7, -0.9, 1.2, 0.3, -0.8])\n"
HUBER = "import numpy as np\nw, X = np.ones(3), np.ones((6, 3))\ny = np.array([1.0, -1, 1, 1, -1, -1])\n"
SOFTMAX = "import numpy as np\nz, t = np.array([0.3, -0.9, 1.1]), np.array([0.2, 0.5, 0.3])\n"
SOFTMAX += "a = np.exp(z) / np.exp(z).sum()\nda = -t / a\n"
FACTORS = "import numpy as np\np, q = np.ones(3), np.ones(3)\nr, lr = 3.5, 0.2\ne = r - p.dot(q)\n"
TORCH = "import torch\np, q = torch.ones(3), torch.ones(3)\nr, lr = 3.5, 0.2\ne = r - p.dot(q)\n"
TANH = "import numpy as np\nx, w, g = np.ones(4), np.ones(4), np.ones(4)\nh = np.tanh(w * x)\ndh = g\n"

REGISTRY = """\
rules = {}
def rule(function):
    rules["back"] = function
    return function
@rule
def back(up, out, other):
    return up * (1 - out**2) * other
"""
DECORATED = """\
def logged(function):
    def called(*given):
        result = function(*given)
        return result
    return called
@logged
def back(up, out, other):
    return up * (1 - out**2) * other
"""
KEYS = "from enum import Enum\nName = Enum('Name', 'x w')\nv, d = {Name.x: x, Name.w: w}, {}\n"
GUILTY = {
    "the call of a helper through a registry": (
        "tanh",
        "dw",
        TANH + REGISTRY + "dw = rules['back'](g, x, x)  #> guilty\ndx = g * (1 - h**2) * w\n",
    ),
    "the call of a helper that is decorated": (
        "tanh",
        "dw",
        TANH + DECORATED + "dw = back(g, w, x)  #> guilty\ndx = g * (1 - h**2) * w\n",
    ),
    "the call of a helper that is decorated, beside another": (
        "tanh",
        "dw",
        TANH + DECORATED + "dw = back(g, h, w)  #> guilty\ndx = back(g, h, w)\n",
    ),
    "the line in a helper that is decorated": (
        "tanh",
        "dw",
        TANH
        + DECORATED.replace("1 - out**2) * other", "1 - out) * other  #> guilty")
        + "dw = back(g, h, x)\ndx = 0 * w\n",
    ),
    "the entry under a key of an enumeration": (
        "tanh",
        "dw",
        TANH + KEYS + "d[Name.w] = np.cos(g) + 3 * h  #> guilty\nd[Name.x] = g * (1 - h**2) * v[Name.w]\n"
        "dw, dx = d[Name.w], d[Name.x]\n",
    ),
    "the rows that are only put together afterwards": (
        "tanh",
        "dw",
        TANH + "dw, dx, rows = [], g * (1 - h**2) * w, []\nfor k in range(4):\n    slope = 1 - h[k]  #> guilty\n"
        "    dw = g[k] * slope * x[k]\n    rows.append(dw)\ndw = np.array(rows)\n",
    ),
    "the local that a right line reads": (
        "softmax",
        "dz",
        SOFTMAX + "mean = (da * a).mean()  #> guilty\ndz = np.array([a[k] * (da[k] - mean) for k in range(3)])\n",
    ),
    "the condition that lets entries out": (
        "relu",
        "dx",
        RELU + "dx = np.zeros(6)\nfor i in range(6):\n    if x[i] > 1:  #> guilty\n        dx[i] = dy[i]\n",
    ),
    "the condition that passes entries over": (
        "relu",
        "dx",
        RELU
        + "dx = np.zeros(6)\nfor i in range(6):\n    if x[i] < 1:  #> guilty\n        continue\n    dx[i] = dy[i]\n",
    ),
    "the range that ends too early": (
        "relu",
        "dx",
        RELU + "dx = np.zeros(6)\nfor i in range(5):  #> guilty\n    dx[i] = dy[i] * (x[i] > 0)\n",
    ),
    "the condition in a loop over a list": (
        "relu",
        "dx",
        "x = [0.4, -1.1, 0.8, -0.3, 1.7, 2.2]\ndy = [0.5, 0.7, -0.9, 1.2, 0.3, -0.8]\ndx = [0.0] * 6\n"
        "for i in range(6):\n    if x[i] > 1:  #> guilty\n        dx[i] = dy[i]\n",
    ),
    "the condition that lets too much in": (
        "relu",
        "dx",
        RELU.replace("numpy as np", "torch").replace("np.array", "torch.tensor")
        + "dx = torch.zeros(6)\nfor i in range(6):\n    if x[i] > -0.9:  #> guilty\n        dx[i] = dy[i]\n",
    ),
    "the branch of the entries that are wrong": (
        "relu",
        "dx",
        RELU + "dx = np.zeros(6)\nfor i in range(6):\n    if x[i] > 0:\n        dx[i] = dy[i]\n"
        "    else:\n        dx[i] = 0.1 * dy[i]  #> guilty\n",
    ),
    "the element that is appended": (
        "relu",
        "dx",
        RELU + "rows = []\nfor k in range(6):\n    rows.append(dy[k] * (x[k] > 1))  #> guilty\ndx = np.array(rows)\n",
    ),
    "the return inside of the loop": (
        "relu",
        "dx",
        RELU + "def back(x, dy):\n    dx = np.zeros(6)\n    for i in range(6):\n        if x[i] > 0:\n"
        "            dx[i] = dy[i]\n        return dx  #> guilty\ndx = back(x, dy)\n",
    ),
    "the branch whose terms are half of what they are to be": (
        "huber",
        "dw",
        HUBER + "def gradient(w, X, y):\n    dw = np.zeros(3)\n    for n in range(6):\n        m = y[n] * X[n].dot(w)\n"
        "        if m < -1:\n            dw -= 4 * y[n] * X[n]\n        elif m < 1:\n"
        "            dw -= (y[n] - m * y[n]) * X[n]  #> guilty\n    return dw\ndw = gradient(w, X, y)\n",
    ),
    "the loop that fills a matrix": (
        "softmax",
        "dz",
        SOFTMAX + "J = np.zeros((3, 3))\nfor i in range(3):\n    for j in range(3):\n"
        "        J[i, j] = z[i] * ((i == j) - z[j])  #> guilty\ndz = J @ da\n",
    ),
    "the update of an input": (
        "factors",
        "dq",
        FACTORS + "dp = -e * q\np = p - lr * dp  #> guilty\ndq = -e * p\n",
    ),
    "the update of an input in place": (
        "factors",
        "dq",
        FACTORS + "dp = -e * q\np -= lr * dp  #> guilty\ndq = -e * p\n",
    ),
    "the update of a tensor": (
        "factors",
        "dq",
        TORCH + "dp = -e * q\np -= lr * dp  #> guilty\ndq = -e * p\n",
    ),
    "the update behind a view": (
        "factors",
        "dq",
        FACTORS + "held = p[:]\ndp = -e * q\np -= lr * dp  #> guilty\ndq = -e * held\n",
    ),
    "a forward value that is changed before it is read": (
        "tanh",
        "dw",
        TANH
        + "peak = h.max()\nh *= 0.5  #> guilty\ndw = dh * (1 - h**2) * x\ndx = dh * (1 - np.tanh(w * x) ** 2) * w\n",
    ),
    "an alias that is changed before it is read": (
        "tanh",
        "dw",
        TANH + "k = h\nk *= 2  #> guilty\ndw = dh * (1 - h**2) * x\ndx = dh * (1 - np.tanh(w * x) ** 2) * w\n",
    ),
    "the function that is called for one step": (
        "tanh",
        "dw",
        TANH + "def slope(v):\n    if v.ndim == 0:\n        return 0.0\n    return np.sqrt(1 + v)  #> guilty\n"
        "dw = dh * slope(h) * x\ndx = dh * (1 - h**2) * w\n",
    ),
    "the call that is handed the wrong thing": (
        "tanh",
        "dw",
        TANH + "def back(up):\n    return up * (1 - h**2)\ndw = back(dh + x)  #> guilty\ndx = dh * (1 - h**2) * w\n",
    ),
}


def wrong_step(exercise: str, name: str, source: str, folder: Path) -> StepResult:
    """What is said of a step."""
    described, handed_in = folder / "exercise.yaml", folder / "mine.py"
    described.write_text(EXERCISES[exercise])
    handed_in.write_text(source)
    return next(step for step in warm.check(described, handed_in).steps if step.name == name)


def guilty_line(source: str) -> int:
    return next(number for number, line in enumerate(source.split("\n"), 1) if line.endswith("#> guilty"))


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", GUILTY)
def test_the_line_that_makes_the_value_wrong_is_the_one_shown(kind: str, tmp_path: Path) -> None:
    exercise, name, source = GUILTY[kind]

    step = wrong_step(exercise, name, source, tmp_path)

    assert step.outcome == "wrong"
    assert step.where is not None
    assert step.where.line == guilty_line(source)


def test_what_was_right_until_it_was_changed_is_told(tmp_path: Path) -> None:
    exercise, name, source = GUILTY["the update of an input in place"]

    step = wrong_step(exercise, name, source, tmp_path)

    assert step.remark == "`p` was right on line 2; line 6 changed it before it was used"


def test_a_right_line_is_not_told_to_be_rewritten(tmp_path: Path) -> None:
    exercise, name, source = GUILTY["the loop that fills a matrix"]

    step = wrong_step(exercise, name, source, tmp_path)

    assert step.diagnosis is not None
    assert not (step.diagnosis.fix or "").startswith("dz =")
