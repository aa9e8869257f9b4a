"""Numbers and arrays alike, without importing NumPy where there are only numbers."""

from __future__ import annotations

import math
import random
from typing import Any

from grader.judge.compare import Measure
from grader.model import Value


def as_number(value: Value) -> Any:
    """A value to compute with: a number, or an array; whole numbers, which may be indices, as whole numbers."""
    whole = value.dtype == "int"
    if not value.shape:
        (number,) = value.numbers()
        return int(number) if whole and number.is_integer() else number
    import numpy

    array = numpy.frombuffer(value.data, dtype="<f8").reshape(value.shape)
    return array.astype(int) if whole else array


def shape_of(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def is_zero(value: Any) -> bool:
    """Whether there is nothing but 0 in it."""
    return not value.any() if hasattr(value, "any") else not value


def is_right(value: Any, right: Any, by: Measure) -> bool:
    """Whether a value is the right one, by the measure verdicts are made with."""
    if isinstance(value, int | float) and isinstance(right, int | float):
        return math.isfinite(right) and abs(value - right) <= by.rtol * abs(right) + by.atol
    if value is None or isinstance(value, list | dict | str | slice | complex):
        return False
    import numpy

    have, want = numpy.asarray(value, dtype=float), numpy.asarray(right)
    if have.shape != want.shape and (by.strict or have.squeeze().shape != want.squeeze().shape):
        return False
    off, most = numpy.abs(have.reshape(want.shape) - want).max(initial=0.0), numpy.abs(want).max(initial=0.0)
    return bool(numpy.isfinite(most) and off <= by.rtol * most + by.atol)


def alike(left: Any, right: Any) -> bool:
    """Whether two values are equal but for rounding; what is kept by time, moment by moment."""
    if isinstance(left, dict) or isinstance(right, dict):
        both = isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys()
        return both and all(alike(left[key], right[key]) for key in left)
    if left is None or right is None or shape_of(left) != shape_of(right):
        return False
    if isinstance(left, int | float) and isinstance(right, int | float):
        return abs(left - right) <= 1e-12 + 1e-9 * abs(right)
    import numpy

    return bool(numpy.allclose(left, right, rtol=1e-9, atol=1e-12))


def redrawn(value: Any, source: random.Random, least: float = 0.5) -> Any:
    """Other numbers of the same shape, from `least` on; an array of whole numbers, which may be indices, stays among
    those it has, and a single one as it is."""
    if isinstance(value, int | dict) or value is None:
        return value
    if not shape_of(value):
        return source.uniform(least, 1.5)
    import numpy

    if value.dtype.kind in "iu":
        low, high = int(value.min()), int(value.max())
        return numpy.array([source.randint(low, high) for _ in range(value.size)]).reshape(value.shape)
    return numpy.array([source.uniform(least, 1.5) for _ in range(value.size)]).reshape(value.shape)
