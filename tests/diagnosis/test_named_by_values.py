"""Names of mistakes that values show, whatever the code is written like: as one formula, in a loop, in a class, as code
that cannot be read; and near misses that get another name or none."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

import numpy
import pytest

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import as_number, is_right
from grader.diagnosis.finding import Finding
from grader.diagnosis.recognition.value_patterns import described, shown
from grader.exercise.load import loads
from grader.judge.matching.compare import Measure
from grader.model import Diagnosis
from grader.reference.cache import reference_for
from grader.reference.points import Point
from grader.submission.load import load_bytes
from tests import warm

HEAD = """
import numpy as np
def sigmoid(v):
    return 1 / (1 + np.exp(-v))
"""

EXERCISES = {
    "norm": """
given:
  x: {shape: [3, 4], draw: normal}
  g: {shape: [4], draw: normal}
  dy: {shape: [3, 4], draw: normal}
forward: |
  m = mean(x, 1, keepdim=True)
  v = mean((x - m)**2, 1, keepdim=True)
  y = g * (x - m) / sqrt(v + 0.01)
  L = sum(dy * y)
steps:
  dx: d(L)/d(x)
""",
    "decay": """
given:
  X: {shape: [5, 3], draw: normal}
  w: {shape: [3], draw: normal}
  t: {shape: [5], draw: normal}
  reg: 0.4
forward: |
  r = X @ w - t
  loss = mean(r**2) + reg * sum(w**2)
steps:
  dr: d(loss)/d(r)
  dw: d(loss)/d(w)
""",
    "gate": """
given:
  a: {shape: [4], draw: normal}
  up: {shape: [4], draw: normal}
forward: |
  h = NAME(a)
  L = sum(up * h)
steps:
  da: d(L)/d(a)
""",
    "elu": """
given:
  a: {shape: [5], draw: normal}
  up: {shape: [5], draw: normal}
  al: 1.6
forward: |
  h = where(a > 0, a, al * (exp(a) - 1))
  L = sum(up * h)
steps:
  da: d(L)/d(a)
""",
    "scale": """
given:
  x: {shape: [4], draw: normal}
  log_sigma: 0.3
forward: |
  sigma = exp(log_sigma)
  L = sum(x**2) / sigma**2 + 4 * log_sigma
steps:
  dlog_sigma: d(L)/d(log_sigma)
""",
    "fit": """
given:
  p: {shape: [3], draw: normal}
  q: {shape: [3], draw: normal}
  t: 2.5
forward: |
  e = dot(p, q) - t
  loss = 0.5 * e**2
steps:
  dp: d(loss)/d(p)
  dq: d(loss)/d(q)
""",
    "hessian": """
given: {w: 0.4, x: 1.3, t: 0.9}
forward: |
  s = sigmoid(w * x)
  loss = (s - t)**2
steps:
  dw: d(loss)/d(w)
  d2w: d(d(loss)/d(w))/d(w)
""",
    "batch": """
given:
  X: {shape: [6, 3], draw: normal}
  W: {shape: [3, 2], draw: normal}
  G: {shape: [6, 2], draw: normal}
forward: |
  P = X @ W
  L = sum(G * P)
steps:
  dW: d(L)/d(W)
""",
    "local": """
given:
  a: {shape: [4], draw: "uniform(0.5, 2)"}
  up: {shape: [4], draw: normal}
forward: |
  h = NAME(a)
  L = sum(up * h)
steps:
  da: d(L)/d(a)
""",
    "cube": """
given:
  a: {shape: [4], draw: "uniform(0.5, 2)"}
  up: {shape: [4], draw: normal}
forward: |
  h = a**3
  L = sum(up * h)
steps:
  da: d(L)/d(a)
""",
    "added": """
given:
  X: {shape: [3, 3], draw: normal}
  b: {shape: [3], draw: normal}
  G: {shape: [3, 3], draw: normal}
forward: |
  P = X + b
  L = sum(G * P)
steps:
  db: d(L)/d(b)
""",
    "hidden": """
given:
  x: {shape: [6, 4], draw: normal}
  w: {shape: [4, 3], draw: normal}
  v: {shape: [3], draw: normal}
forward: |
  h = NAME(x @ w)
  L = sum(h @ v)
steps:
  dw: d(L)/d(w)
""",
    "growing": """
given:
  x: {shape: [3], draw: "uniform(0.5, 2)"}
  b: 2.3
  up: {shape: [3], draw: normal}
forward: |
  y = b**x
  L = sum(up * y)
steps:
  dx: d(L)/d(x)
""",
    "strided": """
given:
  stride: 2
  x: {shape: [7], draw: normal}
  k: {shape: [3], draw: normal}
  u: {shape: [3], draw: normal}
forward: |
  for i in range(3):
    y[i] = sum(x[i * stride:i * stride + 3] * k)
  L = u[0] * y[0] + u[1] * y[1] + u[2] * y[2]
steps:
  dk: d(L)/d(k)
""",
    "bordered": """
given:
  pad: 2
  x: {shape: [4], draw: normal}
  u: {shape: [8], draw: normal}
forward: |
  xp = concat([zeros(pad), x, zeros(pad)], 0)
  L = sum(u * xp**2)
steps:
  dxp: d(L)/d(xp)
  dx: d(L)/d(x)
""",
    "counted": """
given:
  n: 5
  x: {shape: [4], draw: normal}
  u: {shape: [4], draw: normal}
forward: |
  h = x**2
  k = u * h
  loss = sum(k) / n
steps:
  dx: d(loss)/d(x)
""",
    "states": """
given:
  a: {shape: [4], draw: normal}
  up: {shape: [4], draw: normal}
forward: |
  h[0] = tanh(a)
  for t in range(1, 3):
    h[t] = tanh(h[t - 1])
  L = sum(up * h[2])
steps:
  da: d(L)/d(a)
""",
    "selu": """
given:
  a: {shape: [5], draw: normal}
  up: {shape: [5], draw: normal}
  al: 1.6
  s: 1.3
