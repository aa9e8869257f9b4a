"""The line at which a wrong step is shown."""

from __future__ import annotations

import pytest

from grader.submission.load import load_bytes
from tests import warm

DERIVATION = """\
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
dh2_raw = (1 - h2**2) * dh2
up = {up}
dh1 = {dh1}
dh1_raw = (1 - h1**2) * dh1
dw_h = h1 * dh2_raw + h0 * dh1_raw
"""


def shown(**lines: str) -> dict[str, str]:
    """The line at which each wrong step is shown."""
    result = warm.check("tanh-chain-reverse", load_bytes(DERIVATION.format(**lines).encode(), "mine.py"))
    return {step.name: step.code or "" for step in result.steps if step.outcome == "wrong"}


def test_a_copy_of_a_wrong_local_is_shown_where_the_local_is_made() -> None:
    assert shown(up="w_y * dh2_raw", dh1="up") == {"dh1": "up = w_y * dh2_raw"}


def test_a_copy_of_another_step_is_itself_what_is_wrong() -> None:
    assert shown(up="dh2_raw", dh1="up") == {"dh1": "dh1 = up"}


IN_A_FUNCTION = """\
import numpy as np
h0 = 0.5; w_h = 2.0; w_y = 40.0
h1_raw = w_h * h0
h1 = np.tanh(h1_raw)
h2_raw = w_h * h1
h2 = np.tanh(h2_raw)
y2 = w_y * h2
def backward():
    g_y = 1.0
    g_w = h2 * g_y
    g_h2 = w_y * g_y
    g_h2_raw = (1 - h2**2) * g_h2
    g_h1 = g_h2_raw
    g_h1_raw = g_h1
    g_w_h = h1 * g_h2_raw + h0 * g_h1_raw
    return {returned}
{called} = backward()
"""
NAMES, LOCALS = "dy2, dw_y, dh2, dh2_raw, dh1, dh1_raw, dw_h", "g_y, g_w, g_h2, g_h2_raw, g_h1, g_h1_raw, g_w_h"


@pytest.mark.parametrize(
    ("returned", "called"),
    [(LOCALS, NAMES), (f"dict(zip({NAMES.split(', ')}, [{LOCALS}]))", "grads")],
    ids=["unpacked", "as a dictionary"],
)
def test_results_that_are_handed_on_at_once_are_shown_where_each_local_is_made(returned: str, called: str) -> None:
    source = IN_A_FUNCTION.format(returned=returned, called=called)
    result = warm.check("tanh-chain-reverse", load_bytes(source.encode(), "mine.py"))
    codes = {step.name: step.code for step in result.steps if step.outcome not in ("correct", "compensated")}

    assert codes == {
        "dh1": "g_h1 = g_h2_raw",
        "dh1_raw": "g_h1_raw = g_h1",
        "dw_h": "g_w_h = h1 * g_h2_raw + h0 * g_h1_raw",
    }
