"""What a value taken from a differentiator is made of at other numbers."""

from __future__ import annotations

import pytest

from grader.judge.borrowed.borrowing import _differing
from grader.judge.borrowed.nonlinear import _distances
from grader.model import Observed, Opaque, Value

RIGHT, OTHER = Value.of([1.0, 2.0], (2,)), Value.of([10.0, -20.0], (2,))
TEXT = Opaque("text", "str")


@pytest.mark.parametrize(
    ("value", "right", "other", "made"),
    [
        (RIGHT, RIGHT, OTHER, OTHER),
        (Value.of([1.5, 1.0], (2,)), RIGHT, OTHER, Value.of([10.5, -21.0], (2,))),
        (Value.of([1.5, 1.0], (1, 2)), RIGHT, OTHER, Value.of([10.5, -21.0], (1, 2))),
        (Value.scalar(3.0), RIGHT, OTHER, Value.scalar(3.0)),  # of another size, it differs in nothing
        (RIGHT, RIGHT, Value.scalar(3.0), RIGHT),
        (TEXT, RIGHT, OTHER, TEXT),
    ],
)
def test_a_wrong_value_differs_from_another_right_one_as_from_its_own(
    value: Observed, right: Value, other: Value, made: Observed
) -> None:
    assert _differing(value, right, other) == made


@pytest.mark.parametrize(
    ("apart", "straight", "by_value", "solutions"),
    [
        (0.5, 1.0, 1.0, 2),
        (-0.5, 1.0, 1.0, 2),
        (0.75, -2.0, 0.5, 2),
        (1.5, 1.0, 1.0, 0),
        (0.3, 0.5, 0.0, 1),
        (-0.25, 0.0, 1.0, 2),
        (0, 0, 1, 0),
    ],
)
def test_the_distances_are_the_real_solutions_of_their_equation(
    apart: float, straight: float, by_value: float, solutions: int
) -> None:
    found = _distances(apart, straight, by_value)

    assert len(found) == solutions
    assert list(found) == sorted(found, key=abs)
    assert [d * (2 * straight - d * by_value) for d in found] == pytest.approx([apart] * solutions)
