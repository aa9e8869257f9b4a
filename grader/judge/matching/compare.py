"""Compare two values: shape before numbers, one tolerance per array; a nan never passes.

An array is right when every entry differs by at most `rtol` times the largest entry of the right array, plus an
absolute part for values whose truth is 0. Both follow the precision the submission uses: measured on the 26-step chain,
right work is within 3e-16 (float64) and 2e-7 (float32) of autograd, and the smallest real mistake is off by 3e-3.
"""

from __future__ import annotations

import math
import operator
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from grader.exercise.types import Tolerance
from grader.model import Observed, Opaque, Value

MAX_NUMBERS_IN_PYTHON = 256
"""Up to this many numbers are compared in plain Python: importing NumPy takes longer than a whole scalar exercise."""

_MAX_CACHED_BYTES = 16_384
"""Values of up to this many bytes have their results cached: the same ones are compared again and again."""

_FIRST = struct.Struct("<d")
_ONE = _FIRST.size

Why = Literal["shape", "not_finite", "placeholder", "type", "tuple", "value"]

_COARSER = {"float32": 1e-4, "float16": 2e-2, "bfloat16": 5e-2}
"""Relative tolerance of submissions that use less than float64."""

_ABSOLUTE = {"float32": 1e-6, "float16": 1e-3, "bfloat16": 1e-2}
_ABSOLUTE_DOUBLE = 1e-10
"""Absolute tolerance as a share of the largest right value of the point: for rounding in sums that cancel to 0."""


