"""The value of a local at which what is computed from it is right, found by one run per entry."""

from __future__ import annotations

from collections.abc import Mapping

import numpy
import pytest

from grader.judge.matching.compare import Measure
from grader.judge.shared_mistakes.affine import Response, response
from grader.judge.shared_mistakes.shared import guilty_part
from grader.model import Value

OWN = numpy.array([1.0, -2.0])
WANTED = numpy.array([0.5, 3.0])
"""The local's value, and the one at which the quantities are right."""

MADE = {
    "both": numpy.array([[2.0, 1.0], [1.0, 3.0]]),
    "first": numpy.array([[4.0, 0.0]]),
    "second": numpy.array([[0.0, 5.0]]),
    "sum": numpy.array([[1.0, 1.0]]),
    "nothing": numpy.array([[0.0, 0.0]]),
}
"""Quantities as linear maps of the local; each has 7 added."""


def value(array: numpy.ndarray) -> Value:
    return Value.of(array.ravel().tolist(), array.shape)


def quantities(local: numpy.ndarray) -> dict[str, Value]:
    return {name: value(matrix @ local + 7.0) for name, matrix in MADE.items()}


def of(wrong: Mapping[str, float] | None = None) -> Response:
    """The response where the right value of some quantities has something added."""
    runs = [quantities(OWN), *(quantities(OWN + unit) for unit in numpy.eye(2))]
    right = {name: value(MADE[name] @ WANTED + 7.0 + (wrong or {}).get(name, 0.0)) for name in MADE}
    return response(runs, right, dict.fromkeys(MADE, Measure(1e-6, 1e-9)))


def test_the_slopes_are_those_of_the_map() -> None:
    found = of()

    assert all(numpy.allclose(found.slopes[name], matrix) for name, matrix in MADE.items())
    assert [name for name in MADE if found.follows(name)] == ["both", "first", "second", "sum"]


@pytest.mark.parametrize("names", [["both"], ["first", "second"], ["both", "sum"], ["first", "second", "both", "sum"]])
def test_the_change_that_makes_all_right_is_found(names: list[str]) -> None:
    change = of().change_for(names)

    assert numpy.allclose(change, WANTED - OWN)


def test_no_change_makes_quantities_right_that_need_different_ones() -> None:
    found = of({"sum": 0.1})

    assert found.change_for(["both", "sum"]) is None
    assert found.change_for(["first", "sum"]) is not None
    assert found.change_for(["nothing"]) is not None
    assert of({"nothing": 0.1}).change_for(["nothing"]) is None


@pytest.mark.parametrize(
    ("names", "held"),
    [
        (["both"], set()),  # two numbers fit any two
        (["first", "second"], set()),
        (["both", "first"], {"both", "first"}),
        (["first", "second", "sum"], {"first", "second", "sum"}),
        (["first", "sum"], set()),
        (["both", "nothing"], {"nothing"}),  # needs no value of the local to be right
    ],
)
def test_a_quantity_is_held_where_the_others_would_show_its_mistake(names: list[str], held: set[str]) -> None:
    assert of().held(names) == held


def test_what_is_not_in_all_runs_in_the_right_size_or_is_not_finite_is_left_out() -> None:
    runs = [quantities(OWN), *(quantities(OWN + unit) for unit in numpy.eye(2))]
    del runs[1]["first"]
    runs[2]["second"] = Value.of([1.0, 2.0], (2,))
    runs[2]["sum"] = Value.scalar(float("inf"))
    right = quantities(WANTED)

    assert set(response(runs, right, dict.fromkeys(MADE, Measure(1e-6, 1e-9))).base) == {"both", "nothing"}


START, MORE, SLOPE = numpy.array([1.0, 2.0]), numpy.array([0.5, -4.0]), numpy.array([0.25, 3.0])


@pytest.mark.parametrize(
    ("states", "right", "guilty"),
    [
        ([START, START - MORE, START - MORE + SLOPE], [False, False, False], 1),  # the wrong sign
        ([START, START + 2 * MORE, START + 2 * MORE + SLOPE], [False, False, False], 1),  # twice
        ([START, START + MORE, START + MORE - SLOPE], [True, False, False], 2),
        ([3 * START, 3 * START + MORE, 3 * START + MORE + SLOPE], [False, False, False], 0),
        ([START, START + MORE + 1, START + MORE + SLOPE + 1], [True, False, False], 1),  # the first after a right one
        ([START, START + MORE, START + MORE + SLOPE + 1], [True, True, False], 2),
        ([START, START + MORE, START + MORE], [False, False, True], 2),
    ],
)
def test_of_the_lines_that_build_up_a_value_the_wrong_one_is_told(
    states: list[numpy.ndarray], right: list[bool], guilty: int
) -> None:
    wanted = START + MORE + SLOPE

    assert guilty_part([states], [wanted - states[-1]], right) == guilty


def test_a_line_has_to_explain_what_is_missing_at_every_point() -> None:
    states = [[START, START - MORE], [MORE, MORE + SLOPE]]
    missing = [2 * MORE, START]

    assert guilty_part(states, missing, [False, False]) == 0
