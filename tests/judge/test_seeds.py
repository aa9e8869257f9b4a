"""The derivative of an output by itself: typed in it is a step of one's own, read off what autograd kept it is not."""

from __future__ import annotations

from grader.submission.load import load_bytes
from tests import warm

CHAIN = """import torch
h0, w_h, w_y = (torch.tensor(one, requires_grad=True) for one in (0.5, 2.0, 40.0))
h1_raw = w_h * h0
h1 = torch.tanh(h1_raw)
h2_raw = w_h * h1
h2 = torch.tanh(h2_raw)
y2 = w_y * h2
y2.retain_grad()
y2.backward()
"""


def outcomes(code: str) -> dict[str, str]:
    result = warm.check("tanh-chain", load_bytes((CHAIN + code).encode(), "mine.py"))
    return {one.name: one.outcome for one in result.steps}


def test_what_autograd_kept_is_borrowed() -> None:
    assert outcomes("dy2 = y2.grad\n")["dy2"] == "borrowed"


def test_what_is_typed_in_and_compared_with_it_is_ones_own() -> None:
    assert outcomes("dy2 = 1.0\nprint(y2.grad == dy2)\ndw_y = h2 * dy2\n")["dy2"] == "correct"
