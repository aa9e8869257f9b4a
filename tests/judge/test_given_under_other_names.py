"""Given numbers under names of the student's own: the first number at the top level that equals one stands for it."""

from __future__ import annotations

from pathlib import Path

from grader.exercise.load import loads
from grader.submission.load import load_bytes
from tests import warm

OTHER = (Path(__file__).parents[1] / "cases" / "correct" / "inputs_and_steps_under_other_names.py").read_text()
LINE = "x, a, b = 0.5, 2.0, 40.0\n"

EQUAL = loads("""\
exercise: equal
title: Two given numbers that are equal
given: {a: 0.5, b: 0.5}
forward: |
  y = a * b**2
steps: {da: d(y)/d(a), db: d(y)/d(b)}
""")


def outcomes(source: str, exercise: object = "tanh-chain") -> dict[str, str]:
    result = warm.check(exercise, load_bytes(source.encode(), "mine.py"))
    return {one.name: one.outcome for one in result.steps if one.outcome != "correct"}


def test_a_number_that_is_near_a_given_one_does_not_stand_for_it() -> None:
    assert outcomes(OTHER.replace(LINE, f"rate, decay, size = 0.49, 2.01, 40.5\n{LINE}")) == {}


def test_a_number_within_a_function_does_not_stand_for_a_given_one() -> None:
    assert outcomes(OTHER.replace(LINE, f"def rate():\n    start = 0.5\n    return start\nrate()\n{LINE}")) == {}


def test_of_two_equal_numbers_each_stands_for_a_given_one() -> None:
    assert outcomes("p = 0.5\nq = 0.5\nz = p * q**2\nda = q**2\ndb = 2 * p * q\n", EQUAL) == {}
