"""Every form of a forward program means what it means in Python: the same text is run by Python over torch's tensors.

Checked are the value, its derivatives (from autograd, at all points), and the starters in NumPy and torch."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import torch

from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.formula.spelling import Library
from grader.handout.starter import starter
from grader.model import Value
from grader.reference.autograd import build
from grader.reference.points import Reference

HEAD = """\
exercise: forms
title: Forms
given:
  T: 3
  w: 0.7
  v: -0.4
  x: [0.5, -0.3, 0.8, 1.2]
  ix: [2, 0, 1]
  A: {shape: [2, 3], draw: normal}
forward: |
"""

STEPS = """
steps:
  dw: d(y)/d(w)
  dx: d(y)/d(x)
"""

FORMS = {
    "signs that change a quantity": """
        h = w * v
        h += w
        h -= v * w**2
        h *= w
        h /= 1.5
        h **= 2
        y = h
    """,
    "masks joined": """
        m = (x > 0) & (x < 1) | ~(x > -0.5)
        y = sum(m * w * x) + sum(x**2)
    """,
    "entries chosen by a mask": """
        y = w * sum(x[x > 0]**2)
    """,
    "a sum over a generator": """
        y = sum(w * x[i]**2 for i in range(4))
    """,
    "a function with a default": """
        def power(t, k=2):
            return t**k
        y = power(w) * power(v, k=3)
    """,
    "an if in an if of an expression": """
        y = w if v > 3 else (v * w if w > 0 else w**2 + v)
    """,
    "if on a fixed number": """
        if T == 3:
            h = w**2
        else:
            h = w**3
        y = h * v
    """,
    "if on a value": """
        if v > 0:
            h = tanh(w * v)
        elif w * v < -0.2:
            h = w * v**2
        else:
            h = sin(w) * v
        y = h**2
    """,
    "a side that has no value is not evaluated": """
        if v > 0:
            y = sqrt(v) * w
        else:
            y = w * exp(v)
    """,
    "an if that keeps the value from before": """
        h = w * v
        if h < 0:
            h = h * 0.1
        y = h**2
    """,
    "a local of one branch": """
        if v > 0:
            a = w * v
            y = a**2 + a
        else:
            y = w
    """,
    "a quantity of both branches": """
        if v > 0:
            a = w * v
            y = a**2
        else:
            a = w + v
            y = 3 * a
    """,
    "a chain of comparisons, and, or, not": """
        y = w**2 if -1 < v < 1 and not (w > 5 or v > 5) else w**3
    """,
    "if in an expression": """
        y = (w if w > v else v) * (1 if T > 2 else 0)
    """,
    "tuple assignment": """
        a, b = w * v, w + v
        c, s = a + b, b
        y = c * s
    """,
    "tuple assignment that reads what it changes": """
        h[0], c[0] = w, v
        for t in range(1, T + 1):
            h[t], c[t] = tanh(h[t - 1] + c[t - 1]), c[t - 1] * w
        y = h[T] * c[T]
    """,
    "an array taken apart": """
        a, b, c, d4 = x
        y = a * w + b * c * d4
    """,
    "chained assignment": """
        a = b = w * v
        y = a * b
    """,
    "a comprehension": """
        parts = [tanh(w * x[i]) for i in range(4)]
        y = parts[0] * parts[3] + parts[1]
    """,
    "a comprehension with a condition and two loops": """
        y = sum(x[i] * x[j] * w for i in range(T) for j in range(i) if i + j != 2)
    """,
    "a sum of arrays": """
        h = sum(w**k * x for k in range(1, 3))
        y = h @ x
    """,
    "a function": """
        def scaled(a, by=2.0):
            s = 0
            for i in range(len(x)):
                s += x[i] * by
            return s * a
        y = scaled(w) + scaled(v * w, by=w)
    """,
    "a function with a branch": """
        def leaky(a):
            if a > 0:
                return a
            return 0.1 * a
        y = leaky(w * v)**2 + leaky(w)
    """,
    "a function of two results": """
        def turned(a, b):
            return a * w - b, a + b * w
        p, q = turned(w, v)
        y = p * q
    """,
    "a function that calls itself": """
        def power(a, n):
            return 1 if n == 0 else a * power(a, n - 1)
        y = power(w, T)
    """,
    "a parameter named as a quantity": """
        def of(w):
            for x in [w, v]:
                w = w * x
            return w
        y = of(x[0]) * w
    """,
    "a lambda": """
        square = lambda a: a * a
        y = square(w + v)
    """,
    "a loop with an if on its variable": """
        for t in range(T):
            if t == 0:
                h[t] = w
            else:
                h[t] = tanh(w * h[t - 1])
        y = h[T - 1]
    """,
    "a loop with an if on values": """
        s = 0
        for t in range(4):
            s += w * x[t] if x[t] > 0 else 0.1 * x[t]
        y = s**2
    """,
    "a loop backwards with a condition": """
        g[T] = w
        for t in reversed(range(T)):
            g[t] = g[t + 1] * x[t] if t != 1 else g[t + 1]
        y = g[0]
    """,
    "nested loops": """
        for i in range(2):
            for j in range(3):
                h[i, j] = tanh(A[i, j] * w)
        y = h[0, 1] * h[1, 2]
    """,
    "nested loops in which entries lead to each other": """
        for i in range(3):
            for j in range(3):
                if i == 0 or j == 0:
                    h[i, j] = w * x[i + j]
                else:
                    h[i, j] = sin(h[i - 1, j] * h[i, j - 1])
        y = h[2, 2]
    """,
    "a list that grows": """
        h = [w]
        for i in range(4):
            if i != 2:
                h.append(tanh(h[-1] * x[i]))
        y = h[-1] * h[1] * len(h)
    """,
    "lists joined and repeated": """
        h = [w] + [v, w * v]
        c = [w] * 2 + h
        p = [x[0]] * T
        y = c[0] * c[4] + c[3]**2 + len(c) * p[2] * w
    """,
    "a list that grows by several": """
        h = [w]
        h.extend([v, w * v])
        h += [h[-1] ** 2, x[1]]
        y = h[3] * h[1] + h[4] * len(h) + h[2]
    """,
    "elements declared before they are assigned": """
        h = [None] * (T + 1)
        g = {}
        h[0] = w
        for t in range(T):
            g[t] = h[t] + x[t]
            h[t + 1] = g[t] * h[t]
        y = h[T]
    """,
    "an annotation": """
        s: float = w * v
        y: float = s**2
    """,
    "enumerate": """
        s = 0
        for i, one in enumerate(x):
            s += (i + 1) * tanh(one * w)
        y = s
    """,
    "enumerate from a number": """
        s = 0
        for i, one in enumerate([w, v], start=1):
            s = s * i + one**i
        y = s
    """,
    "zip": """
        s = 0
        for one, other in zip([w, v, w], x):
            part = one * other
            s += part**2
        y = s
    """,
    "a loop over a list of indices": """
        s = 0
        for k in ix:
            s = s * w + x[k]
        y = s
    """,
    "an array of indices": """
        z = x[ix] * w
        h[0] = x[ix[0]]
        y = z[0] * z[1] + z[2] + h[0]
    """,
    "a loop over rows": """
        s = 0
        for row in A:
            for one in row:
                s += tanh(one * w)
        y = s
    """,
    "a length": """
        n = len(x)
        s = 0
        for i in range(n):
            s += w * x[i]
        y = s / x.shape[0]
    """,
}


@cache
def built(name: str) -> tuple[Exercise, Reference]:
    lines = [line.removeprefix("      ") for line in FORMS[name].strip("\n").split("\n")]
    exercise = loads(HEAD + "\n".join(lines).rstrip() + "\n" + STEPS)
    return exercise, build(exercise)


def as_tensor(value: Value, whole: bool) -> Any:
    made = torch.tensor(value.numbers(), dtype=torch.int64 if whole else torch.float64).reshape(value.shape)
    return made.tolist() if whole else made.requires_grad_()


def run_by_python(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    def lifted(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda one: function(torch.as_tensor(one, dtype=torch.float64))

    names: dict[str, Any] = {word: lifted(getattr(torch, word)) for word in ("tanh", "sin", "exp", "sqrt")}
    names |= {"h": {}, "c": {}, "g": {}, **inputs}
    exec("if True:\n" + FORMS[name].strip("\n"), names)
    return names


@pytest.mark.parametrize("name", FORMS)
def test_the_value_is_that_of_python_at_every_point(name: str) -> None:
    exercise, reference = built(name)

    for point, values in zip(reference.points, reference.values, strict=True):
        inputs = {one.name: as_tensor(point.inputs[one.name], one.whole) for one in exercise.inputs}
        y = run_by_python(name, inputs)["y"]

        assert values["y"].numbers()[0] == pytest.approx(float(y.detach()), rel=1e-12)
        slopes = torch.autograd.grad(y, [inputs["w"], inputs["x"]], allow_unused=True)
        for slope, step in zip(slopes, ("dw", "dx"), strict=True):
            expected = torch.zeros(values[step].shape, dtype=torch.float64) if slope is None else slope
            assert list(values[step].numbers()) == pytest.approx(expected.reshape(-1).tolist(), rel=1e-12)


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("name", FORMS)
def test_a_starter_computes_the_same(name: str, library: Library) -> None:
    exercise, reference = built(name)
    parts = starter(exercise, reference.points[0].inputs, library)

    names: dict[str, Any] = {}
    before = torch.get_default_dtype()
    try:
        exec("\n".join(line for part in parts for line in part.code), names)
    finally:
        torch.set_default_dtype(before)

    assert float(names["y"]) == pytest.approx(reference.values[0]["y"].numbers()[0], rel=1e-12)
