"""Numbers and arrays in words."""

from __future__ import annotations

import pytest

from grader.model import Value
from grader.report.numbers import LargestDifference, difference, number, pair


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.0"),
        (-0.0, "0.0"),
        (1.0, "1.0"),
        (0.20998717080701305, "0.2099871708"),
        (-40.2153, "-40.2153"),
        (1e-12, "1e-12"),
        (1e22, "1e+22"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_ten_digits_at_most(value: float, shown: str) -> None:
    assert shown == number(value)


def test_numbers_that_differ_late_are_shown_to_differ() -> None:
    assert pair(1.0000000000001, 1.0) == ("1.0000000000001", "1.0")


def test_the_worst_entry_is_found_in_the_students_own_array() -> None:
    got = Value.of([1.0, 2.0, 3.0, 9.0], (1, 2, 2))
    expected = Value.of([1.0, 2.5, 3.0, 4.0], (2, 2))

    assert LargestDifference((0, 1, 1), 9.0, 4.0, 5.0) == difference(got, expected)


def test_not_a_number_is_the_worst_there_is() -> None:
    worst = difference(Value.of([9.0, float("nan")], (2,)), Value.of([1.0, 2.0], (2,)))

    assert worst is not None
    assert worst.index == (1,)


def test_other_shapes_and_empty_arrays_are_not_compared() -> None:
    assert difference(Value.of([1.0, 2.0], (2,)), Value.scalar(1.0)) is None
    assert difference(Value.of([], (0,)), Value.of([], (0,))) is None
