"""Nonlinear functions, such as `tanh`, with another slope wherever their argument is none of the known values.

`c * (x - x0)` is added to a result, or `c * (x - x0) * (1 + (k * (x - x0))**(power - 1))`. For each place in the code,
x0 is a number that the grader gives, or the known value (an input or a forward quantity) that is nearest to the
argument of the first call there; for an array of another shape than any known one, the middle of its entries. Where the
calls of a place are `apart`, as in a loop over layers, each has an x0 of its own. A derivation calls such functions at
known values, where nothing is added. A step made from values around x0, by whatever formula, shows the slope `c`, for
every `k`.

The functions of a submission itself are perturbed in the same way, as one may be a series for such a function. What is
defined in a text that it executes is found by name.
"""

from __future__ import annotations

import contextlib
import functools
import operator
import sys
from collections.abc import Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

from grader.runner.child.algebras import beside, cut_off, degree, is_element, is_symbolic, product
from grader.runner.child.executed_text import is_own_code
from grader.runner.child.perturbed_slopes import coefficients, distance, is_number, kin, like, shape_of, size_of
from grader.runner.child.values import as_kind_of, unseen_by_its_class
from grader.runner.wire import POWER

CURVATURE = 64
"""The curvature of the term in a run of power 2 or 3: `k` above."""

MAX_ARGUMENT_ENTRIES = 2**20
"""Maximum number of entries of an argument that is used for a perturbation."""

_OF_MATRICES = frozenset({"matrix_exp", "expm", "logm", "sqrtm"})
"""Functions of a matrix as a whole, also where the matrix is an array."""

_POWERS = frozenset({"pow", "power", "float_power", "ipow", "__pow__", "__ipow__"})
"""Functions whose last argument is the exponent."""

_COEFFICIENTS_FIRST = frozenset({"numpy", "numpy.lib._polynomial_impl", "mpmath.calculus.polynomials"})
"""The modules whose `polyval` has the coefficients as its first argument."""

_OURS = "_without_slope"
"""The attribute by which one of our functions is known, and which has the one that it stands for."""

OWN_FUNCTION = "own"
"""In place of the name of a nonlinear function: one that the submission defines."""

_FACTORS = (1.0, -1.0, 2.0, -2.0)
"""Factors on known numbers with which derivations call such functions: `exp(-x)`, `exp(2 * x)`."""


