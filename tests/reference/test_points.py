"""The points a submission is judged at: drawn the same everywhere, and never where the given numbers forbid."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.exercise.types import Exercise
from grader.reference.points import MAX_MAGNITUDE, MIN_MAGNITUDE, Point, draw_points

from .making import Given, exercise


def of(given: Given, rest: str = "", name: str = "made") -> Exercise:
    return exercise(given, "y = sum(x) * 2\n", {"dx": "d(y)/d(x)"}, rest, name)


def drawn(points: tuple[Point, ...], name: str = "x") -> list[tuple[float, ...]]:
    return [point.inputs[name].numbers() for point in points]


ONE = of({"x": 0.5})


def test_the_given_numbers_come_first() -> None:
    first = draw_points(of({"x": [1.5, -2.0]}))[0]

    assert first.number == 0
    assert first.inputs["x"].numbers() == (1.5, -2.0)


def test_there_are_three_further_points_unless_told_otherwise() -> None:
    assert [point.number for point in draw_points(ONE)] == [0, 1, 2, 3]
    assert len(draw_points(of({"x": 0.5}, "probe: 7"))) == 8


def test_the_same_call_draws_the_same_numbers() -> None:
    assert draw_points(ONE, "secret", 2) == draw_points(of({"x": 0.5}), "secret", 2)


def test_another_process_draws_the_same_numbers() -> None:
    code = (
        "from grader.exercise.load import loads; from grader.reference.points import draw_points\n"
        "one = loads('exercise: made\\ntitle: M\\ngiven: {x: 0.5}\\nforward: y = x * 2\\nsteps: {dx: d(y)/d(x)}\\n')\n"
        "print([p.inputs['x'].numbers() for p in draw_points(one, 's', 1)])"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout

    assert printed.strip() == str(drawn(draw_points(ONE, "s", 1)))


def test_all_points_differ() -> None:
    assert len(set(drawn(draw_points(of({"x": 0.5}, "probe: 10"))))) == 11


def test_the_exercise_the_secret_and_the_attempt_each_draw_other_probes() -> None:
    probes = [
        tuple(drawn(points)[1:])
        for points in (
            draw_points(ONE),
            draw_points(of({"x": 0.5}, name="other")),
            draw_points(ONE, "secret"),
            draw_points(ONE, "another secret"),
            draw_points(ONE, "", 1),
            draw_points(ONE, "", 2),
        )
    ]

    assert len(set(probes)) == len(probes)


def test_two_inputs_are_drawn_apart() -> None:
    one = exercise({"x": 0.5, "w": 0.5}, "y = x * w\n", {"dx": "d(y)/d(x)"})

    points = draw_points(one)[1:]

    assert all(point.inputs["x"] != point.inputs["w"] for point in points)


def test_the_given_point_depends_on_neither_secret_nor_attempt() -> None:
    one = of({"x": {"shape": [4], "draw": "normal"}})

    assert draw_points(one)[0] == draw_points(one, "secret")[0] == draw_points(one, "secret", 5)[0]


def test_adding_a_point_leaves_the_earlier_ones_as_they_were() -> None:
    assert draw_points(of({"x": 0.5}, "probe: 5"))[:4] == draw_points(ONE)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6).filter(lambda number: number != 0), min_size=1, max_size=4), st.text(max_size=5))
def test_probes_keep_the_sign_of_the_given_number_and_are_of_order_one(numbers: list[float], secret: str) -> None:
    for point in draw_points(of({"x": numbers}), secret)[1:]:
        for given_number, number in zip(numbers, point.inputs["x"].numbers(), strict=True):
            assert (number > 0) == (given_number > 0)
            assert MIN_MAGNITUDE <= abs(number) <= MAX_MAGNITUDE


def test_given_numbers_are_drawn_with_few_decimals() -> None:
    one = of({"x": {"shape": [50], "draw": "uniform(-0.5, 0.5)"}, "z": {"shape": [50], "draw": "normal"}})

    given_numbers = draw_points(one)[0].inputs

    assert all(number == round(number, 3) for number in given_numbers["x"].numbers())
    assert all(number == round(number, 3) for number in given_numbers["z"].numbers())


def test_a_given_zero_is_drawn_with_either_sign() -> None:
    numbers = [number for point in drawn(draw_points(of({"x": [0.0] * 20}))[1:]) for number in point]

    assert {number > 0 for number in numbers} == {True, False}
    assert all(MIN_MAGNITUDE <= abs(number) <= MAX_MAGNITUDE for number in numbers)


@settings(max_examples=30, deadline=None)
@given(st.integers(-100, 99), st.integers(1, 100), st.text(max_size=5))
def test_draws_stay_within_their_ranges(low: int, width: int, secret: str) -> None:
    high = low + width
    uniform = of({"x": {"value": [0.0] * 5, "probe": f"uniform({low}, {high})"}})
    whole = exercise(
        {"x": 0.5, "k": {"shape": [5], "draw": f"integers({low}, {high})"}}, "y = x * sum(k)\n", {"dx": "d(y)/d(x)"}
    )

    for point in draw_points(uniform, secret)[1:]:
        assert all(low <= number <= high for number in point.inputs["x"].numbers())
    for point in draw_points(whole, secret):
        assert all(low <= number < high and number == int(number) for number in point.inputs["k"].numbers())


def test_normal_draws_have_both_signs_and_the_spread_of_a_normal() -> None:
    numbers = drawn(draw_points(of({"x": {"shape": [4000], "draw": "normal"}}))[:1])[0]

    mean = sum(numbers) / 4000
    variance = sum((number - mean) ** 2 for number in numbers) / 4000
    # Five standard errors: of the mean 1/sqrt(n), of the variance sqrt(2/n).
    assert abs(mean) < 5 / 4000**0.5
    assert abs(variance - 1) < 5 * (2 / 4000) ** 0.5


def test_what_is_drawn_at_the_given_point_is_drawn_anew_at_the_probes() -> None:
    assert len(set(drawn(draw_points(of({"x": {"shape": [3], "draw": "normal"}}))))) == 4


def test_fixed_inputs_and_whole_numbers_are_never_redrawn() -> None:
    one = exercise({"x": 0.5, "n": 32, "c": {"value": 2.5, "fixed": True}}, "y = n * c * x\n", {"dx": "d(y)/d(x)"})

    for attempt in range(3):
        points = draw_points(one, "secret", attempt)
        assert drawn(points, "n") == [(32.0,)] * 4
        assert drawn(points, "c") == [(2.5,)] * 4


def test_whole_numbers_are_said_to_be_whole() -> None:
    one = of({"x": 0.5, "n": 32, "ix": {"shape": [3], "draw": "integers(0, 27)"}})

    assert [[point.inputs[name].dtype for name in ("x", "n", "ix")] for point in draw_points(one)[:2]] == [
        ["float64", "int", "int"],
        ["float64", "int", "int"],
    ]


def test_the_shape_and_not_the_path_or_the_text_of_an_exercise_decides() -> None:
    elsewhere = replace(ONE, path="/elsewhere.yaml", digest="other", text="Other words.")

    assert draw_points(elsewhere) == draw_points(ONE)
    assert [point.inputs["x"].shape for point in draw_points(of({"x": [[1.0, 2.0, 3.0]]}))] == [(1, 3)] * 4
