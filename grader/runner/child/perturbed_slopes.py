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
        self._apart: bool = order["apart"]
        self._numbers: dict[Any, int] = {}
        self._known: Sequence[tuple[Sequence[int], Sequence[float]]] = order["known"]
        self._around: dict[tuple[tuple[int, int], Any], Any] = {}

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        number = self._number(function)

        @functools.wraps(function, updated=())
        def evaluated(*arguments: Any, **options: Any) -> Any:
            made = function(*arguments, **options)
            try:
                for place, one in enumerate((*arguments, *options.values())):
                    made = self._bent(made, place, one, number)
            except Exception:  # no numbers, or of no shapes that go together
                return made
            return made

        return evaluated

    def _number(self, function: Any) -> int:
        """0, or a number for each function, where they are to be told apart."""
        if not self._apart:
            return 0
        return self._numbers.setdefault(getattr(function, "__code__", None) or str(function), len(self._numbers))

    def _bent(self, made: Any, place: int, x: Any, number: int) -> Any:
        if not (is_number(x) and is_number(made)):
            return made
        x = x.detach() if hasattr(x, "detach") else x
        around = self._reference((number, place), x)
        if around is None:
            return made
        shape = shape_of(x) if shape_of(around) else ()
        slopes = coefficients(self._seed + number, place, size_of(shape))
        if self._power == 0:
            return made + slopes[0]
        slope = slopes[0] if not shape else like(x, slopes)
        term = slope * (x - around) ** self._power
        term = term if self._scale == 1.0 else term * kin(x, self._scale)
        return made + (term.sum() if shape_of(x) and not shape_of(made) else term)

    def _reference(self, place: tuple[int, int], x: Any) -> Any:
        shape = shape_of(x)
        if size_of(shape) > MOST:
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
                known = like(x, values) if known_shape else values[0]
                if (far := distance(x, known)) <= least and not _is_one(x, known):
                    best, least = known, far
        return best if best is None or shape_of(best) else kin(x, best)

    def _own(self, x: Any, shape: tuple[int, ...]) -> Any:
        if len(shape) == 1:
            return x.sum() / shape[0]
        if not shape:
            for known_shape, values in self._known:
                if not known_shape and _is_round(float(abs(x - kin(x, values[0])))):
                    return kin(x, values[0])
        return x.copy() if hasattr(x, "copy") else x.clone() if hasattr(x, "clone") else x


def is_number(x: Any) -> bool:
    """Whether it is a number, or an array of them, of the language or a library, that does not count."""
    kind = type(x)
    if kind in (float, complex):
        return True
    if kind.__module__.partition(".")[0] not in _NUMBERS or "Tracer" in kind.__name__:
        return False
    dtype = getattr(x, "dtype", None)
    return dtype is None or "float" in str(dtype) or "complex" in str(dtype)


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape; () of what has none."""
    return tuple(getattr(x, "shape", ()))


def size_of(shape: Sequence[int]) -> int:
    """How many entries an array of this shape has."""
    size = 1
    for one in shape:
        size *= one
    return size


def like(x: Any, values: Sequence[float]) -> Any:
    """An array of the kind and the shape of another."""
    if hasattr(x, "detach"):
        return x.new_tensor(list(values)).reshape(x.shape)
    return importlib.import_module("numpy").array(values, dtype=float).reshape(x.shape)


def _is_round(far: float) -> bool:
    """Whether a distance looks typed in."""
    return far > 0.0 and any(abs(far * unit - round(far * unit)) < 1e-9 for unit in (1000.0, 1024.0))


def _is_one(x: Any, known: Any) -> bool:
    """Whether the distance is 1, as in `1 + h`, which is in many derivatives."""
    return not shape_of(x) and abs(float(abs(x - kin(x, known))) - 1.0) < 1e-9


def kin(x: Any, value: float) -> Any:
    """A number of the kind of another: one that is not a float is not to be rounded to one."""
    kind = type(x)
    return kind(value) if kind.__module__ in ("fractions", "decimal", "gmpy2", "mpmath.ctx_mp_python") else value


def distance(x: Any, known: Any) -> float:
    """The largest difference, relative to what is largest; infinite where that is not known."""
    kind = type(x)
    if kind.__module__ in ("fractions", "decimal"):
        known = kind(known)
    far, large = abs(x - known), abs(known)
    if shape_of(far):
        far = far.max()
    if shape_of(large):
        large = large.max()
    return float(far) / max(float(large), 1e-3)