forward: |
  h = where(a > 0, s * a, s * al * (exp(a) - 1))
  L = sum(up * h)
steps:
  da: d(L)/d(a)
""",
    "rows": """
given:
  z: {shape: [3, 4], draw: normal}
  up: {shape: [3, 4], draw: normal}
forward: |
  p = softmax(z, dim=1)
  L = sum(up * p)
steps:
  dz: d(L)/d(z)
""",
    "widths": """
given:
  x: {shape: [4], draw: normal}
  logvar: 0.3
  w: 0.7
forward: |
  s = exp(logvar / 2)
  L = sum(x**2) * s + 4 * logvar
steps:
  dlogvar: d(L)/d(logvar)
""",
    "squares": """
given:
  x: {shape: [4], draw: normal}
  ln_s: 0.3
forward: |
  s = exp(2 * ln_s)
  L = sum(x**2) * s
steps:
  dln_s: d(L)/d(ln_s)
""",
    "sides": """
given:
  pad: 2
  x: {shape: [3, 4], draw: normal}
  u: {shape: [3, 8], draw: normal}
forward: |
  xp = concat([zeros([3, pad]), x, zeros([3, pad])], 1)
  L = sum(u * xp**2)
steps:
  dxp: d(L)/d(xp)
  dx: d(L)/d(x)
""",
    "table": """
given:
  ix: {shape: [6], draw: "integers(0, 3)"}
  C: {shape: [3, 2], draw: normal}
  u: {shape: [6, 2], draw: normal}
forward: |
  e = C[ix]
  L = sum(u * e**2)
steps:
  de: d(L)/d(e)
  dC: d(L)/d(C)
""",
    "time": """
given:
  T: 4
  w: 0.6
  x: {shape: [5], draw: normal}
  u: {shape: [5], draw: normal}
forward: |
  h[0] = 0.3 * w
  for t in range(1, T + 1):
    h[t] = tanh(w * h[t - 1] + x[t])
  L = sum(u * x) + h[T]
steps:
  dz[t]:
    is: d(L)/d(h[t])
    for: t in reversed(range(1, T + 1))
  dw: d(L)/d(w)
""",
    "means": """
given:
  X: {shape: [6, 3], draw: normal}
  w: {shape: [3], draw: normal}
  t: {shape: [6], draw: normal}
forward: |
  p = X @ w
  loss = mse_loss(p, t)
steps:
  dp: d(loss)/d(p)
""",
    "classes": """
given:
  z: {shape: [6, 4], draw: normal}
  y: {shape: [6], draw: "integers(0, 4)"}
forward: |
  loss = cross_entropy(z, y)
steps:
  dz: d(loss)/d(z)
""",
    "lengths": """
given:
  z: {shape: [6, 4], draw: normal}
forward: |
  loss = sum(z**3) / 6
steps:
  dz: d(loss)/d(z)
""",
    "averaged": """
given:
  z: {shape: [6, 4], draw: normal}
  u: {shape: [6], draw: normal}
forward: |
  loss = sum(u * mean(z**2, 1))
steps:
  dz: d(loss)/d(z)
""",
}

STARTS = {
    "norm": "x, g, dy = np.ones((3, 4)), np.ones(4), np.ones((3, 4))\nm = x.mean(1, keepdims=True)\n"
    "v = ((x - m)**2).mean(1, keepdims=True)\nsd = np.sqrt(v + 0.01)\ny = g * (x - m) / sd\nxh = (x - m) / sd\n",
    "decay": "X, w, t, reg = np.ones((5, 3)), np.ones(3), np.ones(5), 0.4\nr = X @ w - t\n"
    "loss = (r**2).mean() + reg * (w**2).sum()\ndr = 2 * r / 5\n",
    "gate": "a, up = np.ones(4), np.ones(4)\n",
    "elu": "a, up, al = np.ones(5), np.ones(5), 1.6\nh = np.where(a > 0, a, al * (np.exp(a) - 1))\n",
    "scale": "x, log_sigma = np.ones(4), 0.3\nsigma = np.exp(log_sigma)\n",
    "fit": "p, q, t = np.ones(3), np.ones(3), 2.5\ne = p @ q - t\nloss = 0.5 * e**2\n",
    "hessian": "w, x, t = 0.4, 1.3, 0.9\ns = sigmoid(w * x)\nloss = (s - t)**2\ndw = 2 * (s - t) * s * (1 - s) * x\n",
    "batch": "X, W, G = np.ones((6, 3)), np.ones((3, 2)), np.ones((6, 2))\n",
    "local": "a, up = np.ones(4), np.ones(4)\n",
    "cube": "a, up = np.ones(4), np.ones(4)\n",
    "added": "X, b, G = np.ones((3, 3)), np.ones(3), np.ones((3, 3))\n",
    "hidden": "x, w, v = np.ones((6, 4)), np.ones((4, 3)), np.ones(3)\n",
    "growing": "x, b, up = np.ones(3), 2.3, np.ones(3)\ny = b**x\n",
    "strided": "stride = 2\nx, k, u = np.ones(7), np.ones(3), np.ones(3)\n",
    "bordered": "pad = 2\nx, u = np.ones(4), np.ones(8)\nxp = np.concatenate([np.zeros(pad), x, np.zeros(pad)])\n"
    "dxp = 2 * u * xp\n",
    "counted": "n, x, u = 5, np.ones(4), np.ones(4)\n",
    "states": "a, up = np.ones(4), np.ones(4)\nh0 = np.tanh(a)\nh1 = np.tanh(h0)\nh2 = np.tanh(h1)\n",
    "selu": "a, up, al, s = np.ones(5), np.ones(5), 1.6, 1.3\nh = np.where(a > 0, s * a, s * al * (np.exp(a) - 1))\n",
    "rows": "z, up = np.ones((3, 4)), np.ones((3, 4))\ndef soft(v):\n    e = np.exp(v)\n"
    "    return e / e.sum(1, keepdims=True)\np = soft(z)\nq = soft(up)\n",
    "widths": "x, logvar, w = np.ones(4), 0.3, 0.7\n",
    "squares": "x, ln_s = np.ones(4), 0.3\n",
    "sides": "pad = 2\nx, u = np.ones((3, 4)), np.ones((3, 8))\ndxp = 2 * u * np.pad(x, ((0, 0), (pad, pad)))\n",
    "table": "ix, C, u = np.array([0, 1, 2, 0, 1, 2]), np.ones((3, 2)), np.ones((6, 2))\ne = C[ix.astype(int)]\n"
    "de = 2 * u * e\n",
    "time": "T, w, x, u = 4, 0.6, np.ones(5), np.ones(5)\nh = [0.3 * w]\nfor t in range(1, T + 1):\n"
    "    h.append(np.tanh(w * h[-1] + x[t]))\ng = [0, 0, 0, 0, 1]\nfor t in range(3, -1, -1):\n"
    "    g[t] = w * (1 - h[t + 1]**2) * g[t + 1]\n",
    "means": "X, w, t = np.ones((6, 3)), np.ones(3), np.ones(6)\n",
    "classes": "z, y = np.ones((6, 4)), np.array([0, 1, 2, 3, 0, 1])\ne = np.exp(z)\n"
    "p = e / e.sum(1, keepdims=True)\np[range(6), y.astype(int)] -= 1\n",
    "lengths": "z = np.ones((6, 4))\n",
    "averaged": "z, u = np.ones((6, 4)), np.ones(6)\n",
}


@cache
def derivation_of(name: str, function: str) -> Derivation:
    text = f"exercise: {name}\ntitle: {name}\n" + EXERCISES[name].lstrip().replace("NAME", function)
    exercise = loads(text)
    reference = reference_for(exercise)
    return Derivation(exercise, reference, tuple(Measure(1e-6, 1e-9) for _ in reference.points))


def values_of(name: str, lines: str, point: Point) -> dict[str, Any]:
    """What the code's names hold at a point, its inputs rebound where they are first bound."""
    given = {one: as_number(value) for one, value in point.inputs.items()}
    held: dict[str, Any] = {}
    bound: set[str] = set()
    for statement in ast.parse(HEAD + STARTS[name] + lines).body:
        exec(compile(ast.Module([statement], []), "mine.py", "exec"), held)
        new = (given.keys() & held.keys()) - bound
        held |= {one: numpy.array(given[one]) if numpy.ndim(given[one]) else given[one] for one in new}
        bound |= new
    return held


