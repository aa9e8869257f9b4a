"""One entry of what is kept by time or by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.diagnosis.step.bindings import entry, place_of
from grader.formula.parse import parse_expression


@pytest.mark.parametrize(
    ("whole", "place", "expected"),
    [
        (np.array([1.0, 2.0, 3.0]), 1, 2.0),
        (np.array([1.0, 2.0, 3.0]), -1, 3.0),
        (np.array([1.0, 2.0, 3.0]), 3, None),
        (np.array([1.0, 2.0, 3.0]), -4, None),
        ({1: 5.0}, 1, 5.0),
        ({1: 5.0}, -1, None),
        (7.0, 0, None),
        (None, 0, None),
        ({1: 5.0}, None, None),
    ],
)
def test_an_entry_is_what_stands_at_a_place(whole: Any, place: int | None, expected: float | None) -> None:
    assert entry(whole, place) == expected


@pytest.mark.parametrize(
    ("key", "expected"), [("t", 3), ("t - 1", 2), ("-1", -1), ("T - t", 1), ("x", None), ("unknown", None)]
)
def test_a_key_is_read_with_what_the_names_held(key: str, expected: int | None) -> None:
    assert place_of(parse_expression(key), {"t": 3, "T": 4, "x": 3.0}) == expected
