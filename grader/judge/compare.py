"""Is this value that value? Shape before numbers, one tolerance per array, and no way for a nan to pass.

An array is right when every entry is within `rtol` of the largest entry of the right array, plus an absolute part
for values whose truth is 0. Both follow the precision the submission asked for: measured on the 26-step chain, right
work is within 3e-16 (float64) and 2e-7 (float32) of autograd, and the smallest real mistake is off by 3e-3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from grader.exercise.types import Tolerance
from grader.model import Observed, Opaque, Value

PLAIN = 256
"""Up to this many numbers are compared one by one: importing NumPy takes longer than all of a scalar exercise."""

Why = Literal["shape", "not_finite", "placeholder", "type", "value"]

_COARSER = {"float32": 1e-4, "float16": 2e-2, "bfloat16": 5e-2}
"""Relative tolerance of submissions that asked for less than float64."""

_ABSOLUTE = {"float32": 1e-6, "float16": 1e-3, "bfloat16": 1e-2}
_ABSOLUTE_DOUBLE = 1e-10
"""Absolute tolerance as a share of the largest right value of the point: rounding of sums that cancel to 0."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How values of one point are compared: `atol` is in the quantity's own unit, `strict` about axes of size 1."""

    rtol: float
    atol: float
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`why` is None where the value is right; `squeezed` where it is but for axes of size 1."""

    why: Why | None
    squeezed: bool = False

    @property
    def right(self) -> bool:
        return self.why is None


def measure(tolerance: Tolerance, strict: bool, largest: float, dtypes: frozenset[str]) -> Measure:
    """The measure for a point whose largest right value is `largest`, and a submission that used `dtypes`."""
    rtol = max([tolerance.rtol, *(_COARSER[dtype] for dtype in dtypes & _COARSER.keys())])
    share = max([_ABSOLUTE_DOUBLE, *(_ABSOLUTE[dtype] for dtype in dtypes & _ABSOLUTE.keys())])
    atol = share * max(largest, 1e-300) if tolerance.atol is None else tolerance.atol
    return Measure(rtol, atol, strict)


def compare(found: Observed, right: Value, by: Measure) -> Comparison:
    """Whether `found` is `right`, and if not why not."""
    if isinstance(found, Opaque):
        return Comparison("placeholder" if found.kind == "placeholder" else "type")
    squeezed = found.shape != right.shape
    if squeezed and (by.strict or _without_ones(found.shape) != _without_ones(right.shape)):
        return Comparison("shape")
    if not found.size:
        return Comparison(None)
    off, largest = distance(found, right)
    if not math.isfinite(off):
        return Comparison("not_finite")
    return Comparison(None, squeezed) if off <= by.rtol * largest + by.atol else Comparison("value")


def distance(found: Value, right: Value) -> tuple[float, float]:
    """The largest difference of two values of one size (infinite if `found` is not finite), the largest of `right`."""
    if found.size <= PLAIN:
        pairs = list(zip(found.numbers(), right.numbers(), strict=True))
        if not all(math.isfinite(number) for number, _ in pairs):
            return math.inf, 0.0
        return max(abs(a - b) for a, b in pairs), max(abs(b) for _, b in pairs)
    import numpy

    have, want = (numpy.frombuffer(value.data, dtype="<f8") for value in (found, right))
    if not bool(numpy.isfinite(have).all()):
        return math.inf, 0.0
    return float(numpy.abs(have - want).max()), float(numpy.abs(want).max())


def same(left: Observed, right: Observed) -> bool:
    """Whether two observed values are one number for all we can tell: but for the last bits and axes of size 1."""
    if isinstance(left, Opaque) or isinstance(right, Opaque) or len(left.data) != len(right.data):
        return False
    if _without_ones(left.shape) != _without_ones(right.shape):
        return False
    if left.data == right.data:
        return True
    off, largest = distance(left, right)
    return off <= largest * (1e-6 if "float32" in (left.dtype, right.dtype) else 1e-12)


def largest(values: list[Value]) -> float:
    """The largest magnitude among the right values of a point."""
    return max(map(_largest_of, values), default=0.0)


def _largest_of(value: Value) -> float:
    if value.size <= PLAIN:
        return max((abs(number) for number in value.numbers() if math.isfinite(number)), default=0.0)
    import numpy

    numbers = numpy.frombuffer(value.data, dtype="<f8")
    return float(numpy.abs(numbers[numpy.isfinite(numbers)]).max(initial=0.0))


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)