def codes(exercise: str, lines: str) -> set[str | None]:
    """The names of the steps that are wrong."""
    name, _, function = exercise.partition(" ")
    derivation = derivation_of(name, function)
    runs = [values_of(name, lines, point) for point in derivation.reference.points]
    found: set[str | None] = set()
    for step in derivation.exercise.steps:
        own = [as_float(held[step.name]) for held in runs] if step.name in runs[0] else []
        right = [as_number(at[step.name]) for at in derivation.reference.values]
        if own and not all(map(is_right, own, right, derivation.measures)):
            named = shown(derivation, step, own, Finding(Diagnosis("")), in_loop="for " in lines)
            found.add(named.diagnosis.code)
    return found


def as_float(value: Any) -> Any:
    return numpy.array(value, dtype=float) if numpy.ndim(value) else float(value)


ROWS = """
def back(dy, x, g):
    rows = []
    for xr, dr in zip(x, dy):
        s = np.sqrt(((xr - xr.mean())**2).mean() + 0.01)
        h = (xr - xr.mean()) / s
        u = FIRST
        rows.append([(a - sum(u) / 4 - b * sum(p * q for p, q in zip(u, h)) / 4) / s for a, b in zip(u, h)])
    return np.array(rows)
dx = back(dy, x, g)
"""
LOOP = """
dW = np.zeros((3, 2))
for n in range(BOUND):
    dW += np.outer(X[n], G[n])
"""
CELLS = """
def back():
    dW = np.zeros((3, 2))
    for i in range(3):
        for j in range(2):
            for n in range(BOUND):
                dW[i, j] += X[n, i] * G[n, j]
    return dW
dW = back()
"""
WINDOWS = """
dk = np.zeros(3)
for i in range(3):
    for j in range(3):
        dk[j] += u[i] * x[PLACE + j]
"""

COLUMNS = """
dw = []
for j in range(3):
    dw.append(sum(a * b for a, b in zip(X[:, j], dr)) SUMMAND)
dw = np.array(dw)
"""
EACH = "da = np.array([SLOPE for u, v in zip(up, a)])"
NEXT = "da = np.array([SLOPE for u, y in zip(up, h)])"
BACK = """
class Unit:
    def back(self, d):
        return SLOPE
da = Unit().back(up)
"""

