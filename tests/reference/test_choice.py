"""Which draw of the probes is taken: one that hides nothing, where there is one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.exercise.types import Exercise
from grader.model import Value
from grader.reference.autograd import Graph, build
from grader.reference.point_selection import COMPARED_DRAWS, penalty
from grader.reference.points import Point, draw_points

from .making import Given, everywhere, exercise, point

WIDE: Given = {"x": {"value": 0.5, "probe": "uniform(-9, 9)"}, "v": 3.0}
SATURATING = exercise(WIDE, "h = tanh(x)\ny = v * h\n", {"dx": "d(y)/d(x)"})
KINKED = exercise({"x": {"value": 0.5, "probe": "normal"}}, "y = 3 * relu(x)\n", {"dx": "d(y)/d(x)"})


def bad(one: Exercise, *probes: Point) -> float:
    return penalty(one, probes, lambda probe, watch: Graph(one, probe, watch).environment)


def at(one: Exercise, **numbers: float) -> Point:
    return point(one, **{name: Value.scalar(number) for name, number in numbers.items()})


def steepest(one: Exercise, points: tuple[Point, ...]) -> int:
    """At how many probes tanh(x) is saturated."""
    return sum(abs(probe.inputs["x"].numbers()[0]) > 4.2 for probe in points[1:])


def test_probes_at_which_tanh_saturates_give_way_to_better_ones() -> None:
    reference = build(SATURATING)

    assert steepest(SATURATING, draw_points(SATURATING)) > 0
    assert steepest(SATURATING, reference.points) == 0


def test_a_relu_is_seen_from_both_sides() -> None:
    for number in range(20):
        seen = [inputs["x"].item() > 0 for inputs, _ in everywhere(KINKED, str(number))[1:]]

        assert set(seen) == {True, False}


def test_what_no_draw_can_mend_takes_the_first_of_the_best() -> None:
    one = exercise({"x": {"value": 7.0, "probe": "uniform(6, 9)"}, "v": 3.0}, "y = v * tanh(x)\n", {"dx": "d(y)/d(x)"})
    rated = [bad(one, *draw_points(one, "", attempt)[1:]) for attempt in range(COMPARED_DRAWS)]

    assert build(one).attempt == rated.index(min(rated))
    assert min(rated) >= 3


def test_a_good_first_draw_is_kept() -> None:
    one = exercise({"x": {"shape": [4], "draw": "normal"}}, "y = sum(exp(x)) * 3\n", {"dx": "d(y)/d(x)"})

    assert bad(one, *draw_points(one)[1:]) == 0
    assert build(one).attempt == 0


def test_the_choice_depends_on_the_exercise_and_the_secret_alone() -> None:
    code = (
        "import json, sys; from grader.exercise.load import loads; from grader.reference.autograd import build\n"
        "one = loads(sys.argv[1])\n"
        "print([build(one, secret).attempt for secret in map(str, range(12))])"
    )
    text = (
        "exercise: made\ntitle: Made\nforward: |\n  h = tanh(x)\n  y = v * h\n"
        "given: {x: {value: 0.5, probe: 'uniform(-9, 9)'}, v: 3.0}\nsteps: {dx: d(y)/d(x)}\n"
    )

    printed = subprocess.run([sys.executable, "-c", code, text], capture_output=True, text=True, check=True).stdout

    attempts = [build(SATURATING, secret).attempt for secret in map(str, range(12))]
    assert printed.strip() == str(attempts)
    assert len(set(attempts)) > 1


CHAIN = exercise({"a": 0.5, "b": 2.5}, "z = a * b\nh = tanh(z)\ny = 7 * h\n", {"da": "d(y)/d(a)"})


@pytest.mark.parametrize(
    ("worse", "because"),
    [
        ((2.1, 2.1), "two inputs are the same number"),
        ((0.5, 2.0), "z is 1"),
        ((0.001, 2.5), "a is nearly 0"),
        ((3.1, 2.5), "tanh is saturated"),
        ((1e7, 1.3e-7), "a is huge"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_hides_mistakes_counts_against_a_draw(worse: tuple[float, float], because: str) -> None:
    good, other = at(CHAIN, a=0.5, b=2.5), at(CHAIN, a=worse[0], b=worse[1])

    assert bad(CHAIN, good) == 0
    assert bad(CHAIN, other) > 0, because


@pytest.mark.parametrize(
    ("forward", "both"),
    [
        ("y = 3 * relu(x)\n", True),
        ("y = 3 * abs(x)\n", True),
        ("y = 3 * maximum(x, 0)\n", True),
        ("y = where(x > 0, 3 * x, 5 * x)\n", True),
        ("y = 3 * maximum(x, 1e-8)\n", False),
        ("y = 3 * exp(x)\n", False),
    ],
)
def test_a_kink_is_to_be_seen_from_both_sides(forward: str, both: bool) -> None:
    one = exercise({"x": 0.5}, forward, {"dx": "d(y)/d(x)"})
    above, below = at(one, x=0.7), at(one, x=-0.6)

    assert bad(one, above, at(one, x=0.8)) == (1 if both else 0)
    assert not both or bad(one, above, below) == 0


def test_a_probe_without_finite_values_is_the_worst() -> None:
    one = exercise({"x": 0.5}, "y = log(x)\n", {"dx": "d(y)/d(x)"})

    assert bad(one, at(one, x=-0.5)) == float("inf")


def test_large_exercises_take_the_first_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.reference.point_selection.penalty", lambda *_: pytest.fail("it was rated"))
    one = exercise({"x": {"shape": [40000], "draw": "normal"}}, "y = sum(x)\n", {"dy": "d(y)/d(y)"})

    assert build(one).attempt == 0