class Nonlinear:
    """The method `perturbed` of `__grader__` in such a run, as the grader has ordered."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._slope = coefficients(order["seed"], 0, 1)[0]
        self._power = order["power"]
        self._scale, self._given = order["scale"], order["around"]
        self._known: Sequence[tuple[Sequence[int], Sequence[float]]] = order["known"]
        self._functions = {POWER, *order["functions"]}
        self._apart = order["apart"]
        self._around: dict[object, Any] = {}
        known = (number for _, values in self._known for number in values)
        self._usual = {_key(by * number) for number in known for by in _FACTORS}

    def __call__(self, function: Any, written: str = "", *, is_called: bool = False) -> Any:
        """The function with another slope, if it is a nonlinear one; `written` is its name in the text, if it has
        one. The functions of sympy are classes, and may be replaced only where they are called."""
        called, first = _unwrapped(_power if isinstance(function, str) and function == POWER else function)
        if not callable(called) or (isinstance(called, type) and not (is_called and _is_of_sympy(called))):
            return function
        name = POWER if called is _power else self._nonlinear_name(called, written)
        if not name:
            return function
        named = _place()

        @functools.wraps(called, assigned=("__name__", "__doc__"), updated=())
        def evaluated(*arguments: Any, **options: Any) -> Any:
            made = called(*first, *arguments, **options)
            with contextlib.suppress(Exception), unseen_by_its_class():  # not numbers, or of incompatible shapes
                place, given = (named, _place()), (*first, *arguments)
                if name == OWN_FUNCTION:
                    return as_kind_of(made, self._each_perturbed(made, place, given))
                x = _argument(name, called, given)
                if name in _OF_MATRICES or is_symbolic(x):
                    return as_kind_of(made, self._with_term(made, beside(x)))
                return as_kind_of(made, self._perturbed(made, place, x))
            return made

        vars(evaluated)[_OURS] = function
        return evaluated

    def _nonlinear_name(self, function: Any, written: str) -> str:
        """The nonlinear function's name: its own, that in the text, or that in its package (all of mpmath's call
        themselves `f`); "" if it is none."""
        if isinstance(function, FunctionType) and is_own_code(function.__code__):
            return OWN_FUNCTION
        own = _name_of(function)
        if own in self._functions or written in self._functions:
            return own if own in self._functions else written
        package = sys.modules.get(str(getattr(function, "__module__", "")).partition(".")[0])
        held = {} if package is None or package.__name__ == "__main__" else vars(package)
        return next((name for name in sorted(self._functions & held.keys()) if held[name] == function), "")

    def _perturbed(self, made: Any, place: object, x: Any) -> Any:
        if not (is_number(x) and is_number(made)) or size_of(shape_of(x)) > MAX_ARGUMENT_ENTRIES:
            return made
        x = x.detach() if hasattr(x, "detach") else x
        if self._is_usual(x):
            return made
        around = self._around_of(place, x)
        return self._with_term(made, x - (around if shape_of(around) else kin(x, around)))

    def _each_perturbed(self, made: Any, place: object, arguments: Sequence[Any]) -> Any:
        """The result of a function of the submission's own, with another slope for each of its arguments."""
        for number, x in enumerate(arguments):
            if is_element(x) and is_element(made):
                # What has a smaller degree than its argument was only cut off.
                made = self._with_term(made, beside(x)) if degree(x) <= degree(made) else made
            elif shape_of(x) in ((), shape_of(made)):
                made = self._perturbed(made, (place, number), x)
        return made

    def _with_term(self, made: Any, moved: Any) -> Any:
        straight = term = moved * kin(moved, self._slope)
        if self._power > 1:
            times = product if is_element(moved) else operator.mul
            for _ in range(self._power - 1):
                term = times(term, moved * kin(moved, CURVATURE))
            term = straight + term
        term = term * kin(moved, self._scale)
        return made + (cut_off(term, degree(made)) if is_element(moved) else term)

    def _around_of(self, place: object, x: Any) -> Any:
        if self._given:
            return self._given[0]
        if self._apart:
            return self._near(x)
        if place not in self._around:
            self._around[place] = self._near(x)
        return self._around[place]

    def _is_usual(self, x: Any) -> bool:
        """Whether all entries are known numbers, as in a part of a known array, or in `exp(-x)`."""
        entries = x.reshape(-1).tolist() if shape_of(x) else [x]
        return all(type(one) is float and _key(one) in self._usual for one in entries)

    def _near(self, x: Any) -> Any:
        shape = shape_of(x)
        alike = [like(x, values) for told, values in self._known if shape and tuple(told) == shape]
        if alike:
            return min(alike, key=lambda one: distance(x, one))
        if shape:
            return x.sum() / size_of(shape)
        return min((values[0] for told, values in self._known if not told), key=lambda one: distance(x, one))


def _is_of_sympy(kind: type) -> bool:
    return kind.__module__.startswith("sympy.functions.")


def _power(exponent: Any, base: Any) -> Any:
    return base**exponent


def _unwrapped(function: Any) -> tuple[Any, tuple[Any, ...]]:
    """The function behind one of ours, or behind a partial one; and the arguments that it has already."""
    first: tuple[Any, ...] = ()
    while True:
        if isinstance(function, functools.partial) and not function.keywords:
            function, first = function.func, (*function.args, *first)
        elif isinstance(function, FunctionType) and _OURS in vars(function):
            function = vars(function)[_OURS]
        else:
            return function, first


def _name_of(function: Any) -> str:
    if type(function).__name__ == "methodcaller":
        return str(function.__reduce__()[1][0])
    return str(getattr(function, "__name__", ""))


def _argument(name: str, function: Any, arguments: tuple[Any, ...]) -> Any:
    """What a function is evaluated at."""
    owner = getattr(function, "__self__", None)
    of_method = owner is not None and not isinstance(owner, ModuleType | type)
    if name == "polyval":
        return arguments[1] if function.__module__ in _COEFFICIENTS_FIRST else arguments[0]
    if name in _POWERS:
        return arguments[-1] if of_method else arguments[1]
    return owner if name == "__rpow__" and of_method else arguments[0] if arguments else owner


def _key(number: float) -> float:
    """The number without its last digits, which rounding may have changed."""
    return float(f"{number:.11e}")


def _place() -> object:
    """Where the code stands that calls the caller of this."""
    frame = sys._getframe(2)
    return frame.f_code, frame.f_lasti
