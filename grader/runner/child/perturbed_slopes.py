"""Functions with a perturbed slope: unchanged at one point x0, but with another slope there.

`c * (x - x0)` is added to every result, which makes the derivative at x0 larger by c. A step computed from values of a
function at other points, as any kind of difference quotient is, shows the other slope; a derived step does not evaluate
the function there. In a run with the power 0 (`c` is added) or 2 (`c * (x - x0)**2`), a difference quotient stays as it
is.

`x0` is the value of an input or a forward quantity near the argument, as given by the grader; where there is none, it
is the point of the first evaluation, or the middle of the points that are passed at once. Objects of a student's class
(dual numbers, a tape) are left unchanged, and so are integers, which count things, unless they are so large that they
are numbers in fixed point.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.runner.child.values import as_kind_of, unseen_by_its_class

KNOWN_VALUE_RTOL = 0.05
"""Maximum relative distance from a known value at which an argument counts as that value, shifted."""

MAX_ARGUMENT_ENTRIES = 4096
"""Maximum number of entries of an argument that is used for a perturbation."""

MAX_RESULTS = 8
"""Maximum length of a list of results of which each gets another slope."""

MIN_FIXED_POINT = 2**20
"""From this size on, an integer is a number with a fixed point: `F(w * 10**9)`. What is counted is smaller."""

_NUMBERS = frozenset({"numpy", "torch", "mpmath", "gmpy2", "fractions", "decimal", "jaxlib", "jax"})


def coefficients(seed: int, argument: int, size: int) -> list[int]:
    """The slopes for the entries of an argument."""
    drawn = random.Random(1000 * seed + argument)
    return [drawn.randint(3, 11) for _ in range(size)]


class PerturbedSlope:
    """Wraps a function so that its slopes are perturbed as the grader has ordered."""

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
            with contextlib.suppress(Exception), unseen_by_its_class():  # not numbers, or of incompatible shapes
                for place, one in enumerate((*arguments, *options.values())):
                    made = self._each_perturbed(made, place, one, number)
            return made

        return evaluated

    def _number(self, function: Any) -> int:
        """A number per function where functions get separate slopes; otherwise 0."""
        if not self._apart:
            return 0
        return self._numbers.setdefault(getattr(function, "__code__", None) or str(function), len(self._numbers))

    def _each_perturbed(self, made: Any, place: int, x: Any, number: int) -> Any:
        """A result with another slope: each of several."""
        if type(made) in (list, tuple) and len(made) <= MAX_RESULTS:
            return type(made)(self._each_perturbed(one, place, x, number) for one in made)
        return as_kind_of(made, self._perturbed(made, place, x, number))

    def _perturbed(self, made: Any, place: int, x: Any, number: int) -> Any:
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
        term = term if self._scale == 1.0 else times(term, x, self._scale)
        perturbed = made + (term.sum() if shape_of(x) and not shape_of(made) else term)
        # A column plus a matrix is a matrix: a product of matrices would raise in the line that uses it.
        return perturbed if shape_of(perturbed) == shape_of(made) else made

    def _reference(self, place: tuple[int, int], x: Any) -> Any:
        shape = shape_of(x)
        if size_of(shape) > MAX_ARGUMENT_ENTRIES:
            return None
        if self._near:
            return self._known_near(x, shape)
        if (place, shape) not in self._around:
            self._around[place, shape] = self._own(x, shape)
        return self._around[place, shape]

    def _known_near(self, x: Any, shape: tuple[int, ...]) -> Any:
        best, least = None, KNOWN_VALUE_RTOL
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
                if not known_shape and _is_round(_middle(abs(x - kin(x, values[0])))):
                    return kin(x, values[0])
        return x.copy() if hasattr(x, "copy") else x.clone() if hasattr(x, "clone") else x


def is_number(x: Any) -> bool:
    """Whether this is a number, or an array of numbers, of Python or a library, and no integer."""
    kind = type(x)
    if kind in (float, complex):
        return True
    if kind is int:
        return bool(abs(x) >= MIN_FIXED_POINT)
    library = _library_of(kind)
    if library == "sympy":
        return getattr(x, "is_number", False) is True and not getattr(x, "is_Integer", False)
    if library not in _NUMBERS or "Tracer" in kind.__name__:
        return False
    dtype = getattr(x, "dtype", None)
    return dtype is None or "float" in str(dtype) or "complex" in str(dtype)


def _library_of(kind: type) -> str:
    """The library a type comes from, also where it is a class of arrays of the submission's own."""
    bases = (one.__module__.partition(".")[0] for one in kind.__mro__ if one.__name__ in _ARRAYS)
    return next(bases, kind.__module__.partition(".")[0])


_ARRAYS = frozenset({"Tensor", "ndarray"})


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape; () where there is none."""
    return tuple(getattr(x, "shape", ()))


def size_of(shape: Sequence[int]) -> int:
    """How many entries an array of this shape has."""
    size = 1
    for one in shape:
        size *= one
    return size


def like(x: Any, values: Sequence[float]) -> Any:
    """An array with these values, and the type and shape of `x`."""
    if hasattr(x, "detach"):
        return x.new_tensor(list(values)).reshape(x.shape)
    return importlib.import_module("numpy").array(values, dtype=float).reshape(x.shape)


def _is_round(far: float) -> bool:
    """Whether a distance looks like a typed-in number."""
    return far > 0.0 and any(abs(far * unit - round(far * unit)) < 1e-9 for unit in (1000.0, 1024.0))


def _is_one(x: Any, known: Any) -> bool:
    """Whether the distance is 1, as in `1 + h`, which occurs in many derivatives."""
    return not shape_of(x) and abs(_middle(abs(x - kin(x, known))) - 1.0) < 1e-9


def kin(x: Any, value: float) -> Any:
    """`value` in the number type of `x`, if that is not float: a Fraction mixed with a float would be rounded."""
    kind = type(x)
    return kind(value) if kind.__module__ in ("fractions", "decimal", "gmpy2", "mpmath.ctx_mp_python") else value


def times(term: Any, x: Any, scale: float) -> Any:
    """`term * scale`, in the number type of `x`."""
    if type(x) is not int:
        return term * kin(x, scale)
    above, below = scale.as_integer_ratio()
    return term * above // below


def distance(x: Any, known: Any) -> float:
    """The largest difference, relative to the largest known entry (at least 1e-3)."""
    kind = type(x)
    if kind.__module__ in ("fractions", "decimal"):
        known = kind(known)
    far, large = abs(x - known), abs(known)
    if shape_of(far):
        far = far.max()
    if shape_of(large):
        large = large.max()
    return _middle(far) / max(_middle(large), 1e-3)


def _middle(x: Any) -> float:
    """A number, or the middle of an interval of mpmath."""
    return float(getattr(x, "mid", x))
