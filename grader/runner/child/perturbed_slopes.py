"""Functions that are bent: as they were at one place, and with another slope there.

What is computed from values of a function at other places, as a difference quotient of any form is, shows the other
slope: to whatever is evaluated, `c * (x - x0)` is added, and the derivative of the sum at x0 is larger by c. What was
derived does not evaluate the function there. In a run with the power 0 (`c` is added) or 2 (`c * (x - x0)**2`) a
difference quotient stays as it is.

`x0` is the value of an input or a forward quantity near to which a function is evaluated, as the grader tells; where
there is none, it is where the function was first evaluated, or the middle of the places that are handed to it at once.
Objects of a class of the student's (dual numbers, a tape) are left alone, and whole numbers, which count.
"""

from __future__ import annotations

import functools
import importlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

NEAR = 0.05
"""How far from a known value, relatively, an argument is taken for a shifted one."""

MOST = 4096
"""Entries of the largest array that is bent by."""

_NUMBERS = frozenset({"numpy", "torch", "mpmath", "gmpy2", "fractions", "decimal", "jaxlib", "jax"})


def coefficients(seed: int, argument: int, size: int) -> list[int]:
    """The slopes that an argument's entries are given."""
    drawn = random.Random(1000 * seed + argument)
    return [drawn.randint(3, 11) for _ in range(size)]


class PerturbedSlope:
    """Called with a function, gives it bent, as the grader has ordered."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._seed, self._power, self._near = order["seed"], order["power"], order["near"]
        self._scale: float = order["scale"]
        self._known: Sequence[tuple[Sequence[int], Sequence[float]]] = order["known"]
        self._around: dict[tuple[int, Any], Any] = {}

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function, updated=())
        def evaluated(*arguments: Any, **options: Any) -> Any:
            made = function(*arguments, **options)
            try:
                for place, one in enumerate((*arguments, *options.values())):
                    made = self._bent(made, place, one)
            except Exception:  # no numbers, or of no shapes that go together
                return made
            return made

        return evaluated

    def _bent(self, made: Any, place: int, x: Any) -> Any:
        if not (_is_number(x) and _is_number(made)):
            return made
        x = x.detach() if hasattr(x, "detach") else x
        around = self._reference(place, x)
        if around is None:
            return made
        shape = _shape(x) if _shape(around) else ()
        slopes = coefficients(self._seed, place, _size(shape))
        if self._power == 0:
            return made + slopes[0]
        slope = slopes[0] if not shape else _like(x, slopes)
        term = slope * (x - around) ** self._power
        term = term if self._scale == 1.0 else term * _kin(x, self._scale)
        return made + (term.sum() if _shape(x) and not _shape(made) else term)

    def _reference(self, place: int, x: Any) -> Any:
        shape = _shape(x)
        if _size(shape) > MOST:
            return None
        if self._near:
            return self._known_near(x, shape)
        if (place, shape) not in self._around:
            self._around[place, shape] = self._own(x, shape)
        return self._around[place, shape]

    def _known_near(self, x: Any, shape: tuple[int, ...]) -> Any:
        best, least = None, NEAR
        for known_shape, values in self._known:
            if tuple(known_shape) == shape or not known_shape:
                known = _like(x, values) if known_shape else values[0]
                if (far := _distance(x, known)) <= least and not _is_one(x, known):
                    best, least = known, far
        return best if best is None or _shape(best) else _kin(x, best)

    def _own(self, x: Any, shape: tuple[int, ...]) -> Any:
        if len(shape) == 1:
            return x.sum() / shape[0]
        if not shape:
            for known_shape, values in self._known:
                if not known_shape and _is_round(float(abs(x - _kin(x, values[0])))):
                    return _kin(x, values[0])
        return x.copy() if hasattr(x, "copy") else x.clone() if hasattr(x, "clone") else x


def _is_number(x: Any) -> bool:
    """Whether it is a number, or an array of them, of the language or a library, that does not count."""
    kind = type(x)
    if kind in (float, complex):
        return True
    if kind.__module__.partition(".")[0] not in _NUMBERS or "Tracer" in kind.__name__:
        return False
    dtype = getattr(x, "dtype", None)
    return dtype is None or "float" in str(dtype) or "complex" in str(dtype)


def _shape(x: Any) -> tuple[int, ...]:
    return tuple(getattr(x, "shape", ()))


def _size(shape: Sequence[int]) -> int:
    size = 1
    for one in shape:
        size *= one
    return size


def _like(x: Any, values: Sequence[float]) -> Any:
    """An array of the kind and the shape of another."""
    if hasattr(x, "detach"):
        return x.new_tensor(list(values)).reshape(x.shape)
    return importlib.import_module("numpy").array(values, dtype=float).reshape(x.shape)


def _is_round(far: float) -> bool:
    """Whether a distance looks typed in."""
    return far > 0.0 and any(abs(far * unit - round(far * unit)) < 1e-9 for unit in (1000.0, 1024.0))


def _is_one(x: Any, known: Any) -> bool:
    """Whether the distance is 1, as in `1 + h`, which is in many derivatives."""
    return not _shape(x) and abs(float(abs(x - _kin(x, known))) - 1.0) < 1e-9


def _kin(x: Any, value: float) -> Any:
    """A number of the kind of another: one that is not a float is not to be rounded to one."""
    kind = type(x)
    return kind(value) if kind.__module__ in ("fractions", "decimal", "gmpy2", "mpmath.ctx_mp_python") else value


def _distance(x: Any, known: Any) -> float:
    """The largest difference, relative to what is largest; infinite where that is not known."""
    kind = type(x)
    if kind.__module__ in ("fractions", "decimal"):
        known = kind(known)
    far, large = abs(x - known), abs(known)
    if _shape(far):
        far = far.max()
    if _shape(large):
        large = large.max()
    return float(far) / max(float(large), 1e-3)