@dataclass(frozen=True, slots=True)
class Measure:
    """The tolerances at one point: `atol` in the quantity's own unit; if `strict`, axes of size 1 have to match too."""

    rtol: float
    atol: float
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`why` is None if the value is right; `squeezed` if it is right except for axes of size 1."""

    why: Why | None
    squeezed: bool = False

    @property
    def right(self) -> bool:
        return self.why is None


_SAME, _SQUEEZED = Comparison(None), Comparison(None, squeezed=True)
_OTHER = {why: Comparison(why) for why in get_args(Why)}
"""All failed comparisons, made once: comparing is most of what judging does, and creating one anew was half of that."""


def measure(tolerance: Tolerance, strict: bool, largest: float, dtypes: frozenset[str]) -> Measure:
    """Return the measure for a point whose largest right value is `largest`, and a submission that uses `dtypes`."""
    rtol = max([tolerance.rtol, *(_COARSER[dtype] for dtype in dtypes & _COARSER.keys())])
    share = max([_ABSOLUTE_DOUBLE, *(_ABSOLUTE[dtype] for dtype in dtypes & _ABSOLUTE.keys())])
    atol = share * max(largest, 1e-300) if tolerance.atol is None else tolerance.atol
    return Measure(rtol, atol, strict)


def compare(found: Observed, right: Value, by: Measure) -> Comparison:
    """Whether `found` is `right`, and if not, why not."""
    if isinstance(found, Opaque):
        return _OTHER["placeholder" if found.kind == "placeholder" else "type"]
    squeezed = found.shape != right.shape
    if squeezed and found.dtype == "tuple":
        return _OTHER["tuple"]
    if squeezed and (by.strict or _without_ones(found.shape) != _without_ones(right.shape)):
        return _OTHER["shape"]
    if not found.size:
        return _SAME
    differ = _differ.__wrapped__ if len(found.data) > _MAX_CACHED_BYTES else _differ
    why = differ(found.data, right.data, by.rtol, by.atol)
    if why is not None:
        return _OTHER[why]
    return _SQUEEZED if squeezed else _SAME


@lru_cache(maxsize=2048)
def _differ(found: bytes, right: bytes, rtol: float, atol: float) -> Literal["not_finite", "value"] | None:
    """Why numbers are not the right ones; None if they are. The same pair is compared by several stages."""
    if len(found) == _ONE:  # most of what is compared in most exercises
        (number,), (wanted,) = _FIRST.unpack(found), _FIRST.unpack(right)
        if not math.isfinite(number):
            return "not_finite"
        return None if abs(number - wanted) <= rtol * abs(wanted) + atol else "value"
    if not math.isfinite(_magnitude_of(found)):
        return "not_finite"
    return None if _within(found, right, rtol, atol) else "value"


def distance(found: Value, right: Value) -> tuple[float, float]:
    """Return the largest difference of two values of one size (infinite if `found` is not finite) and the largest
    magnitude in `right`."""
    return _distance_of(found.data, right.data)


def _distance_of(found: bytes, right: bytes) -> tuple[float, float]:
    return (_distance.__wrapped__ if len(found) > _MAX_CACHED_BYTES else _distance)(found, right)


@lru_cache(maxsize=2048)
def _distance(found: bytes, right: bytes) -> tuple[float, float]:
    if len(found) <= 8 * MAX_NUMBERS_IN_PYTHON:
        numbers = struct.unpack(f"<{len(found) // 8}d", found)
        wanted = struct.unpack(f"<{len(right) // 8}d", right)
        if not all(map(math.isfinite, numbers)):
            return math.inf, 0.0
        return max(map(abs, map(operator.sub, numbers, wanted))), max(map(abs, wanted))
    import numpy

    have, want = (numpy.frombuffer(data, dtype="<f8") for data in (found, right))
    if not bool(numpy.isfinite(have).all()):
        return math.inf, 0.0
    return float(numpy.abs(have - want).max()), float(numpy.abs(want).max())


def same(left: Observed, right: Observed) -> bool:
    """Whether two observed values are the same number, except for the last bits and axes of size 1."""
    if isinstance(left, Opaque) or isinstance(right, Opaque) or len(left.data) != len(right.data):
        return False
    if left.shape != right.shape and _without_ones(left.shape) != _without_ones(right.shape):
        return False
    if left.data == right.data:
        return True
    rtol = 1e-6 if "float32" in (left.dtype, right.dtype) else 1e-12
    if len(left.data) == _ONE:
        (number,), (other,) = _FIRST.unpack(left.data), _FIRST.unpack(right.data)
        return math.isfinite(number) and math.isfinite(other) and abs(number - other) <= rtol * abs(other)
    return _within(left.data, right.data, rtol, 0.0)


def _within(found: bytes, right: bytes, rtol: float, atol: float) -> bool:
    """Whether no number is further off than allowed. Most compared pairs differ in their first numbers, so those are
    compared first."""
    allowed = rtol * _magnitude_of(right) + atol
    first, other = _FIRST.unpack_from(found)[0], _FIRST.unpack_from(right)[0]
    if math.isfinite(allowed) and abs(first - other) > allowed:
        return False
    off, largest = _distance_of(found, right)
    return math.isfinite(off) and off <= rtol * largest + atol


def magnitude(value: Value) -> float:
    """The largest magnitude among a value's numbers; infinite if one is not finite."""
    return _magnitude_of(value.data)


def _magnitude_of(data: bytes) -> float:
    return (_magnitude.__wrapped__ if len(data) > _MAX_CACHED_BYTES else _magnitude)(data)


@lru_cache(maxsize=2048)
def _magnitude(data: bytes) -> float:
    if len(data) <= 8 * MAX_NUMBERS_IN_PYTHON:
        numbers = struct.unpack(f"<{len(data) // 8}d", data)
        return max(map(abs, numbers), default=0.0) if all(map(math.isfinite, numbers)) else math.inf
    import numpy

    array = numpy.frombuffer(data, dtype="<f8")
    return float(numpy.abs(array).max()) if bool(numpy.isfinite(array).all()) else math.inf


def largest(values: list[Value]) -> float:
    """The largest magnitude among the right values of a point."""
    return max(map(_largest_of, values), default=0.0)


def _largest_of(value: Value) -> float:
    return _largest.__wrapped__(value.data) if len(value.data) > _MAX_CACHED_BYTES else _largest(value.data)


@lru_cache(maxsize=2048)
def _largest(data: bytes) -> float:
    if len(data) <= 8 * MAX_NUMBERS_IN_PYTHON:
        return max((abs(number) for (number,) in _FIRST.iter_unpack(data) if math.isfinite(number)), default=0.0)
    import numpy

    numbers = numpy.frombuffer(data, dtype="<f8")
    return float(numpy.abs(numbers[numpy.isfinite(numbers)]).max(initial=0.0))


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)
