"""Calls and methods of unusual forms, in which a value under another name is looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

import grader
from grader.submission.load import load_bytes
from tests import warm

SOURCE = """\
import numpy as np
h0 = 0.5; w_h = 2.0; w_y = 40.0
def named(a, b):
    return lambda function: function
class Layer:
    def forward(self, x):
        self.y = x
        return np.tanh(x)
    @staticmethod
    def backward():
        return np.random.normal()
@named(h0, w_h)
def slope(h):
    return 1 - h
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1
dw_y = Layer.backward()
dh2 = w_y
dh2_raw = slope(h2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = slope(h1) * dh1
dw_h = dh2_raw * h1 + dh1_raw * h0
"""


def test_a_call_in_a_decorator_and_a_method_without_parameters_leave_the_explanation_whole(tmp_path: Path) -> None:
    """A failed explanation would be an error here (`filterwarnings`)."""
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)

    result = grader.check("tanh-chain-reverse", path)

    (step,) = [one for one in result.steps if one.name == "dh2_raw"]
    assert step.diagnosis is not None
    assert step.diagnosis.fix == "return 1 - h**2"


HEAD = """\
import numpy as np
from typing import NamedTuple
h0 = 0.5; w_h = 2.0; w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
"""

BACK = """\
def back(PARAMETERS):
    GOT
    dy2 = 1.0
    dw_y = h2 * dy2
    dh2 = w_y * dy2
    dh2_raw = (1 - h2**2) * dh2
    dh1 = w_h * dh2_raw
    dh1_raw = (1 - h1**2) * dh1
    dw_h = h1 * dh2_raw + h0 * dh1_raw
    return dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h
"""

CALL = "dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h = "


def back(parameters: str, got: str = "pass") -> str:
    return BACK.replace("PARAMETERS", parameters).replace("GOT", got.replace("\n", "\n    "))


ALL = "h1, h2, w_h, w_y"
NET = """\
class Net:
    def __init__(self, w_h, w_y):
        self.w_h, self.w_y = w_h, w_y
net = Net(w_y, w_h)
"""
RECORD = "class Kept(NamedTuple):\n    h1: float\n    h2: float\nkept = Kept(h2, h1)\n"
CONTEXT = """\
class Context:
    def save_for_backward(self, *all):
        self.saved_tensors = all
ctx = Context()
ctx.save_for_backward(h1, h2)
"""
FIELDS = "class Net: pass\nnet = Net()\nnet.h1_raw, net.h1, net.h2 = h1_raw, h1, h2\n"
KEYS = 'h1 = cache["h1"]\nh2 = cache["h2"]'
SLOPES = """\
def slope(out, arrives):
    return (1 - out**2) * arrives
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = slope(FIRST)
dh1 = w_h * dh2_raw
dh1_raw = slope(SECOND)
dw_h = h1 * dh2_raw + h0 * dh1_raw
"""

MISNAMED = {
    "two arguments": (
        back(ALL) + f"{CALL}back(h2, h1, w_h, w_y)\n",
        "dw_y",
        "Two arguments are exchanged in this call: `back` takes `h1` and `h2` in this order.",
        f"{CALL}back(h1, h2, w_h, w_y)",
    ),
    "two others": (
        back(ALL) + f"{CALL}back(h1, h2, w_y, w_h)\n",
        "dh2",
        "Two arguments are exchanged in this call: `back` takes `w_h` and `w_y` in this order.",
        f"{CALL}back(h1, h2, w_h, w_y)",
    ),
    "three arguments": (
        back(ALL) + f"{CALL}back(h2, w_h, h1, w_y)\n",
        "dw_y",
        "The arguments are in another order than in `back`, which takes `h1`, `h2` and `w_h`.",
        f"{CALL}back(h1, h2, w_h, w_y)",
    ),
    "keywords": (
        back(ALL) + f"{CALL}back(h1=h2, h2=h1, w_h=w_h, w_y=w_y)\n",
        "dw_y",
        "Two arguments are exchanged in this call: `back` takes `h1` and `h2` in this order.",
        f"{CALL}back(h1=h1, h2=h2, w_h=w_h, w_y=w_y)",
    ),
    "of a class": (
        NET + back("net", "w_h, w_y = net.w_h, net.w_y") + f"{CALL}back(net)\n",
        "dh2",
        "Two arguments are exchanged in this call: `Net` takes `w_h` and `w_y` in this order.",
        "net = Net(w_h, w_y)",
    ),
    "of a record": (
        RECORD + back("kept", "h1, h2 = kept.h1, kept.h2") + f"{CALL}back(kept)\n",
        "dw_y",
        "`h1` and `h2` are exchanged here: each gets the value of the other.",
        "kept = Kept(h1, h2)",
    ),
    "two unpacked": (
        "cache = h1_raw, h1, h2_raw, h2\n" + back("cache", "h1, h1_raw, h2_raw, h2 = cache") + f"{CALL}back(cache)\n",
        "dh1_raw",
        "`h1` and `h1_raw` are exchanged here: each gets the value of the other.",
        "h1_raw, h1, h2_raw, h2 = cache",
    ),
    "three unpacked": (
        "cache = h1_raw, h1, h2\n" + back("cache", "h1, h2, h1_raw = cache") + f"{CALL}back(cache)\n",
        "dw_y",
        "`h1`, `h2` and `h1_raw` stand in another order here than their values.",
        "h1_raw, h1, h2 = cache",
    ),
    "kept in another order": (
        CONTEXT + back("ctx", "h2, h1 = ctx.saved_tensors") + f"{CALL}back(ctx)\n",
        "dw_y",
        "`h2` and `h1` are exchanged here: each gets the value of the other.",
        "h1, h2 = ctx.saved_tensors",
    ),
    "another index": (
        "cache = [h1_raw, h1, h2_raw, h2]\n" + back("cache", "h1 = cache[0]\nh2 = cache[3]") + f"{CALL}back(cache)\n",
        "dh1_raw",
        "`h1` gets the value of `h1_raw` here.",
        "h1 = cache[1]",
    ),
    "another key": (
        'cache = {"h1_raw": h1_raw, "h1": h1, "h2": h2}\n'
        + back("cache", KEYS.replace('["h1"]', '["h1_raw"]'))
        + f"{CALL}back(cache)\n",
        "dh1_raw",
        "`h1` gets the value of `h1_raw` here.",
        'h1 = cache["h1"]',
    ),
    "another field": (
        FIELDS + back("net", "h1 = net.h1_raw\nh2 = net.h2") + f"{CALL}back(net)\n",
        "dh1_raw",
        "`h1` gets the value of `h1_raw` here.",
        "h1 = net.h1",
    ),
    "two values of a dictionary": (
        'cache = dict(zip(("h1", "h2"), (h2, h1)))\n' + back("cache", KEYS) + f"{CALL}back(cache)\n",
        "dw_y",
        "`h2` and `h1` are exchanged here: each stands in the place of the other.",
        'cache = dict(zip(("h1", "h2"), (h1, h2)))',
    ),
    "two keys of a dictionary": (
        'cache = dict(zip(("h2", "h1"), (h1, h2)))\n' + back("cache", KEYS) + f"{CALL}back(cache)\n",
        "dw_y",
        "`h2` and `h1` are exchanged here: each stands in the place of the other.",
        'cache = dict(zip(("h1", "h2"), (h1, h2)))',
    ),
    "three values of a dictionary": (
        'cache = dict(zip(("h1", "h2", "h1_raw"), (h2, h1_raw, h1)))\n' + back("cache", KEYS) + f"{CALL}back(cache)\n",
        "dw_y",
        "`h2`, `h1_raw` and `h1` stand in another order here than their keys.",
        'cache = dict(zip(("h1", "h2", "h1_raw"), (h1, h2, h1_raw)))',
    ),
    "two copies": (
        "p, q = h1, h2\n" + back("", "h1 = q\nh2 = p") + f"{CALL}back()\n",
        "dw_y",
        "`h1` and `h2` are exchanged here: each gets the value of the other.",
        "h1 = p\nh2 = q",
    ),
}


@pytest.mark.parametrize(("source", "name", "message", "fix"), MISNAMED.values(), ids=MISNAMED)
def test_names_with_one_anothers_values_cost_one_step(source: str, name: str, message: str, fix: str) -> None:
    result = warm.check("tanh-chain-reverse", load_bytes((HEAD + source).encode(), "mine.py"))
    (wrong,) = [step for step in result.steps if step.outcome == "wrong"]

    assert wrong.name == name
    assert wrong.diagnosis is not None
    assert (wrong.diagnosis.message, wrong.diagnosis.fix) == (message, fix)
    assert (wrong.diagnosis.code, wrong.diagnosis.confidence) == (None, "certain")
    assert {step.outcome for step in result.steps} == {"wrong", "carried", "correct"}


@pytest.mark.parametrize(
    ("first", "second", "fix"),
    [
        ("dh2, h2", "dh1, h1", "return (1 - arrives**2) * out"),  # both calls agree: the function is the odd one
        ("dh2, h2", "h1, dh1", "dh2_raw = slope(h2, dh2)"),
        ("h2, dh2", "dh1, h1", "dh1_raw = slope(h1, dh1)"),
    ],
)
def test_of_two_calls_that_differ_the_wrong_one_is_changed(first: str, second: str, fix: str) -> None:
    source = HEAD + SLOPES.replace("FIRST", first).replace("SECOND", second)
    result = warm.check("tanh-chain-reverse", load_bytes(source.encode(), "mine.py"))
    (wrong,) = [step for step in result.steps if step.outcome == "wrong"]

    assert wrong.diagnosis is not None
    assert wrong.diagnosis.fix == fix


@pytest.mark.parametrize(
    "source",
    [
        back(ALL) + f"{CALL}back(h1, h2, w_h, w_y)\n",
        back("p, q, w_h, w_y", "h1, h2 = q, p") + f"{CALL}back(h2, h1, w_h, w_y)\n",
        back("cache", "h1 = cache[1]\nh2 = cache[0]") + f"cache = [h2, h1]\n{CALL}back(cache)\n",
    ],
    ids=["in order", "named the other way round on both sides", "kept the other way round"],
)
def test_what_holds_its_own_value_is_right_in_any_order(source: str) -> None:
    result = warm.check("tanh-chain-reverse", load_bytes((HEAD + source).encode(), "mine.py"))

    assert {step.outcome for step in result.steps} == {"correct"}
