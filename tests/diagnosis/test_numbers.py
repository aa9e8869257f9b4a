"""Numbers and arrays, compared and drawn anew by the same functions."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy
import pytest

from grader.diagnosis.chain_rule.numbers import alike, as_number, is_right, redrawn
from grader.judge.matching.compare import Measure
from grader.model import Value

EXACT = Measure(0.0, 0.0)
HALF = Measure(0.5, 0.0)


@pytest.mark.parametrize("of", [float, lambda number: numpy.array([number, 0.0])], ids=["number", "array"])
@pytest.mark.parametrize(
    ("value", "right", "by", "expected"),
    [
        (0.0, 0.0, EXACT, True),  # what is equal is right with any tolerance
        (2.0, 2.0, EXACT, True),
        (3.0, 2.0, HALF, True),
        (1.0, 2.0, HALF, True),
        (3.25, 2.0, HALF, False),
        (2.0, 3.5, HALF, True),
        (2.0, 4.5, HALF, False),  # relative to the right value
        (0.25, 0.0, Measure(0.5, 0.25), True),
        (0.5, 0.0, Measure(0.5, 0.25), False),
        (-2.0, 2.0, HALF, False),
        (math.inf, math.inf, HALF, False),
        (math.nan, 2.0, HALF, False),
    ],
)
def test_a_value_is_right_within_the_tolerances(
    of: Any, value: float, right: float, by: Measure, expected: bool
) -> None:
    with numpy.errstate(invalid="ignore"):
        assert is_right(of(value), of(right), by) is expected


def test_a_difference_counts_relative_to_the_largest_entry() -> None:
    assert is_right(numpy.array([1.0, 8.0]), numpy.array([4.0, 8.0]), HALF)
    assert not is_right(numpy.array([1.0, 8.0]), numpy.array([6.0, 8.0]), HALF)


@pytest.mark.parametrize(("strict", "expected"), [(False, True), (True, False)])
def test_axes_of_length_1_count_only_where_the_measure_is_strict(strict: bool, expected: bool) -> None:
    by = Measure(0.0, 0.0, strict)

    assert is_right(numpy.ones((3, 1)), numpy.ones(3), by) is expected
    assert is_right(numpy.ones((3, 2)), numpy.ones((2, 3)), by) is False


@pytest.mark.parametrize("value", [None, [1.0], {0: 1.0}, "1.0", slice(1), 1j])
def test_what_is_no_number_is_not_right(value: Any) -> None:
    assert not is_right(value, 1.0, HALF)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1.0, 1.0 + 1e-10, True),
        (1.0, 1.0 + 1e-8, False),
        (numpy.ones(2), numpy.ones(2) + 1e-10, True),
        (numpy.ones(2), numpy.ones((1, 2)), False),
        (numpy.ones(2), 1.0, False),
        (None, 1.0, False),
        ((1.0, 2.0), (1.0, 2.0), True),
        ((1.0, 2.0), (1.0, 3.0), False),
        ((1.0,), (1.0, 2.0), False),
        ((1.0,), 1.0, False),
        ({1: 2.0}, {1: 2.0}, True),
        ({1: 2.0}, {1: 3.0}, False),
        ({1: 2.0}, {2: 2.0}, False),
    ],
)
def test_what_is_alike_but_for_rounding(left: Any, right: Any, expected: bool) -> None:
    assert alike(left, right) is expected


def test_only_what_is_an_integer_in_the_code_is_one() -> None:
    assert type(as_number(Value.scalar(3.0, "int"))) is int
    assert type(as_number(Value.scalar(3.0))) is float
    assert as_number(Value.of([1.0, 2.0], (2,), "int")).dtype.kind == "i"
    assert as_number(Value.of([1.0, 2.0], (1, 2))).tolist() == [[1.0, 2.0]]


def test_numbers_are_drawn_between_the_least_and_one_and_a_half() -> None:
    drawn = redrawn(numpy.zeros((50, 20)), random.Random(0), -1.5)

    assert drawn.shape == (50, 20)
    assert -1.5 <= drawn.min() < -1.4
    assert 1.4 < drawn.max() <= 1.5
    assert 0.5 <= redrawn(0.0, random.Random(0)) <= 1.5


def test_indices_are_drawn_from_those_that_were_there() -> None:
    drawn = redrawn(numpy.array([[2, 5, 2, 2, 2, 2, 2, 2]] * 9), random.Random(0))

    assert set(drawn.ravel().tolist()) == {2, 3, 4, 5}
    assert redrawn(7, random.Random(0)) == 7
