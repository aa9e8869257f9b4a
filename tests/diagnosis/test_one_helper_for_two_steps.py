"""A mistake in a function that two steps call is repaired in the function, one in what it is handed in the call."""

from __future__ import annotations

import pytest

from grader.submission.load import load_bytes
from tests import warm

PROGRAM = """\
import numpy as np
h0 = 0.5; w_h = 2.0; w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
def slope(x):
    return FORMULA
dy2 = 1.0
dw_y = h2 * dy2
dh2 = w_y * dy2
dh2_raw = slope(FIRST) * dh2
dh1 = w_h * dh2_raw
dh1_raw = slope(SECOND) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
"""

OUT, IN = "1 - x**2", "1 - np.tanh(x)**2"
"""The derivative of tanh, of its output and of what goes in."""


@pytest.mark.parametrize(
    ("formula", "first", "second", "code", "fix"),
    [
        (OUT, "h2_raw", "h1", "tanh-derivative-on-pre-activation", "dh2_raw = slope(h2) * dh2"),
        (OUT, "h2", "h1_raw", "tanh-derivative-on-pre-activation", "dh1_raw = slope(h1) * dh1"),
        (OUT, "h2_raw", "h1_raw", "tanh-derivative-on-pre-activation", f"return {IN}"),
        (OUT, "dh2", "h1", "gradient-for-value", "dh2_raw = slope(h2) * dh2"),
        (IN, "h2", "h1", "activation-applied-twice", f"return {OUT}"),
        (IN, "h2", "h1_raw", "activation-applied-twice", "dh2_raw = slope(h2_raw) * dh2"),
        (IN, "h2_raw", "h1", "activation-applied-twice", "dh1_raw = slope(h1_raw) * dh1"),
        ("1 + x**2", "h2", "h1", "tanh-derivative-with-plus", f"return {OUT}"),
    ],
)
def test_what_two_calls_have_in_common_is_repaired_once(
    formula: str, first: str, second: str, code: str, fix: str
) -> None:
    source = PROGRAM.replace("FORMULA", formula).replace("FIRST", first).replace("SECOND", second)
    result = warm.check("tanh-chain-reverse", load_bytes(source.encode(), "mine.py"))
    (wrong,) = [step for step in result.steps if step.outcome == "wrong"]

    assert wrong.diagnosis is not None
    assert (wrong.diagnosis.code, wrong.diagnosis.fix) == (code, fix)


@pytest.mark.parametrize(("formula", "first", "second"), [(OUT, "h2", "h1"), (IN, "h2_raw", "h1_raw")])
def test_a_function_that_is_handed_what_it_needs_is_right(formula: str, first: str, second: str) -> None:
    source = PROGRAM.replace("FORMULA", formula).replace("FIRST", first).replace("SECOND", second)
    result = warm.check("tanh-chain-reverse", load_bytes(source.encode(), "mine.py"))

    assert {step.outcome for step in result.steps} == {"correct"}
