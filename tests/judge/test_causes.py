"""What a carried step was fed by."""

from __future__ import annotations

from grader.submission.load import load_bytes
from tests import warm

FORWARD = """\
import math
h0, w_h, w_y = 0.5, 2.0, 40.0
h1_raw = w_h * h0
h1 = math.tanh(h1_raw)
h2_raw = w_h * h1
h2 = math.tanh(h2_raw)
y2 = w_y * h2
grads = {"y2": 1.0}
"""


def fed_by(source: str) -> dict[str, tuple[str, ...]]:
    result = warm.check("tanh-chain-reverse", load_bytes((FORWARD + source).encode(), "mine.py"))
    return {step.name: step.caused_by for step in result.steps if step.outcome == "carried"}


def test_an_entry_of_a_dict_feeds_what_reads_that_entry_and_nothing_else() -> None:
    wrong_beside_the_way = """\
grads["h2"] = 2 * w_y
grads["w_y"] = -h2
grads["h2_raw"] = grads["h2"] * (1 - h2**2)
grads["h1"] = grads["h2_raw"] * w_h
grads["h1_raw"] = grads["h1"] * (1 - h1**2)
grads["w_h"] = grads["h1_raw"] * h0
grads["w_h"] += grads["h2_raw"] * h1
"""
    assert fed_by(wrong_beside_the_way) == dict.fromkeys(["dh2_raw", "dh1", "dh1_raw", "dw_h"], ("dh2",))


def test_a_dict_read_as_a_whole_feeds_with_its_last_entry() -> None:
    whole = """\
grads["w_y"] = h2
grads["h2"] = 2 * w_y
grads["h2_raw"] = list(grads.values())[-1] * (1 - h2**2)
"""
    assert fed_by(whole) == {"dh2_raw": ("dh2",)}


def test_a_step_that_raised_feeds_all_that_could_not_be_computed_without_it() -> None:
    raised = """\
dh2 = w_y * [1.0][3]
dh2_raw = (1 - h2**2) * dh2
dh1 = w_h * dh2_raw
"""
    assert fed_by(raised) == {"dh2_raw": ("dh2",), "dh1": ("dh2",)}
