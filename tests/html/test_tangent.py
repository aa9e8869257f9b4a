"""The picture of a derivative: its curve is the program's, its numerical slope that of calculus."""

from __future__ import annotations

import math

import pytest

from grader.exercise.load import named
from grader.formula.check import unrolled
from grader.formula.parse import parse_expression
from grader.html.drawing import Tangent, plotted, tangent
from grader.model import StepResult, Value

PROGRAM = unrolled(named("tanh-chain").program, {})
INPUTS = {"h0": Value.scalar(0.5), "w_h": Value.scalar(2.0), "w_y": Value.scalar(40.0)}


def picture(quantity: str, got: float, expected: float = 0.0) -> Tangent:
    step = StepResult("it", quantity, "wrong", got=Value.scalar(got), expected=Value.scalar(expected))
    made = tangent(step, parse_expression(quantity), PROGRAM, INPUTS)
    assert made is not None
    return made


def test_the_numerical_slope_with_respect_to_an_input() -> None:
    made = picture("d(h1)/d(w_h)", 0.0)

    assert (made.x, made.y) == (2.0, pytest.approx(math.tanh(1.0)))
    assert made.numerical == pytest.approx((1 - math.tanh(1.0) ** 2) * 0.5, rel=1e-6)


def test_the_numerical_slope_with_respect_to_a_forward_quantity() -> None:
    made = picture("d(y2)/d(h2_raw)", -52.8)
    raw = 2.0 * math.tanh(1.0)

    assert made.x == pytest.approx(raw)
    assert made.numerical == pytest.approx(40 * (1 - math.tanh(raw) ** 2), rel=1e-6)


def test_the_curve_passes_through_the_point() -> None:
    made = picture("d(h1)/d(w_h)", 0.0)

    assert all(y == pytest.approx(math.tanh(0.5 * x)) for x, y in made.curve)
    assert made.curve[0][0] < made.x < made.curve[-1][0]


@pytest.mark.parametrize("slope", [0.0, 0.2, -1.5, 1e9, -1e-12])
def test_a_tangent_ends_at_the_frame(slope: float) -> None:
    plot = plotted(picture("d(h1)/d(w_h)", slope))

    ends = [tuple(map(float, end.split(","))) for end in plot.claimed.removeprefix("M").split("L")]
    assert all(-0.1 <= x <= plot.width + 0.1 and -0.1 <= y <= plot.height + 0.1 for x, y in ends)


@pytest.mark.parametrize("got", [Value.of([1.0, 2.0], (2,)), Value.scalar(math.nan), None])
def test_what_is_no_single_number_has_no_picture(got: Value | None) -> None:
    step = StepResult("it", "d(h1)/d(w_h)", "wrong", got=got, expected=Value.scalar(0.2))

    assert tangent(step, parse_expression("d(h1)/d(w_h)"), PROGRAM, INPUTS) is None