NAMED = [
    ("statistic-held-fixed", "norm", "dx = g * dy / sd"),
    (
        "statistic-held-fixed",
        "norm",
        "dx = np.array([[p * q / s for p, q in zip(g, row)] for row, s in zip(dy, sd[:, 0])])",
    ),
    ("statistic-held-fixed", "norm", "dx = (g * dy - (g * dy).mean(1, keepdims=True)) / sd"),
    ("normalisation-gain-missing", "norm", ROWS.replace("FIRST", "dr")),
    (
        "normalisation-gain-missing",
        "norm",
        "dx = (dy - dy.mean(1, keepdims=True) - xh * (dy * xh).mean(1, keepdims=True)) / sd",
    ),
    ("normalisation-gain-twice", "norm", ROWS.replace("FIRST", "dr * g * g")),
    (
        "normalisation-gain-twice",
        "norm",
        "d = g * g * dy\ndx = (d - d.mean(1, keepdims=True) - xh * (d * xh).mean(1, keepdims=True)) / sd",
    ),
    (
        "normalisation-gain-misplaced",
        "norm",
        ROWS.replace("FIRST", "dr").replace("np.array(rows)", "np.array(rows) * g"),
    ),
    (
        "normalisation-gain-misplaced",
        "norm",
        "dx = g * (dy - dy.mean(1, keepdims=True) - xh * (dy * xh).mean(1, keepdims=True)) / sd",
    ),
    ("regularisation-missing", "decay", "dw = X.T @ dr"),
    ("regularisation-missing", "decay", "dw = np.array([sum(a * b for a, b in zip(X[:, j], dr)) for j in range(3)])"),
    ("summand-constant-wrong", "decay", "dw = X.T @ dr + reg * w"),
    (
        "summand-constant-wrong",
        "decay",
        COLUMNS.replace("SUMMAND", "+ reg / 2 * w[j]"),
    ),
    (
        "contribution-subtracted",
        "decay",
        COLUMNS.replace("SUMMAND", "- 2 * reg * w[j]"),
    ),
    ("slope-at-upstream", "gate tanh", "da = (1 - np.tanh(up)**2) * up"),
    ("slope-at-upstream", "gate tanh", "da = np.array([1 - one**2 for one in up]) * up"),
    ("slope-at-upstream", "gate relu", "da = np.maximum(up, 0)"),
    (
        "slope-at-upstream",
        "gate sigmoid",
        BACK.replace("SLOPE", "d * (1 - d)"),
    ),
    ("silu-derivative-term-missing", "gate silu", "da = up * sigmoid(a)"),
    (
        "silu-derivative-term-missing",
        "gate silu",
        EACH.replace("SLOPE", "u * sigmoid(v) * (1 - sigmoid(v))"),
    ),
    (
        "gelu-derivative-term-missing",
        "gate gelu",
        "from math import erf\n" + EACH.replace("SLOPE", "u * (1 + erf(v / 2**0.5)) / 2"),
    ),
    ("gelu-derivative-term-missing", "gate gelu", "da = up * a * np.exp(-a**2 / 2) / np.sqrt(2 * np.pi)"),
    ("softplus-derivative-not-sigmoid", "gate softplus", "h = np.log(1 + np.exp(a))\nda = up * sigmoid(h)"),
    ("softplus-derivative-not-sigmoid", "gate softplus", "da = np.array([u * np.exp(v) for u, v in zip(up, a)])"),
    ("elu-derivative-constant-misplaced", "elu", "da = up * np.where(a > 0, 1, np.exp(a))"),
    ("elu-derivative-constant-misplaced", "elu", "da = np.array([u if v > 0 else u * y for u, v, y in zip(up, a, h)])"),
    (
        "tanh-derivative-for-sigmoid",
        "gate sigmoid",
        "h = sigmoid(a)\n" + NEXT.replace("SLOPE", "u * (1 - y**2)"),
    ),
    (
        "sigmoid-derivative-for-tanh",
        "gate tanh",
        "h = np.tanh(a)\n" + NEXT.replace("SLOPE", "u * y * (1 - y)"),
    ),
    ("parameter-for-its-logarithm", "scale", "dlog_sigma = (-2 * (x**2).sum() / sigma**2 + 4) / sigma"),
    (
        "parameter-for-its-logarithm",
        "scale",
        "dlog_sigma = 4 / sigma - sum(2 * one**2 for one in x) / sigma**3",
    ),
    ("updated-value-used", "fit", "dp = e * q\np -= 0.1 * dp\ndq = e * p\n"),
    ("updated-value-used", "fit", "dp = e * q\np = [a - 0.05 * b for a, b in zip(p, dp)]\ndq = [e * a for a in p]\n"),
    ("gauss-newton-term-dropped", "hessian", "d2w = 2 * (s * (1 - s) * x)**2"),
    ("gauss-newton-term-dropped", "hessian", "def j():\n    return s * (1 - s) * x\nd2w = sum([j() * j(), j() ** 2])"),
    ("loop-bound-off-by-one", "batch", LOOP.replace("BOUND", "5")),
    ("loop-bound-off-by-one", "batch", CELLS.replace("BOUND", "1, 6")),
    ("activation-derivative-missing", "hidden relu", "dw = x.T @ np.outer(np.ones(6), v)"),
    ("activation-derivative-missing", "hidden relu", "dw = np.einsum('ni,j->ij', x, v)"),
    ("tanh-derivative-on-pre-activation", "hidden tanh", "dw = np.einsum('ni,nj->ij', x, (1 - (x @ w)**2) * v)"),
    ("power-rule-on-exponential", "growing", "dx = up * b * x**(b - 1)"),
    ("power-rule-exponent-kept", "cube", EACH.replace("SLOPE", "3 * v**3 * u")),
    ("power-rule-exponent-too-low", "cube", EACH.replace("SLOPE", "3 * v * u")),
    ("power-rule-factor-missing", "cube", EACH.replace("SLOPE", "v * v * u")),
    ("power-rule-factor-wrong", "cube", EACH.replace("SLOPE", "2 * v * v * u")),
    ("sqrt-derivative-half-missing", "local sqrt", EACH.replace("SLOPE", "u / v**0.5")),
    ("sqrt-derivative-root-missing", "local sqrt", EACH.replace("SLOPE", "u / (2 * v)")),
    ("sqrt-derivative-not-inverted", "local sqrt", EACH.replace("SLOPE", "u * v**0.5 / 2")),
    ("log-derivative-not-inverted", "local log", EACH.replace("SLOPE", "u * v")),
    ("log-derivative-on-output", "local log", EACH.replace("SLOPE", "u / np.log(v)")),
    ("exp-derivative-is-argument", "local exp", EACH.replace("SLOPE", "u * v")),
    ("power-rule-on-exponential", "growing", "dx = np.array([u * v * b**(v - 1) for u, v in zip(up, x)])"),
    ("stride-forgotten", "strided", WINDOWS.replace("PLACE", "i")),
    ("stride-forgotten", "strided", "dk = sum(u[i] * x[i : i + 3] for i in range(3))"),
    ("padding-forgotten", "bordered", "dx = dxp[: len(x)]"),
    ("padding-forgotten", "bordered", "dx = np.array([dxp[i] for i in range(len(x))])"),
    ("mean-for-sum", "batch", "dW = X.T @ G * (1.0 / 6)"),
    ("missing-one-over-n", "decay", "dr = np.array([2 * one for one in r])"),
    ("extra-one-over-n", "decay", "dr = np.array([2 * one / 25 for one in r])"),
    ("silu-derivative-term-missing", "gate silu", "da = up * sigmoid(a) * (1 - sigmoid(a)) * a"),
    ("silu-derivative-term-missing", "gate silu", "da = up * (sigmoid(a) + sigmoid(a) * (1 - sigmoid(a)))"),
    ("gelu-derivative-term-missing", "gate gelu", "phi = np.exp(-a**2 / 2) / np.sqrt(2 * np.pi)\nda = up * phi"),
    (
        "gelu-derivative-term-missing",
        "gate gelu",
        "from math import erf\nphi = np.exp(-a**2 / 2) / np.sqrt(2 * np.pi)\n"
        "da = up * (phi + np.array([(1 + erf(v / 2**0.5)) / 2 for v in a]))",
    ),
    ("softplus-derivative-not-sigmoid", "gate softplus", "da = up * (1 - sigmoid(a))"),
    ("softplus-derivative-not-sigmoid", "gate softplus", "da = up * sigmoid(a) * (1 - sigmoid(a))"),
    ("softplus-derivative-not-sigmoid", "gate softplus", "da = up / (1 + np.exp(a))"),
    ("elu-derivative-constant-misplaced", "selu", "da = up * np.where(a > 0, 1, s * al * np.exp(a))"),
    ("slope-at-upstream", "gate tanh", "da = 1 - up**2"),
    ("slope-at-upstream", "gate tanh", "da = 1 - np.tanh(up)**2"),
    ("slope-at-upstream", "gate tanh", "da = (1 - up**2) * up"),
    ("slope-at-upstream", "gate sigmoid", "da = sigmoid(up) * (1 - sigmoid(up))"),
    ("slope-at-upstream", "gate sigmoid", "da = up * sigmoid(up) * (1 - sigmoid(up))"),
    ("slope-at-upstream", "gate sigmoid", "da = up * (1 - up) * up"),
    ("slope-at-upstream", "gate relu", "da = (up > 0) * 1.0"),
    ("slope-at-upstream", "rows", "dz = q"),
    ("slope-at-upstream", "rows", "dz = q * (up - (up * q).sum(1, keepdims=True))"),
    ("slope-at-upstream", "rows", "dz = q * (1 - q)"),
    ("slope-at-upstream", "rows", "dz = q * (1 - q) * up"),
    ("parameter-for-its-logarithm", "widths", "dlogvar = ((x**2).sum() * np.exp(logvar / 2) / 2 + 4) / np.exp(logvar)"),
    (
        "parameter-for-its-logarithm",
        "widths",
        "dlogvar = ((x**2).sum() * np.exp(logvar / 2) / 2 + 4) / (np.exp(logvar / 2) / 2)",
    ),
    (
        "parameter-for-its-logarithm",
        "widths",
        "dlogvar = ((x**2).sum() * np.exp(logvar / 2) / 2 + 4) / (2 * np.exp(2 * logvar))",
    ),
    ("parameter-for-its-logarithm", "squares", "dln_s = 2 * (x**2).sum() * np.exp(2 * ln_s) / np.exp(ln_s)"),
    ("padding-forgotten", "sides", "dx = dxp[:, :4]"),
    ("padding-forgotten", "sides", "dx = dxp[:, 4:]"),
    ("padding-forgotten", "bordered", "dx = dxp[4:]"),
    ("repeated-index-counted-once", "table", "dC = np.zeros((3, 2))\ndC[ix.astype(int)] = de"),
    ("loop-bound-off-by-one", "time", "dw = sum((1 - h[t]**2) * g[t] * h[t - 1] for t in range(1, 5))"),
    (
        "loop-bound-off-by-one",
        "time",
        "dw = 0.3 * g[0]\nfor t in range(1, 4):\n    dw = dw + (1 - h[t]**2) * g[t] * h[t - 1]",
    ),
    (
        "loop-bound-off-by-one",
        "time",
        "dw = 0.3 * g[0]\nfor t in range(2, 5):\n    dw = dw + (1 - h[t]**2) * g[t] * h[t - 1]",
    ),
    ("loop-bound-off-by-one", "time", "dw = 0\nfor t in range(1, 5):\n    dw = dw + (1 - h[t]**2) * g[t] * h[t - 1]"),
    ("extra-one-over-n", "means", "dp = 2 * (X @ w - t) / 36"),
    ("missing-one-over-n", "means", "dp = 2 * (X @ w - t)"),
    ("mean-for-sum", "means", "dp = 2 * (X @ w - t) / 18"),
    ("missing-one-over-n", "classes", "dz = p"),
    ("extra-one-over-n", "classes", "dz = p / 36"),
    ("mean-for-sum", "classes", "dz = p / 24"),
    ("mean-for-sum", "classes", "dz = p / 4 / 6"),
    ("missing-one-over-n", "lengths", "dz = 3 * z**2"),
    ("extra-one-over-n", "lengths", "dz = 3 * z**2 / 36"),
    ("mean-for-sum", "lengths", "dz = 3 * z**2 / 24"),
    ("mean-for-sum", "batch", "dW = X.T @ G / 6"),
    ("mean-for-sum", "batch", "dW = X.T @ G / 18"),
    ("mean-for-sum", "batch", "dW = X.T @ G / 12"),
    ("updated-value-used", "fit", "dp = e * q\ndq = e * (p - 9.9 * dp)\n"),
    ("summand-constant-wrong", "decay", "dw = X.T @ dr - 4 * reg * w"),
    ("summand-constant-wrong", "decay", "dw = X.T @ dr / 3 + 2 * reg * w"),
    ("summand-constant-wrong", "decay", "dw = X.T @ dr / 5 + 2 * reg * w"),
    ("loop-bound-off-by-one", "batch", "dW = X[1:].T @ G[1:]\nfor i in []:\n    pass"),
    ("statistic-held-fixed", "norm", "dx = (dy * g - xh * (dy * g * xh).mean(1, keepdims=True)) / sd"),
    ("tanh-derivative-square-missing", "hidden tanh", "dw = x.T @ ((1 - np.tanh(x @ w)) * v)"),
    ("tanh-derivative-for-sigmoid", "hidden sigmoid", "s = sigmoid(x @ w)\ndw = x.T @ ((1 - s**2) * v)"),
    ("sigmoid-derivative-factor-missing", "hidden sigmoid", "s = sigmoid(x @ w)\ndw = x.T @ (s * v)"),
    ("sigmoid-derivative-on-pre-activation", "hidden sigmoid", "dw = x.T @ ((x @ w) * (1 - x @ w) * v)"),
    ("mean-for-sum", "added", "db = G.mean(axis=0)"),
    ("missing-one-over-n", "averaged", "dz = 2 * z * u[:, None]"),
    ("extra-one-over-n", "averaged", "dz = 2 * z * u[:, None] / 16"),
    ("mean-for-sum", "averaged", "dz = 2 * z * u[:, None] / 24"),
    *(
        ("elu-derivative-constant-misplaced", "selu", f"da = up * np.where(a > 0, s, {below})")
        for below in (
            "h",
            "s * h",
            "np.exp(a)",
            "s * np.exp(a)",
            "al * np.exp(a)",
            "al",
            "s * al",
            "h + 1",
            "h + al",
            "al * (h + 1)",
            "al * (h + al)",
            "s * (h + al)",
            "s * al * h",
            "s * al * (h + 1)",
            "al * np.exp(h)",
            "s * al * np.exp(h)",
            "s * al * np.exp(a) - s * al",
        )
    ),
]


