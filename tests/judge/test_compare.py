"""Shape before numbers, one tolerance per array, and nothing that is no number passes."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.exercise.types import Tolerance
from grader.judge.matching.compare import (
    MAX_NUMBERS_IN_PYTHON,
    Comparison,
    Measure,
    compare,
    distance,
    largest,
    magnitude,
    measure,
    same,
)
from grader.model import Observed, Opaque, Value

EXACT = Measure(rtol=1e-6, atol=0.0)


def vector(*numbers: float) -> Value:
    return Value.of(list(numbers), (len(numbers),))


def test_a_value_within_the_tolerance_of_the_largest_entry_is_right() -> None:
    assert compare(vector(1000.0, 0.0005), vector(1000.0, 0.0), EXACT) == Comparison(None, squeezed=False)


def test_a_value_beyond_it_is_wrong() -> None:
    assert compare(vector(1000.0, 0.002), vector(1000.0, 0.0), EXACT) == Comparison("value")


@pytest.mark.parametrize("size", [1, MAX_NUMBERS_IN_PYTHON, MAX_NUMBERS_IN_PYTHON + 1])
def test_large_and_small_arrays_are_compared_alike(size: int) -> None:
    right = Value.of([float(n) for n in range(size)], (size,))
    off = Value.of([float(n) + (n == size - 1) * 0.01 * size for n in range(size)], (size,))

    assert compare(right, right, EXACT).right
    assert compare(off, right, EXACT) == Comparison("value")


@pytest.mark.parametrize("size", [1, MAX_NUMBERS_IN_PYTHON + 1])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_never_right(bad: float, size: int) -> None:
    assert compare(Value.of([bad] * size, (size,)), Value.of([bad] * size, (size,)), EXACT) == Comparison("not_finite")


def test_the_sign_matters() -> None:
    assert compare(Value.scalar(5.5), Value.scalar(-5.5), EXACT) == Comparison("value")


def test_minus_zero_is_zero() -> None:
    assert compare(Value.scalar(-0.0), Value.scalar(0.0), EXACT).right


@pytest.mark.parametrize("shape", [(1, 2), (2, 1), (1, 2, 1)])
def test_axes_of_size_one_do_not_matter_unless_shapes_are_strict(shape: tuple[int, ...]) -> None:
    found, right = Value.of([1.0, 2.0], shape), vector(1.0, 2.0)

    assert compare(found, right, EXACT) == Comparison(None, squeezed=True)
    assert compare(found, right, Measure(1e-6, 0.0, strict=True)) == Comparison("shape")


def test_a_number_is_not_broadcast_to_an_array() -> None:
    assert compare(Value.scalar(1.0), vector(1.0, 1.0), EXACT) == Comparison("shape")


def test_a_transposed_matrix_has_another_shape() -> None:
    assert compare(Value.of([0.0] * 6, (2, 3)), Value.of([0.0] * 6, (3, 2)), EXACT) == Comparison("shape")


def test_an_empty_array_is_not_right_for_a_number() -> None:
    assert compare(Value((0,), b""), Value.scalar(0.0), EXACT) == Comparison("shape")


@pytest.mark.parametrize(("kind", "why"), [("placeholder", "placeholder"), ("text", "type"), ("object", "type")])
def test_what_is_no_number_says_so(kind: str, why: str) -> None:
    assert compare(Opaque(kind, "str"), Value.scalar(1.0), EXACT).why == why  # type: ignore[arg-type]


def test_tolerance_follows_the_coarsest_precision_asked_for() -> None:
    double = measure(Tolerance(), False, 1.0, frozenset({"float64", "float"}))
    single = measure(Tolerance(), False, 1.0, frozenset({"float64", "float32"}))

    assert (double.rtol, single.rtol) == (1e-6, 1e-4)
    assert double.atol < single.atol


def test_a_truth_of_zero_is_met_within_rounding_of_the_points_largest_value() -> None:
    by = measure(Tolerance(), False, largest=40.0, dtypes=frozenset())

    assert compare(Value.scalar(1e-15), Value.scalar(0.0), by).right
    assert not compare(Value.scalar(1e-6), Value.scalar(0.0), by).right


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=20))
def test_every_finite_value_is_right_for_itself_and_wrong_one_percent_off(numbers: list[float]) -> None:
    right = vector(*numbers)
    most = max(map(abs, numbers))

    assert compare(right, right, EXACT).right
    if most > 1e-30:
        assert not compare(vector(*(n + 0.01 * most for n in numbers)), right, EXACT).right


@given(st.binary(min_size=8, max_size=8))
def test_no_eight_bytes_pass_for_a_number_they_are_not(data: bytes) -> None:
    found = Value((), data)
    (number,) = struct.unpack("<d", data)

    assert compare(found, Value.scalar(1.5), EXACT).right == (abs(number - 1.5) <= 1.5e-6)


def test_two_values_are_the_same_but_for_the_last_bits() -> None:
    assert same(Value.scalar(0.1 + 0.2), Value.scalar(0.3))
    assert not same(Value.scalar(0.3), Value.scalar(0.3000001))


def test_what_is_not_finite_is_the_same_as_itself_only() -> None:
    assert same(Value.scalar(math.inf), Value.scalar(math.inf))
    assert not same(Value.scalar(1.0), Value.scalar(math.inf))
    assert not same(Value.of([1.0, 1.0], (2,)), Value.of([1.0, math.inf], (2,)))


@pytest.mark.parametrize(
    ("left", "right", "alike"),
    [
        (vector(1.0, 2.0), vector(1.0, 2.0), True),
        (vector(1.0, 2.0), Value.of([1.0, 2.0], (1, 2)), True),  # but for axes of size 1
        (vector(1.0, 2.0, 3.0, 4.0), Value.of([1.0, 2.0, 3.0, 4.0], (2, 2)), False),
        (vector(1.0, 2.0), vector(1.0, 2.0, 3.0), False),
        (vector(1.0, 2.0), vector(1.0, 2.0 + 1e-13), True),
        (vector(1.0, 2.0), vector(1.0, 2.0 + 1e-11), False),
        (Value.scalar(2.0), Value.scalar(2.0 + 1e-13), True),
        (Value.scalar(2.0), Value.scalar(2.0 + 1e-11), False),
        (Value.scalar(2.0), Value.scalar(-2.0), False),
        (Value.scalar(2.0, "float32"), Value.scalar(2.000001), True),  # float32 has seven digits
        (Value.scalar(2.000001), Value.scalar(2.0, "float32"), True),
        (Value.scalar(2.0, "float32"), Value.scalar(2.001), False),
        (vector(0.0, 0.0), vector(0.0, 1e-9), False),
        (Opaque("text", "str"), Opaque("text", "str"), False),  # no number
        (Value.scalar(1.0), Opaque("text", "str"), False),
    ],
)
def test_what_counts_as_the_same_value(left: Observed, right: Observed, alike: bool) -> None:
    assert same(left, right) is alike
    assert same(right, left) is alike


@pytest.mark.parametrize(
    ("dtype", "rtol", "share"),
    [
        ("float64", 1e-6, 1e-10),
        ("float32", 1e-4, 1e-6),
        ("float16", 2e-2, 1e-3),
        ("bfloat16", 5e-2, 1e-2),
        ("int64", 1e-6, 1e-10),
    ],
)
def test_each_float_has_its_tolerance(dtype: str, rtol: float, share: float) -> None:
    by = measure(Tolerance(), False, 40.0, frozenset({dtype}))

    assert by.rtol == rtol
    assert by.atol == pytest.approx(40.0 * share)


def test_a_course_may_ask_for_less() -> None:
    by = measure(Tolerance(rtol=0.1, atol=0.5), True, 40.0, frozenset({"float32"}))

    assert by == Measure(0.1, 0.5, strict=True)


def test_the_absolute_tolerance_is_added_to_the_relative_one() -> None:
    by = Measure(rtol=0.1, atol=1.0)

    assert compare(Value.scalar(11.9), Value.scalar(10.0), by).right
    assert not compare(Value.scalar(12.1), Value.scalar(10.0), by).right
    assert compare(vector(11.9, 0.0), vector(10.0, 0.0), by).right
    assert not compare(vector(12.1, 0.0), vector(10.0, 0.0), by).right
    assert not compare(vector(0.0, 12.1), vector(0.0, 10.0), by).right


def test_a_tuple_is_no_array_of_another_shape() -> None:
    assert compare(Value.of([1.0, 2.0], (1, 2), "tuple"), vector(1.0, 2.0), EXACT) == Comparison("tuple")
    assert compare(Value.of([1.0, 2.0], (2,), "tuple"), vector(1.0, 2.0), EXACT) == Comparison(None)


def test_two_empty_arrays_are_alike() -> None:
    assert compare(Value((0,), b""), Value((0,), b""), EXACT) == Comparison(None)


@pytest.mark.parametrize("size", [2, 2 * MAX_NUMBERS_IN_PYTHON, 20_000])
def test_the_distance_is_the_largest_difference(size: int) -> None:
    right = Value.of([-3.0, *[1.0] * (size - 1)], (size,))
    found = Value.of([-3.5, *[1.25] * (size - 1)], (size,))

    assert distance(found, right) == (0.5, 3.0)
    assert distance(Value.of([math.nan] * size, (size,)), right)[0] == math.inf


@pytest.mark.parametrize("size", [2, 2 * MAX_NUMBERS_IN_PYTHON, 20_000])
def test_the_magnitude_is_the_largest_one(size: int) -> None:
    numbers = Value.of([-3.0, *[1.0] * (size - 1)], (size,))
    infinite = Value.of([math.inf, *[-2.0] * (size - 1)], (size,))

    assert magnitude(numbers) == 3.0
    assert magnitude(infinite) == math.inf
    assert largest([Value.scalar(0.5), numbers]) == 3.0
    assert largest([infinite, Value.scalar(0.5)]) == 2.0  # an infinite right value says nothing of the others
    assert not compare(infinite, infinite, EXACT).right


def test_nothing_has_no_magnitude() -> None:
    assert magnitude(Value((0,), b"")) == 0.0
    assert largest([]) == 0.0
