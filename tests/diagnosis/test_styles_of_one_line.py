"""The same few mistakes in lines, functions, classes, containers and sums of every style: one step, named, repaired."""

from __future__ import annotations

import pytest

from grader.submission.load import load_bytes
from tests import warm

PROGRAM = """\
import math
import numpy as np
h0 = 0.5; w_h = 2.0; w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
"""

STEPS = {
    "dy2": "dy2 = 1.0",
    "dw_y": "dw_y = h2 * dy2",
    "dh2": "dh2 = w_y * dy2",
    "dh2_raw": "dh2_raw = (1 - h2**2) * dh2",
    "dh1": "dh1 = w_h * dh2_raw",
    "dh1_raw": "dh1_raw = (1 - h1**2) * dh1",
    "dw_h": "dw_h = h1 * dh2_raw + h0 * dh1_raw",
}

STYLES = {
    "a local before the step": (
        "",
        {"dh2_raw": "t = 1 - h2_raw**2\ndh2_raw = t * dh2"},
        "dh2_raw",
        "tanh-derivative-on-pre-activation",
        "t = 1 - h2_raw**2",
        "t = 1 - h2**2",
    ),
    "a local that is right": (
        "",
        {"dh2_raw": "t = 1 - h2**2\ndh2_raw = t + dh2"},
        "dh2_raw",
        "plus-for-times",
        "dh2_raw = t + dh2",
        "dh2_raw = t * dh2",
    ),
    "two in one line": (
        "",
        {"dw_y": "dw_y, dh2 = h2 * dy2, w_h * dy2", "dh2": ""},
        "dh2",
        "other-layers-quantity",
        "dw_y, dh2 = h2 * dy2, w_h * dy2",
        "dw_y, dh2 = h2 * dy2, w_y * dy2",
    ),
    "two names": (
        "",
        {"dh2": "x = dh2 = w_h * dy2"},
        "dh2",
        "other-layers-quantity",
        "x = dh2 = w_h * dy2",
        "x = dh2 = w_y * dy2",
    ),
    "a walrus": (
        "",
        {"dh2_raw": "dh2_raw = (t := 1 - h2) * dh2"},
        "dh2_raw",
        "tanh-derivative-square-missing",
        "dh2_raw = (t := 1 - h2) * dh2",
        "dh2_raw = (t := 1 - h2**2) * dh2",
    ),
    "a function of lines": (
        "def back(d):\n    e = 1 - h2_raw**2\n    return e * d",
        {"dh2_raw": "dh2_raw = back(dh2)"},
        "dh2_raw",
        "tanh-derivative-on-pre-activation",
        "e = 1 - h2_raw**2",
        "e = 1 - np.tanh(h2_raw)**2",
    ),
    "a function called wrongly": (
        "def back(d, h):\n    e = 1 - h**2\n    return e * d",
        {"dh2_raw": "dh2_raw = back(dh2, h1)"},
        "dh2_raw",
        "other-layers-quantity",
        "dh2_raw = back(dh2, h1)",
        "dh2_raw = back(dh2, h2)",
    ),
    "a lambda": (
        "slope = lambda h: 1 - h",
        {"dh2_raw": "dh2_raw = slope(h2) * dh2", "dh1_raw": "dh1_raw = slope(h1) * dh1"},
        "dh2_raw",
        "tanh-derivative-square-missing",
        "slope = lambda h: 1 - h",
        "slope = lambda h: 1 - h**2",
    ),
    "lambdas in a dictionary": (
        "slopes = {'tanh': lambda h: 1 + h**2}",
        {"dh2_raw": "dh2_raw = slopes['tanh'](h2) * dh2", "dh1_raw": "dh1_raw = slopes['tanh'](h1) * dh1"},
        "dh2_raw",
        "tanh-derivative-with-plus",
        "slopes = {'tanh': lambda h: 1 + h**2}",
        "slopes = {'tanh': lambda h: 1 - h**2}",
    ),
    "a method": (
        "class Tanh:\n    def __init__(self, x):\n        self.x, self.y = x, np.tanh(x)\n"
        "    def back(self, d):\n        return (1 - self.x**2) * d\none, two = Tanh(h1_raw), Tanh(h2_raw)",
        {"dh2_raw": "dh2_raw = two.back(dh2)", "dh1_raw": "dh1_raw = one.back(dh1)"},
        "dh2_raw",
        "tanh-derivative-on-pre-activation",
        "return (1 - self.x**2) * d",
        "return (1 - self.y**2) * d",
    ),
    "a sum of two lines": (
        "",
        {"dw_h": "dw_h = h1 * dh2_raw\ndw_h += h1 * dh1_raw"},
        "dw_h",
        "other-layers-quantity",
        "dw_h += h1 * dh1_raw",
        "dw_h += h0 * dh1_raw",
    ),
    "a sum that begins with 1": (
        "",
        {"dw_h": "dw_h = 1\ndw_h += h1 * dh2_raw\ndw_h += h0 * dh1_raw"},
        "dw_h",
        "This line adds to what was in the variable; it has to replace it.",
        "dw_h += h1 * dh2_raw",
        "dw_h = h1 * dh2_raw",
    ),
    "a sum that is overwritten": (
        "",
        {"dw_h": "dw_h = h1 * dh2_raw\ndw_h = h0 * dh1_raw"},
        "dw_h",
        "contribution-overwritten",
        "dw_h = h0 * dh1_raw",
        "dw_h += h0 * dh1_raw",
    ),
    "a sum with a minus": (
        "",
        {"dw_h": "dw_h = h1 * dh2_raw\ndw_h -= h0 * dh1_raw"},
        "dw_h",
        "contribution-subtracted",
        "dw_h -= h0 * dh1_raw",
        "dw_h += h0 * dh1_raw",
    ),
    "a sum counted twice": (
        "",
        {"dw_h": "dw_h = h1 * dh2_raw\ndw_h += h0 * dh1_raw\ndw_h += h0 * dh1_raw"},
        "dw_h",
        "contribution-counted-twice",
        "dw_h += h0 * dh1_raw",
        "",
    ),
    "a condition": (
        "",
        {"dh2_raw": "dh2_raw = dh2 * (1 - h2) if w_y else 0.0"},
        "dh2_raw",
        "tanh-derivative-square-missing",
        "dh2_raw = dh2 * (1 - h2) if w_y else 0.0",
        "dh2_raw = dh2 * (1 - h2**2) if w_y else 0.0",
    ),
    "a default": (
        "def slope(h, one=1):\n    return one - h",
        {"dh2_raw": "dh2_raw = slope(h2) * dh2", "dh1_raw": "dh1_raw = slope(h1) * dh1"},
        "dh2_raw",
        "tanh-derivative-square-missing",
        "return one - h",
        "return one - h**2",
    ),
    "functions that call one another": (
        "def square(h):\n    return h * h\ndef slope(h):\n    return 1 + square(h)",
        {"dh2_raw": "dh2_raw = slope(h2) * dh2", "dh1_raw": "dh1_raw = slope(h1) * dh1"},
        "dh2_raw",
        "`+` stands where `-` is needed.",
        "return 1 + square(h)",
        "return 1 - square(h)",
    ),
    "a list": (
        "",
        {"dw_h": "dw_h = sum([h0 * dh1_raw, h2 * dh2_raw])"},
        "dw_h",
        "`h2` stands where `h1` is needed.",
        "dw_h = sum([h0 * dh1_raw, h2 * dh2_raw])",
        "dw_h = sum([h0 * dh1_raw, h1 * dh2_raw])",
    ),
    "a comprehension": (
        "",
        {"dw_h": "dw_h = sum(a * b for a, b in zip([h0, h1], [dh2_raw, dh1_raw]))"},
        "dw_h",
        "`h0` and `h1` are in the wrong order.",
        "dw_h = sum(a * b for a, b in zip([h0, h1], [dh2_raw, dh1_raw]))",
        "dw_h = sum(a * b for a, b in zip([h1, h0], [dh2_raw, dh1_raw]))",
    ),
    "math": (
        "",
        {"dh2_raw": "dh2_raw = (1 - math.pow(h2_raw, 2)) * dh2"},
        "dh2_raw",
        "tanh-derivative-on-pre-activation",
        "dh2_raw = (1 - math.pow(h2_raw, 2)) * dh2",
        "dh2_raw = (1 - math.pow(h2, 2)) * dh2",
    ),
    "numpy": (
        "",
        {"dh2_raw": "dh2_raw = np.multiply(1 - np.square(h2_raw), dh2)"},
        "dh2_raw",
        "tanh-derivative-on-pre-activation",
        "dh2_raw = np.multiply(1 - np.square(h2_raw), dh2)",
        "dh2_raw = np.multiply(1 - np.square(h2), dh2)",
    ),
    "a product in two lines": (
        "",
        {"dh1_raw": "dh1_raw = dh1\ndh1_raw *= 1 - h1_raw**2"},
        "dh1_raw",
        "tanh-derivative-on-pre-activation",
        "dh1_raw *= 1 - h1_raw**2",
        "dh1_raw *= 1 - h1**2",
    ),
    "a line in an if": (
        "",
        {"dh1": "if w_h:\n    dh1 = w_y * dh2_raw"},
        "dh1",
        "other-layers-quantity",
        "dh1 = w_y * dh2_raw",
        "dh1 = w_h * dh2_raw",
    ),
    "a function with a return in an if": (
        "def slope(h):\n    if h > 5:\n        return 0.0\n    return 1 - h",
        {"dh2_raw": "dh2_raw = slope(h2) * dh2", "dh1_raw": "dh1_raw = slope(h1) * dh1"},
        "dh2_raw",
        "tanh-derivative-square-missing",
        "return 1 - h",
        "return 1 - h**2",
    ),
    "a closure": (
        "def layer(h):\n    def back(d):\n        return (1 - h) * d\n    return back",
        {"dh2_raw": "dh2_raw = layer(h2)(dh2)", "dh1_raw": "dh1_raw = layer(h1)(dh1)"},
        "dh2_raw",
        "tanh-derivative-square-missing",
        "return (1 - h) * d",
        "return (1 - h**2) * d",
    ),
    "an entry": (
        "hs = np.array([h0, h1, h2])",
        {"dh2_raw": "dh2_raw = (1 - hs[1]**2) * dh2"},
        "dh2_raw",
        "time-index-off-by-one",
        "dh2_raw = (1 - hs[1]**2) * dh2",
        "dh2_raw = (1 - hs[2]**2) * dh2",
    ),
    "a string key": (
        "c = {'h1': h1, 'h2': h2}",
        {"dw_y": "dw_y = c['h1'] * dy2"},
        "dw_y",
        "other-layers-quantity",
        "dw_y = c['h1'] * dy2",
        "dw_y = h2 * dy2",
    ),
    "a copy": (
        "",
        {"dw_h": "first = h1 * dh2_raw\nsecond = h0 * dh1_raw\ndw_h = first"},
        "dw_h",
        "A term is missing beside `first`.",
        "dw_h = first",
        "dw_h = first + second",
    ),
    "a global in a function": (
        "def back(d):\n    return d * w_y",
        {"dh1": "dh1 = back(dh2_raw)"},
        "dh1",
        "other-layers-quantity",
        "return d * w_y",
        "return d * w_h",
    ),
    "a number typed in": (
        "",
        {"dh2": "dh2 = 39.0 * dy2"},
        "dh2",
        "`39.0 * dy2` stands where `w_y` is needed.",
        "dh2 = 39.0 * dy2",
        "dh2 = w_y",
    ),
    "float": (
        "",
        {"dh2_raw": "dh2_raw = float((1 - h2_raw**2) * dh2)"},
        "dh2_raw",
        "tanh-derivative-on-pre-activation",
        "dh2_raw = float((1 - h2_raw**2) * dh2)",
        "dh2_raw = float((1 - h2**2) * dh2)",
    ),
}
"""What stands before the steps, the steps that are written otherwise, the step that is wrong, the code or the message,
its line, and the repaired line."""


@pytest.mark.parametrize(("before", "steps", "name", "said", "line", "fix"), STYLES.values(), ids=STYLES)
def test_one_mistake_in_any_style(
    before: str, steps: dict[str, str], name: str, said: str, line: str, fix: str
) -> None:
    source = "\n".join([PROGRAM, before, *(one for one in (STEPS | steps).values() if one), ""])
    result = warm.check("tanh-chain-reverse", load_bytes(source.encode(), "mine.py"))
    (wrong,) = [step for step in result.steps if step.outcome == "wrong"]

    assert wrong.name == name
    assert wrong.diagnosis is not None
    assert wrong.where is not None
    assert (wrong.diagnosis.code or wrong.diagnosis.message, wrong.diagnosis.fix) == (said, fix)
    assert source.split("\n")[wrong.where.line - 1].strip() == line
    assert {step.outcome for step in result.steps} <= {"wrong", "carried", "correct"}
