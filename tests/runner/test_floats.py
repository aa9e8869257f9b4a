"""Which floats a run is made in, and what asks for half floats."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grader.runner.child.libraries import HalfFloats
from grader.runner.floats import asks_for_half, goes_further, may_meet
from grader.runner.types import Raised, Trace

MISMATCH = "RuntimeError: expected m1 and m2 to have the same dtype, but got: float != double"


def trace(*errors: str) -> Trace:
    return Trace((), tuple(Raised(0, number, 0, 1, error) for number, error in enumerate(errors)), "finished")


@pytest.mark.parametrize(
    ("errors", "libraries", "expected"),
    [
        ((MISMATCH,), ("torch",), True),
        (("NameError: name 'x' is not defined", MISMATCH), ("numpy", "torch"), True),
        (("AssertionError",), ("torch",), True),
        (("NameError: name 'x' is not defined",), ("torch",), False),
        ((), ("torch",), False),
        ((MISMATCH,), ("numpy",), False),
    ],
)
def test_floats_of_two_kinds_may_have_met_where_a_library_with_its_own_raised(
    errors: tuple[str, ...], libraries: tuple[str, ...], expected: bool
) -> None:
    assert may_meet(trace(*errors), libraries) is expected


def test_a_run_goes_further_where_it_raises_less_and_nothing_else() -> None:
    one, two = trace(MISMATCH), trace(MISMATCH, MISMATCH)

    assert goes_further(one, two)
    assert goes_further(trace(), one)
    assert not goes_further(two, two)
    assert not goes_further(two, one)
    assert not goes_further(Trace((), (Raised(1, 0, 1, 1, MISMATCH),), "finished"), two)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = x.half()", True),
        ("x = torch.zeros(3, dtype=torch.bfloat16)", True),
        ("x = np.float16(0.5)", True),
        ("x = torch.HalfTensor([0.5])", True),
        ("x = x.float()", False),
        ("x = torch.zeros(3, dtype=torch.float32)", False),
    ],
)
def test_what_asks_for_half_floats_says_so(source: str, expected: bool) -> None:
    assert asks_for_half(["import torch", source]) is expected


@pytest.mark.parametrize("width", ["float64", "float32"])
def test_widened_half_floats_are_the_floats_of_the_run_however_they_are_asked_for(width: str) -> None:
    halves, x = HalfFloats(), torch.ones(2)
    halves.widen(width)
    try:
        asked = [
            torch.zeros(2, dtype=torch.half),
            torch.zeros(2, dtype=torch.bfloat16),
            x.half(),
            x.bfloat16(),
            x.to(torch.float16),
            torch.HalfTensor([1.0]),
            torch.nn.Linear(2, 2).half().weight,
        ]
        kinds = {str(one.dtype) for one in asked}
        number = np.float16(0.1)
    finally:
        halves.narrow()

    assert kinds == {f"torch.{width}"}
    assert number.dtype == width


def test_half_floats_are_what_they_were_once_they_are_narrowed() -> None:
    halves = HalfFloats()
    halves.widen("float64")
    halves.widen("float32")
    halves.narrow()

    assert (torch.ones(1).half().dtype, str(torch.bfloat16)) == (torch.float16, "torch.bfloat16")
    assert np.dtype(np.float16).itemsize == 2
