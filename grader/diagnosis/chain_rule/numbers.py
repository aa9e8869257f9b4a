"""Functions for both numbers and arrays; NumPy is imported only for arrays."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from grader.judge.matching.compare import Measure
from grader.model import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

Numeric: TypeAlias = "float | NDArray[Any]"
"""A single number, or an array of numbers."""


def as_number(value: Value) -> Any:
    """Return a value as a number or array for computing. Integers stay integers, as they may be indices."""
    whole = value.dtype == "int"
    if not value.shape:
        (number,) = value.numbers()
        return int(number) if whole and number.is_integer() else number
    import numpy

    array = numpy.frombuffer(value.data, dtype="<f8").reshape(value.shape)
    return array.astype(int) if whole else array


def shape_of(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def is_array(value: object) -> TypeGuard[NDArray[Any]]:
    """Whether this is an array with axes."""
    return bool(shape_of(value))


def is_zero(value: Any) -> bool:
    """Whether a number is 0, or all entries of an array are."""
    return not value.any() if hasattr(value, "any") else not value


def is_right(value: Any, right: Any, by: Measure) -> bool:
    """Whether a value is right, with the tolerance that verdicts use. Axes of length 1 are ignored unless `by` is
    strict."""
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


def have_same_entries(value: Any, right: Any, by: Measure) -> bool:
    """Whether a number or array has the entries of another, in any order. Other values are not looked into."""
    if isinstance(value, list | dict | str | slice | complex) or value is None:
        return True
    import numpy

    have, want = (numpy.sort(numpy.asarray(one, dtype=float), axis=None) for one in (value, right))
    return have.size == want.size and is_right(have, want, by)


def alike(left: Any, right: Any) -> bool:
    """Whether two values are equal up to rounding; dictionaries and results of a function are compared one by one."""
    if isinstance(left, tuple | list) or isinstance(right, tuple | list):
        several = isinstance(left, tuple | list) and isinstance(right, tuple | list) and len(left) == len(right)
        return several and all(map(alike, left, right))
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
    """Return random numbers of the same shape between `least` and 1.5. An integer array, which may be indices, is drawn
    from its own range; a single integer is unchanged."""
    if isinstance(value, int | dict) or value is None:
        return value
    if not shape_of(value):
        return source.uniform(least, 1.5)
    import numpy

    if value.dtype.kind in "iu":
        low, high = int(value.min()), int(value.max())
        return numpy.array([source.randint(low, high) for _ in range(value.size)]).reshape(value.shape)
    return numpy.array([source.uniform(least, 1.5) for _ in range(value.size)]).reshape(value.shape)


def has_zero(value: Numeric) -> bool:
    return not value.all() if hasattr(value, "all") else not value