@pytest.mark.parametrize(("name", "exercise", "lines"), NAMED, ids=[f"{one[0]} {i}" for i, one in enumerate(NAMED)])
def test_a_mistake_is_named_in_whatever_manner_it_is_written(name: str, exercise: str, lines: str) -> None:
    assert codes(exercise, lines) == {name}


@pytest.mark.parametrize(
    ("lines", "first"),
    [
        ("dp, dq = e * p, e * q\n", "dp"),
        ("def back():\n    a = e * q\n    b = e * p\n    return b, a\ndp, dq = back()\n", "dq"),
    ],
)
def test_results_in_one_anothers_place_are_one_mistake_with_a_name(lines: str, first: str) -> None:
    source = HEAD + STARTS["fit"] + lines
    exercise = loads("exercise: fit\ntitle: fit\n" + EXERCISES["fit"].lstrip())
    result = warm.check(exercise, load_bytes(source.encode(), "mine.py"))

    found = {one.name: (one.outcome, one.diagnosis and one.diagnosis.code) for one in result.steps}
    (other,) = found.keys() - {first}
    assert found == {first: ("wrong", "outputs-swapped"), other: ("carried", None)}


RIGHT_ROWS = "dx = (dy * g - (dy * g).mean(1, keepdims=True) - xh * (dy * g * xh).mean(1, keepdims=True)) / sd\n"
FACTS = [
    ("batch", "dW = (X.T @ G).T", "It is the right value transposed."),
    ("batch", "dW = X.T @ G / 12", "It is the right value divided by 12 at every point, and `G` has 12 entries."),
    ("batch", "dW = X.T @ G\ndW[2, 1] = 0", "It is right but for the entry [2, 1], where it is 0."),
    ("batch", "dW = X.T @ G\ndW[1] += 1", "It is right but for the entries [1, 0] and [1, 1]."),
    ("batch", "dW = X.T @ G @ np.ones(2)", "It is a vector of 3; a matrix of 3 rows and 2 columns is needed."),
    ("decay", "dw = X.T @ dr", "It lacks exactly the part that goes through `loss`."),
    ("decay", "dw = X.T @ dr + 5 * reg * w", "It has the part that goes through `loss` 2.5 times."),
    ("gate tanh", "da = up", "It is the value of `up`."),
    ("added", "db = G.sum(axis=1)", "It is summed over axis 1; the sum over axis 0 is right."),
    (
        "hidden tanh",
        "dw = np.ones((6, 4, 3))",
        "It is an array of 6 x 4 x 3; a matrix of 4 rows and 3 columns is needed.",
    ),
    ("batch", "dW = np.stack([X.T @ G / 2, X.T @ G / 2])", "Its sum over axis 0 is right."),
    ("batch", "dW = np.stack([X.T @ G, X.T @ G])", "Its mean over axis 0 is right."),
    ("batch", "dW = np.stack([X.T @ G / 3, X.T @ G / 3 * 2], axis=2)", "Its sum over axis 2 is right."),
    ("batch", "dW = np.stack([X.T @ G, -X.T @ G, 3 * X.T @ G], axis=1)", "Its mean over axis 1 is right."),
    ("batch", "dW = -X.T @ G", "It is the right value with the opposite sign, at every point."),
    ("batch", "dW = 2 * X.T @ G", "It is twice the right value, at every point."),
    ("batch", "dW = X.T @ G / 2", "It is half the right value, at every point."),
    ("batch", "dW = X.T @ G * 3", "It is 3 times the right value at every point, and `X` has 3 entries along axis 1."),
    (
        "batch",
        "dW = X.T @ G / 6",
        "It is the right value divided by 6 at every point, and `X` has 6 entries along axis 0.",
    ),
    ("batch", "dW = X.T @ G * 7", "It is 7 times the right value at every point."),
    ("batch", "dW = X.T @ G * 18", "It is 18 times the right value at every point, and `X` has 18 entries."),
    ("batch", "dW = X.T @ G / 7", "It is 0.142857 times the right value at every point."),
    ("counted", "dx = 2 * x * u", "It is 5 times the right value at every point, and `n` is 5."),
    ("counted", "dx = 2 * x * u / 25", "It is the right value divided by 5 at every point, and `n` is 5."),
    (
        "counted",
        "dx = 2 * x * u / 20",
        "It is the right value divided by 4 at every point, and `x` has 4 entries along axis 0.",
    ),
    ("counted", "dx = 2 * x * u / 5 * x", "It is the right value times `x`."),
    ("counted", "dx = 2 * u / 5", "It is the right value divided by `x`."),
    ("counted", "dx = 2 * x / 5", "It is the right value divided by `u`."),
    ("counted", "dx = u * x**2", "It is the value of `k`."),
    ("counted", "dx = 2 * x * u / 5 / x**2", "It is the right value divided by `h`."),
    ("counted", "dx = u / 5", "It is the value of d(loss)/d(h)."),
    ("counted", "dx = np.ones(4) / 5", "It is the value of d(loss)/d(k)."),
    ("gate tanh", "da = 1 - np.tanh(a)**2", "It is the right value divided by `up`."),
    ("gate tanh", "da = np.tanh(a)", "It is the value of `h`."),
    ("gate exp", "da = np.exp(a)", "It is the value of `h`."),
    ("gate exp", "da = up * np.exp(a) * a", "It is the right value times `a`."),
    ("gate exp", "da = up * np.exp(a) / up**2", None),
    (
        "states",
        "da = up * (1 - h2**2) * (1 - h1**2)",
        "It is d(L)/d(h[0]) alone: what `h[0]` does with it is left out.",
    ),
    ("states", "da = 1 - h0**2", "It is the local derivative alone: it is not multiplied by d(L)/d(h[0])."),
    ("states", "da = h1", "It is the value of `h[1]`."),
    ("fit", "dq = e * q", "It is the value of d(loss)/d(p)."),
    ("decay", "dw = X.T @ dr - 2 * reg * w", "It has the part that goes through `loss` with the opposite sign."),
    ("decay", "dw = 2 * X.T @ dr + 2 * reg * w", "It has the part that goes through `r` twice."),
    ("decay", "dw = X.T @ dr + 4 * reg * w", "It has the part that goes through `loss` twice."),
    ("decay", "dw = 3.5 * X.T @ dr + 2 * reg * w", "It has the part that goes through `r` 3.5 times."),
    ("decay", "dw = 2 * reg * w", "It lacks exactly the part that goes through `r`."),
    ("decay", "dw = -(X.T @ dr) + 2 * reg * w", "It has the part that goes through `r` with the opposite sign."),
    ("norm", RIGHT_ROWS + "dx[1] += 1", "It is right but for row 1."),
    ("norm", RIGHT_ROWS + "dx[:, [1, 3]] += 1", "It is right but for columns 1 and 3."),
    (
        "norm",
        RIGHT_ROWS + "dx[:, 1] = 0",
        "It is right but for the entries [0, 1] and [1, 1] and [2, 1], where it is 0.",
    ),
    ("norm", RIGHT_ROWS + "dx[1] = 0", "It is right but for row 1, where it is 0."),
    ("norm", RIGHT_ROWS + "dx[[0, 1, 1, 2], [0, 1, 2, 3]] += 1", None),
    ("norm", RIGHT_ROWS + "dx[:2] += 1", None),
    ("norm", RIGHT_ROWS + "dx[:, :3] += 1", None),
    ("norm", RIGHT_ROWS + "dx[[0, 1], [0, 1]] = 0, 1", "It is right but for the entries [0, 0] and [1, 1]."),
    ("batch", "dW = X.T @ G\ndW[:, 1] += 1", "It is right but for the entries [0, 1] and [1, 1] and [2, 1]."),
    ("batch", "dW = X.T @ G\ndW[1:] += 1", None),
    ("batch", "dW = 1.0", "It is one number; a matrix of 3 rows and 2 columns is needed."),
    (
        "batch",
        "dW = np.ones((1, 6))",
        "It is a matrix of 1 row and 6 columns; a matrix of 3 rows and 2 columns is needed.",
    ),
    (
        "batch",
        "dW = np.ones((6, 1))",
        "It is a matrix of 6 rows and 1 column; a matrix of 3 rows and 2 columns is needed.",
    ),
    ("batch", "dW = np.ones(6)", "It is a vector of 6; a matrix of 3 rows and 2 columns is needed."),
    ("batch", "dW = np.ones((3, 1, 2))", None),
    ("added", "db = G.sum()", "It is one number; a vector of 3 is needed."),
    ("added", "db = G.sum(axis=0) * 2 + 1", None),
    ("added", "db = G.mean(axis=1)", None),
]


