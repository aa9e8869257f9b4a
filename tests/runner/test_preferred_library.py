"""Which library a function is written for."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy
import pytest

from grader.runner.child.libraries import libraries_of

WORLD = {"np": numpy, "math": math}


def in_numpy(x: float) -> object:
    return np.tanh(x)  # type: ignore[name-defined]  # noqa: F821


def decorated(function: Callable[[float], object]) -> Callable[[float], object]:
    @functools.wraps(function)
    def called(x: float) -> object:
        return function(x)

    return called


def unbound() -> Callable[[float], object]:
    def called(x: float) -> object:
        return later(x)

    if math.pi > 4:
        later = in_numpy
    return called


@pytest.mark.parametrize("f", [in_numpy, decorated(in_numpy), decorated(decorated(in_numpy))])
def test_a_function_is_written_for_what_it_reads_decorated_or_not(f: Callable[[float], object]) -> None:
    assert libraries_of([compile("y = f(1.0)", "answer", "exec")], {**WORLD, "f": f}) == {"numpy"}


def test_a_closure_with_a_name_that_is_not_bound_yet_reads_nothing_by_it() -> None:
    assert libraries_of([compile("y = f(1.0)", "answer", "exec")], {**WORLD, "f": unbound()}) == set()
