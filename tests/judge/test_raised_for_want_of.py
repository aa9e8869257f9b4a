"""Whether what raised after a replaced value may be due to the replacement: to its size or type."""

from __future__ import annotations

import pytest

from grader.instrument.sites import instrument
from grader.judge.runs.guarded import raised_for_want_of
from grader.runner.types import Raised, Sites

SOURCE = """\
def back(x, w):
    da = w @ x
    db = da.T
    dc = db @ w
    dd = w @ w
shown = x @ w
"""
SITES = Sites(tuple(instrument(SOURCE, 0).sites), (SOURCE,))
SHAPES = "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0"


def is_blamed(line: int, error: str) -> bool:
    replaced = [site for site in SITES.all if site.names == ("da",)]
    return raised_for_want_of([Raised(0, 0, 0, line, error)], replaced, SITES)


@pytest.mark.parametrize("line", [3, 4])
def test_shapes_that_do_not_fit_where_the_replaced_value_is_read_directly_or_not(line: int) -> None:
    assert is_blamed(line, SHAPES)


def test_not_in_a_line_that_reads_other_values() -> None:
    assert not is_blamed(5, SHAPES)


@pytest.mark.parametrize(
    "error",
    [
        "NameError: name 'dbb' is not defined",
        "UnboundLocalError: cannot access local variable 'dc' where it is not associated with a value",
    ],
)
def test_not_an_error_that_the_line_has_whatever_it_reads(error: str) -> None:
    assert not is_blamed(4, error)


def test_a_blank_that_is_read_is_no_such_error() -> None:
    assert not is_blamed(4, "TypeError: unsupported operand type(s) for @: 'ellipsis' and 'float'")


def test_a_line_that_binds_nothing_may_be_due_to_anything() -> None:
    assert is_blamed(1, SHAPES)


def test_a_line_outside_the_function_may_be_due_to_what_it_returns() -> None:
    assert is_blamed(6, SHAPES)


def test_an_error_of_another_type_may_be_due_to_the_type_of_what_is_read() -> None:
    assert is_blamed(4, "TypeError: round() takes from 1 to 0 positional arguments but 1 were given")
