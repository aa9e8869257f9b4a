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


def test_a_number_stands_for_a_given_one_under_another_name_next_to_one_under_its_own() -> None:
    assert outcomes("b = 0.5\np = 0.5\nz = p * b**2\nda = b**2\ndb = 2 * p * b\n", EQUAL) == {}
    assert outcomes("p = 0.5\nb = 0.5\nz = p * b**2\nda = b**2\ndb = 2 * p * b\n", EQUAL) == {}


SCALED = """\
exercise: scaled
title: A given number beside a constant
given: {{a: {given}}}
forward: |
  y = a**2 * {constant}
steps: {{da: d(y)/d(a)}}
"""


def test_a_constant_that_equals_a_given_number_stays_itself_where_that_has_its_name() -> None:
    exercise = loads(SCALED.format(given=0.5, constant=0.5))

    assert outcomes("half = 0.5\na = 0.5\ny = a**2 * half\nda = 2 * a * half\n", exercise) == {}


def test_a_constant_that_equals_a_given_number_stays_itself_where_a_parameter_has_its_name() -> None:
    exercise = loads(SCALED.format(given=0.5, constant=0.5))
    program = "half = 0.5\n\ndef slope(a):\n    return 2 * a * half\n\nda = slope(0.5)\n"

    assert outcomes(program, exercise) == {}


def test_a_constant_of_the_size_of_a_given_number_stays_itself() -> None:
    exercise = loads(SCALED.format(given=2.0, constant=1.5))

    assert outcomes("c = 1.5\np = 2.0\nz = c * p**2\ndp = 2 * c * p\nda = dp\n", exercise) == {}


def test_a_number_typed_with_seven_digits_stands_for_the_given_one_and_one_with_five_does_not() -> None:
    exercise = loads(SCALED.format(given=1.23456789, constant=1.5))

    assert outcomes("p = 1.234568\nda = 3 * p\n", exercise) == {}
    assert outcomes("p = 1.23457\nda = 3 * p\n", exercise) == {"da": "wrong"}
