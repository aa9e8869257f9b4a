"""What a value taken from a differentiator is made of at other numbers."""

from __future__ import annotations

import pytest

from grader.judge.borrowed.borrowing import _differing
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
