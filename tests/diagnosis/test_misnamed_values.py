"""Calls and methods of unusual forms, in which a value under another name is looked for."""

from __future__ import annotations

from pathlib import Path

import grader

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