@pytest.mark.parametrize(("exercise", "lines", "fact"), FACTS)
def test_a_value_shows_what_it_is(exercise: str, lines: str, fact: str | None) -> None:
    name, _, function = exercise.partition(" ")
    derivation = derivation_of(name, function)
    step = derivation.exercise.steps[-1]
    own = [as_float(values_of(name, lines, point)[step.name]) for point in derivation.reference.points]

    assert described(derivation, step, own) == fact


def test_a_name_is_not_certain_where_the_values_are_those_of_another_one() -> None:
    derivation = derivation_of("gate", "tanh")
    (step,) = derivation.exercise.steps
    runs = [values_of("gate", "da = (1 - np.tanh(up)**2) * up", point) for point in derivation.reference.points]
    for code, confidence in (("sign-flipped", "likely"), ("slope-at-upstream", "certain")):
        said = Finding(Diagnosis("", "certain", code))
        found = shown(derivation, step, [held["da"] for held in runs], said, in_loop=False)

        assert (found.diagnosis.code, found.diagnosis.confidence) == (code, confidence)


OTHERS = [
    ("statistic-held-fixed", "norm", "dx = g * dy / (v + 0.01)"),
    ("normalisation-gain-missing", "norm", "dx = dy / sd"),
    ("statistic-held-fixed", "decay", "dw = 2 * reg * w"),
    ("regularisation-missing", "decay", "dw = X.T @ dr + reg"),
    ("summand-constant-wrong", "decay", "dw = 3 * (X.T @ dr + 2 * reg * w)"),
    ("contribution-subtracted", "decay", "dw = -(X.T @ dr) + 2 * reg * w * np.sign(w)"),
    ("slope-at-upstream", "gate tanh", "da = (1 - a**2) * up"),
    ("silu-derivative-term-missing", "gate silu", "da = up * a"),
    ("gelu-derivative-term-missing", "gate gelu", "da = up * sigmoid(a)"),
    ("softplus-derivative-not-sigmoid", "gate softplus", "da = up * np.tanh(a)"),
    ("elu-derivative-constant-misplaced", "elu", "da = np.where(a > 0, 1, al * np.exp(a))"),
    ("parameter-for-its-logarithm", "scale", "dlog_sigma = (-2 * (x**2).sum() / sigma**2 + 4) / sigma**3"),
    ("updated-value-used", "fit", "dp = e * q\ndq = e * (p - 0.1 * q)\n"),
    ("gauss-newton-term-dropped", "hessian", "d2w = 2 * (s * (1 - s))**2"),
    ("loop-bound-off-by-one", "batch", LOOP.replace("BOUND", "4")),
    ("loop-bound-off-by-one", "batch", "dW = X[:-1].T @ G[:-1]"),
    ("power-rule-on-exponential", "growing", "dx = up * b**x"),
    ("stride-forgotten", "strided", WINDOWS.replace("PLACE", "2 * i - 2")),
    ("padding-forgotten", "bordered", "dx = dxp[1 : len(x) + 1]"),
    ("mean-for-sum", "batch", "dW = X.T @ G / 7"),
]


