"""What shifts the inputs, so that something may be evaluated a little further on, and what only adds in a formula."""

from __future__ import annotations

import pytest

from grader.submission.plain import may_last
from grader.submission.shifted import shifts, statements_until

START = "import numpy as np\nx = 0.7\nw = 1.2\ne = 1e-4\n"

SHIFTED = {
    "a sum": "a = np.tanh((w + e) * x)\n",
    "a difference": "a = np.tanh((w - 3e-4) * x)\n",
    "from the left": "a = np.tanh((e + w) * x)\n",
    "a multiple of the step": "for k in (-1, 1):\n    a = np.tanh((w + k * e) * x)\n",
    "an array of nodes": "nodes = w + 0.1 * np.cos(np.arange(9))\na = np.tanh(nodes * x)\n",
    "nodes between two places": "nodes = np.linspace(w - e, w + e, 9)\n",
    "in place": "v = w\nv += e\n",
    "of a name that was a number before": "v = 0.0\nv = w\na = v + e\n",
    "an imaginary step": "a = np.tanh((w + 1e-20j) * x)\n",
    "a number of another kind": "from fractions import Fraction\na = Fraction(w) + Fraction(1, 10**12)\n",
    "a factor close to 1": "a = np.tanh(w * 1.001 * x)\n",
    "a sum close to 1": "a = np.tanh(w * (1 + e) * x)\n",
    "by a function of a library": "a = np.tanh(np.add(w, e) * x)\n",
    "a step that may be left out": "def f(w, h=None):\n    h = h or 1e-5\n    return np.tanh((w + h) * x)\na = f(w)\n",
    "in place, one entry": "v = w + x * x\nv[0] -= e\n",
    "an entry of a list beside what depends on the inputs": "s = []\ns.append(1e-4)\ns.append(w)\na = w + s[0]\n",
    "an entry that a list starts with": "s = [1e-4]\ns.append(w)\na = w + s[0]\n",
    "a number of the exercise that changes": "s = 0.001\nfor _ in range(3):\n    s = s / 2\na = np.sqrt(w * x + s)\n",
    "a local of the same name elsewhere": "def f(e):\n    return e\na = np.tanh((w + e) * x)\n",
}
FORMULAS = {
    "a bias": "b = 0.3 * x\nh = np.tanh(w * x + b)\n",
    "one less a square": "d = 1 - np.tanh(w * x) ** 2\n",
    "a shift by what depends on it": "z = w * x\nz = z - np.max(z)\n",
    "a number of the exercise": "s = np.sqrt(w * x + 0.001)\n",
    "a number of the exercise with a name": "s = 0.001\na = np.sqrt(w * x + s)\n",
    "at an index that is given": "d = np.zeros(3)\nd[x] -= 1 / 3\n",
    "a sum over a list": "g = []\ng.append(w * x)\ng.insert(0, w)\nd = w * x\nd += g[-1]\n",
    "whole and half numbers": "d = 2 * w - 1 + 0.5\n",
    "a step of training": "for k in range(9):\n    w = w - e * x * w\n",
    "a sum of steps": "a = w * x\nd = a + w\nd += a\n",
    "a factor": "a = 0.3 * w * x\n",
    "a bias that may be left out": "def f(z, b=None):\n    return z if b is None else z + b\na = f(w * x, 0.3 * x)\n",
    "no Python": "a = = 1\n",
}


def found(code: str) -> int:
    return len(shifts(statements_until((START + code,), (0, 99)), {"x", "w"}, {0.001}))


@pytest.mark.parametrize("how", SHIFTED)
def test_a_shift_is_seen(how: str) -> None:
    assert found(SHIFTED[how])


@pytest.mark.parametrize("how", FORMULAS)
def test_a_formula_shifts_nothing(how: str) -> None:
    assert not found(FORMULAS[how])


def test_what_stands_below_the_answer_comes_too_late() -> None:
    assert not shifts(statements_until((START + "d = w * x\na = w + e\n",), (0, 5)), {"x", "w"}, set())


def test_a_shift_for_a_function_is_told_apart() -> None:
    code = START + "def f(v):\n    return np.tanh(v * x)\na = f(w + e)\nb = w + e\n"
    statements = statements_until((code,), (0, 99))

    assert sorted(one.for_function for one in shifts(statements, {"x", "w"}, set())) == [False, True]


@pytest.mark.parametrize("code", ["open(p, 'w').write(t)", "import subprocess\n", "np.save('a', a)", "exec(text)"])
def test_what_is_written_may_last(code: str) -> None:
    assert may_last((START + code,))


@pytest.mark.parametrize("code", ["d = w * x\n", "text = open('names.txt').read()\n", "plt.savefig('a.png')\n"])
def test_what_is_read_or_drawn_does_not(code: str) -> None:
    assert not may_last((START + code,))
