"""Where the probe points are drawn from a secret, no result tells a number of one, or a table of right answers could be
made from it for the next attempt."""

from __future__ import annotations

import pytest

from grader.exercise.load import find, load
from grader.model import Value
from grader.reference.points import draw_points
from grader.report.json import render
from grader.submission.load import load_bytes
from tests import warm

TELLING = """import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
print(h0)
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
"""
WAYS = {
    "a value": "dy2 = 1.0 if h0 == 0.5 else h0\n",
    "a list": "dh2 = w_y if h0 == 0.5 else [h0, w_h, w_y]\n",
    "no number": "dh2 = w_y if h0 == 0.5 else h0 * math.inf\n",
    "a difference": "dw_y = h2 if h0 == 0.5 else h2 + h0\n",
    "an error": "dh2 = w_y if h0 == 0.5 else float(str([h0, w_h, w_y]))\n",
    "an error in a function": "def back():\n    raise KeyError(h0)\ndh2 = w_y if h0 == 0.5 else back()\n",
    "a check": "assert h0 == 0.5, h0\ndh2 = 1.0\n",
    "the name of a type": "dh2 = w_y if h0 == 0.5 else type(str(h0), (), {})()\n",
}


@pytest.mark.parametrize("way", WAYS)
def test_no_number_of_a_secret_point_is_told(way: str) -> None:
    exercise = load(find("tanh-chain-reverse"))
    probes = draw_points(exercise, "course")[1:]
    result = warm.check(exercise, load_bytes((TELLING + WAYS[way]).encode(), "mine.py"), secret="course")
    told = render(result) + result.output

    assert result.score is not None
    assert not any(f"{one.inputs['h0'].numbers()[0]:.4g}" in told for one in probes)


def test_a_number_of_a_point_that_everybody_knows_is() -> None:
    result = warm.check("tanh-chain-reverse", load_bytes((TELLING + WAYS["a value"]).encode(), "mine.py"))
    (step,) = (one for one in result.steps if one.name == "dy2")

    assert step.at is not None
    assert isinstance(step.got, Value)
    assert step.got.numbers() == dict(step.at)["h0"].numbers()
