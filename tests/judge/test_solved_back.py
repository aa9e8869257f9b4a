"""A step that is solved for, out of a later one that was not derived, earns nothing; what the usual order, or a derived
later step, makes of it stays right."""

from __future__ import annotations

import pytest

from grader.submission.load import load_bytes
from tests import warm

FORWARD = """
import math
h0 = 0.5
w_h = 2.0
w_y = 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
dy2 = 1.0
dw_y = h2
dh2 = w_y
"""
DERIVED = """
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
"""
SOLVED = """
dh1_raw = (dw_h - h1 * (1 - h2**2) * w_y) / h0
dh1 = dh1_raw / (1 - h1**2)
"""
CASES = {
    "from a number of one's own": (
        f"dw_h = 3.0 * w_h\n{SOLVED}",
        {"dw_h": "wrong", "dh1_raw": "borrowed", "dh1": "borrowed", "dh2_raw": "missing"},
    ),
    "from a blank": (
        f"dw_h = ...\n{SOLVED}",
        {"dw_h": "missing", "dh1_raw": "borrowed", "dh1": "borrowed", "dh2_raw": "missing"},
    ),
    "from a step that was derived": (DERIVED + SOLVED, {}),
    "in the usual order, after a mistake": (
        DERIVED.replace("1 - h2**2", "1 - h2"),
        {"dh2_raw": "wrong", "dh1": "carried", "dh1_raw": "carried", "dw_h": "carried"},
    ),
    "in the usual order, after a blank": (
        "dh2 = ...\n" + DERIVED,
        {"dh2": "missing", "dh2_raw": "carried", "dh1": "carried", "dh1_raw": "carried", "dw_h": "carried"},
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_was_solved_for_is_told_from_what_was_derived(text: str, expected: dict[str, str]) -> None:
    result = warm.check("tanh-chain-reverse", load_bytes((FORWARD + text).encode(), "mine.py"))

    assert {step.name: step.outcome for step in result.steps if step.outcome != "correct"} == expected


def test_a_step_with_the_value_of_a_later_one_may_be_taken_from_it() -> None:
    """A bias is added: the derivative by it is the one before it, and neither is made from the other."""
    text = """
import math
x, w, b, t = 1.5, 1.2, -0.5, 0.1
z = w * x + b
s = 1 / (1 + math.exp(-z))
e = s - t
loss = e**2
de = 2 * e
ds = de
ds_dz = s * (1 - s)
db = ds * s
dz = db
dw = dz * x
dx = dz * w
"""
    result = warm.check("sigmoid", load_bytes(text.encode(), "mine.py"))

    expected = {"db": "wrong", "dz": "carried", "dw": "carried", "dx": "carried"}
    assert {step.name: step.outcome for step in result.steps if step.outcome != "correct"} == expected
