"""Determine how quantities depend on a local, and the value of the local at which they are right.

Back-propagation is linear in the upstream: everything computed from a local adjoint is an affine function of it. So one
run per entry of the local determines that function (its Jacobian, by unit vectors), and least squares find the value
that the right quantities require. The leverages of least squares (the diagonal of the hat matrix, Hoaglin and Welsch
1978) show which quantities could have been wrong unnoticed: one of leverage 1 is fitted whatever its value, one below 1
is held by the others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.judge.matching.compare import Measure, compare
from grader.model import Value

MIN_LEVERAGE_GAP = 1e-4
"""How far below 1 an equation's leverage has to be for the others to hold it: then a hundredth of an error shows."""

RANK_RTOL = 1e-9
"""Singular values below this, relative to the largest, count as 0."""


@dataclass(frozen=True, slots=True)
class Response:
    """Quantities at one point: `base`, their values at the local's own value; `slopes`, the Jacobian (a row for each
    entry of the quantity, a column for each entry of the local); the `right` values, and how they are compared."""

    base: Mapping[str, Any]
    slopes: Mapping[str, Any]
    right: Mapping[str, Value]
    measures: Mapping[str, Measure]

    def follows(self, name: str) -> bool:
        """Whether a quantity depends on the local."""
        return bool(self.slopes[name].any())

    def is_right(self, name: str, change: Any) -> bool:
        """Whether a quantity is right when the local is changed by `change`."""
        right = self.right[name]
        found = self.base[name] + self.slopes[name] @ change
        return compare(Value(right.shape, found.tobytes()), right, self.measures[name]).right

    def change_for(self, names: Sequence[str]) -> Any | None:
        """The change of the local that makes all these quantities right; None if there is none."""
        import numpy

        slopes, missing, _ = self._equations(names)
        change = numpy.linalg.lstsq(slopes, missing, rcond=RANK_RTOL)[0]
        return change if all(self.is_right(name, change) for name in names) else None

    def held(self, names: Sequence[str]) -> frozenset[str]:
        """Those of the quantities in which the others would have revealed a mistake in any entry."""
        import numpy

        slopes, _, sizes = self._equations(names)
        left, singular, _ = numpy.linalg.svd(slopes, full_matrices=False)
        basis = left[:, singular > RANK_RTOL * max(singular[0], 1e-300)]
        free = (basis**2).sum(axis=1) > 1 - MIN_LEVERAGE_GAP
        ends = numpy.cumsum(sizes)
        return frozenset(
            name for name, size, end in zip(names, sizes, ends, strict=True) if not free[end - size : end].any()
        )

    def _equations(self, names: Sequence[str]) -> tuple[Any, Any, list[int]]:
        """The slopes and the differences to the right values, stacked, each quantity in its own unit; and their
        sizes."""
        import numpy

        slopes, missing = [], []
        for name in names:
            right = numbers(self.right[name])
            unit = max(float(numpy.abs(right).max()), self.measures[name].atol, 1e-300)
            slopes.append(self.slopes[name] / unit)
            missing.append((right - self.base[name]) / unit)
        return numpy.concatenate(slopes), numpy.concatenate(missing), [len(one) for one in missing]


def response(
    runs: Sequence[Mapping[str, Value]], right: Mapping[str, Value], measures: Mapping[str, Measure]
) -> Response:
    """Build the response from the quantities at the local's own value, and with each entry in turn raised by 1."""
    import numpy

    base = {name: numbers(value) for name, value in runs[0].items() if _is_in_all(name, runs, right)}
    slopes = {name: numpy.stack([numbers(run[name]) - base[name] for run in runs[1:]], axis=1) for name in base}
    kept = [name for name in base if numpy.isfinite(slopes[name]).all()]
    return Response({name: base[name] for name in kept}, {name: slopes[name] for name in kept}, right, measures)


def _is_in_all(name: str, runs: Collection[Mapping[str, Value]], right: Mapping[str, Value]) -> bool:
    return all(name in run and run[name].size == right[name].size > 0 for run in runs)


def numbers(value: Value) -> Any:
    """The entries of a value as a flat array."""
    import numpy

    return numpy.frombuffer(value.data, dtype="<f8")
