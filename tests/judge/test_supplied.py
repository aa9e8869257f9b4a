"""A line that raises for lack of steps is judged with their right values in their places."""

from __future__ import annotations

from grader.submission.load import load_bytes
from tests import warm

LACKING = """\
import numpy as np
h0 = 0.5; w_h = 2.0; w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh1 = (1 - h2**2) * dh2 * w_h
dw_h = {dw_h}
"""


def outcomes(dw_h: str) -> dict[str, str]:
    source = LACKING.format(dw_h=dw_h)
    result = warm.check("tanh-chain-reverse", load_bytes(source.encode(), "mine.py"))
    return {step.name: step.outcome for step in result.steps if step.outcome != "correct"}


def test_a_right_line_that_lacks_two_steps_only_carries_their_lack() -> None:
    assert outcomes("h1 * dh2_raw + h0 * dh1_raw") == {"dh2_raw": "missing", "dh1_raw": "missing", "dw_h": "carried"}


def test_a_wrong_line_that_lacks_two_steps_is_wrong() -> None:
    assert outcomes("h1 * dh2_raw - h0 * dh1_raw") == {"dh2_raw": "missing", "dh1_raw": "missing", "dw_h": "wrong"}
