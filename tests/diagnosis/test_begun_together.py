"""Several sums that one statement begins with a number other than 0 are one mistake."""

from __future__ import annotations

import pytest

from grader.exercise.load import loads
from grader.model import Result
from grader.submission.load import load_bytes
from tests import warm

EXERCISE = """
exercise: own
title: Own
given:
  x: {shape: [4], draw: normal}
  w: {draw: normal}
  b: {draw: normal}
  c: {draw: normal}
forward: |
  L = sum(tanh(w * x + b + c)) + c
steps: {dw: d(L)/d(w), db: d(L)/d(b), dc: d(L)/d(c)}
"""

LOOP = """import numpy as np

x = np.random.randn(4)
w, b, c = 0.3, -0.2, 0.7
h = np.tanh(w * x + b + c)
L = h.sum() + c
dw = db = 1.0
dc = 1.0
for i in range(4):
    dw += (1 - h[i]**2) * x[i]
    db += 1 - h[i]**2
    dc += 1 - h[i]**2
"""


def checked(source: str) -> Result:
    return warm.check(loads(EXERCISE, "own.yaml"), load_bytes(source.encode(), "mine.py"))


def repairs(result: Result) -> dict[str, str | None]:
    """The repair of each wrong step."""
    return {step.name: step.diagnosis and step.diagnosis.fix for step in result.steps if step.outcome == "wrong"}


def test_the_number_costs_one_step_and_is_to_be_0() -> None:
    result = checked(LOOP)

    assert repairs(result) == {"dw": "dw = db = 0"}
    assert [step.outcome for step in result.steps] == ["wrong", "carried", "correct"]
    assert result.steps[0].diagnosis is not None
    assert result.steps[0].diagnosis.message == "Sums begin with 0: `1.0` is added to each of them here."


@pytest.mark.slow  # small changes are searched for in lines that have none
def test_a_number_that_a_right_step_begins_with_is_not_to_be_0() -> None:
    result = checked(LOOP.replace("dw = db = 1.0\ndc = 1.0", "dw = db = dc = 1.0"))

    assert "dw = db = dc = 0" not in repairs(result).values()
    assert result.steps[2].outcome == "correct"


@pytest.mark.slow
def test_two_sums_that_two_statements_begin_are_two_mistakes() -> None:
    result = checked(LOOP.replace("dw = db = 1.0", "dw = 1.0\ndb = 1.0"))

    assert [step.outcome for step in result.steps] == ["wrong", "wrong", "correct"]