@pytest.mark.parametrize(("name", "exercise", "lines"), OTHERS, ids=[f"{one[0]} {i}" for i, one in enumerate(OTHERS)])
def test_a_near_miss_is_not_given_the_name(name: str, exercise: str, lines: str) -> None:
    found = codes(exercise, lines)

    assert found
    assert name not in found


NAMELESS = [
    ("gate silu", "da = up * (sigmoid(a) - a * sigmoid(a) * (1 - sigmoid(a)))"),
    ("gate gelu", "from math import erf\nda = up * np.array([erf(v / 2**0.5) for v in a])"),
    ("gate softplus", "da = up * np.exp(a) / 2"),
    ("selu", "da = up * np.where(a > 0, s, h * h)"),
    ("selu", "da = up * np.where(a > 0, al, s * al * np.exp(a))"),
    ("selu", "da = up * np.where(a > 0, s, s)"),
    ("gate tanh", "da = (1 - up**2) * a"),
    ("gate sigmoid", "da = a * (1 - up)"),
    ("gate relu", "da = np.maximum(a, 0)"),
    ("gate relu", "da = (up < 0) * 1.0"),
    ("gate exp", "da = np.exp(up) * up"),
    ("rows", "dz = q * (up - (up * p).sum(1, keepdims=True))"),
    ("rows", "dz = p * (1 - p) * up"),
    ("rows", "dz = p * up"),
    ("rows", "dz = p * (1 - p)"),
    ("widths", "dlogvar = ((x**2).sum() * np.exp(logvar / 2) / 2 + 4) / np.exp(logvar / 2)"),
    ("widths", "dlogvar = ((x**2).sum() * np.exp(logvar / 2) / 2 + 4) / np.exp(w)"),
    ("squares", "dln_s = (x**2).sum()"),
    ("sides", "dx = dxp[:, 1:5]"),
    ("bordered", "dx = dxp[3:7]"),
    ("table", "dC = np.zeros((3, 2))\ndC[ix.astype(int)] = -de"),
    ("table", "dC = np.zeros((3, 2))\nfor i, j in zip(ix[::-1].astype(int), range(5, -1, -1)):\n    dC[i] = de[j]"),
    ("means", "dp = 2 * (X @ w - t) / 3"),
    ("batch", "dW = X.T @ G / 2"),
    ("batch", "dW = X.T @ G / 36"),
    ("strided", "dk = sum(u[i] * x[i : i + 3] for i in range(2))"),
    ("fit", "dp = e * q\ndq = e * (p - 11 * dp)\n"),
    ("fit", "dp = e * q\ndq = e * (p + 0.1 * dp)\n"),
    ("fit", "dp = e * q\ndq = e * (p - 0.1 * dp**2)\n"),
    ("hessian", "d2w = 2 * (s - t) * x**2 * s * (1 - s) * (1 - 2 * s)"),
    ("local sqrt", "da = up / 2"),
    ("local log", "da = up * np.log(a)"),
    ("local exp", "da = up * np.exp(up)"),
    ("growing", "dx = x * b**(x - 1)"),
    ("growing", "dx = up * y / np.log(b)"),
    ("cube", "da = 3 * a**2"),
    ("cube", "da = 3 * a**2 * up / 2"),
    ("cube", "da = a**3 * up"),
    ("decay", "dw = X.T @ dr + 2 * reg"),
    ("decay", "dw = X.T @ dr * 5 + 2 * reg * w"),
    ("decay", "dw = X.T @ dr + 4 * reg * w"),
    ("batch", "dW = X[2:].T @ G[2:]\nfor i in []:\n    pass"),
    ("batch", "dW = X[1:-1].T @ G[1:-1]\nfor i in []:\n    pass"),
    ("batch", "dW = X[:-1].T @ G[1:]\nfor i in []:\n    pass"),
    ("norm", "dx = g * dy / sd**2"),
    ("norm", "d = g**3 * dy\ndx = (d - d.mean(1, keepdims=True) - xh * (d * xh).mean(1, keepdims=True)) / sd"),
    ("hidden relu", "dw = x.T @ (np.maximum(x @ w, 0) * v)"),
    ("added", "db = G.sum(axis=1)"),
    ("added", "db = -G.sum(axis=0)"),
    ("scale", "dlog_sigma = -2 * (x**2).sum() / sigma**2"),
    ("scale", "dlog_sigma = 2 * (x**2).sum() / sigma**2 + 4"),
    ("scale", "dlog_sigma = 4"),
]


@pytest.mark.parametrize(("exercise", "lines"), NAMELESS)
def test_values_of_no_known_mistake_have_no_name(exercise: str, lines: str) -> None:
    assert codes(exercise, lines) == {None}
