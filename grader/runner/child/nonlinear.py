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
from grader.runner.wire import POWER, QUOTIENT, ROOT

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
        self._seed = order["seed"]
        self._slopes: dict[object, float] = {}
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
        called, first = _unwrapped(_OPERATORS.get(function, function) if isinstance(function, str) else function)
        if not callable(called):
            return function
        if isinstance(called, type) and not (is_called and _is_of_sympy(called)):
            return self._layer(called) if _is_layer(called) and called.__name__ in self._functions else function
        name = POWER if called in _OPERATORS.values() else self._nonlinear_name(called, written)
        if not name:
            return function
        return self._over(function, called, first, name, _place())

    def _layer(self, kind: Any) -> Any:
        """The class of layers with other slopes. A class, as it may be one that others are derived from."""

        def forward(layer: Any, *arguments: Any, **options: Any) -> Any:
            own = functools.partial(kind.forward, layer)
            # A place of its own for each call: around what it is near to.
            return self._over(own, own, (), OWN_FUNCTION, object())(*arguments, **options)

        return type(kind.__name__, (kind,), {"forward": forward, "__module__": kind.__module__})

    def _over(self, function: Any, called: Any, first: tuple[Any, ...], name: str, named: object) -> Any:
        """The function `called` with the arguments `first`, in place of `function`, with another slope."""

        @functools.wraps(called, assigned=("__name__", "__doc__"), updated=())
        def evaluated(*arguments: Any, **options: Any) -> Any:
            given, place = (*first, *arguments), (named, _place())
            x: Any = None
            with contextlib.suppress(Exception):
                # Copied, as the function may put its result in its place.
                x = [_copy(one) for one in given] if name == OWN_FUNCTION else _copy(_argument(name, called, given))
            made = called(*first, *arguments, **options)
            with contextlib.suppress(Exception), unseen_by_its_class():  # not numbers, or of incompatible shapes
                if name == OWN_FUNCTION:
                    moved_on = self._each_perturbed(made, place, x)
                elif name in _OF_MATRICES or is_symbolic(x):
                    moved_on = self._with_term(made, beside(x), place)
                else:
                    moved_on = self._perturbed(made, place, x)
                held = (*given, *options.values(), getattr(called, "__self__", None))
                return _put(made, moved_on) if any(made is one for one in held) else as_kind_of(made, moved_on)
            return made

        vars(evaluated)[_OURS] = function
        return evaluated

    def _nonlinear_name(self, function: Any, written: str) -> str:
        """The nonlinear function's name: its own, that in the text, or that in its package (all of mpmath's call
        themselves `f`); "" if it is none. An object that can be called, such as a layer or a traced function, may be
        anything, as a function of the submission's own may."""
        own = _name_of(function)
        if not own or (isinstance(function, FunctionType) and is_own_code(function.__code__)):
            return OWN_FUNCTION
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
        return self._with_term(made, x - (around if shape_of(around) else kin(x, around)), place)

    def _each_perturbed(self, made: Any, place: object, arguments: Sequence[Any]) -> Any:
        """The result of a function of the submission's own, with another slope for each of its arguments."""
        for number, x in enumerate(arguments):
            if is_element(x) and is_element(made):
                # What has a smaller degree than its argument was only cut off.
                made = self._with_term(made, beside(x), number) if degree(x) <= degree(made) else made
            elif shape_of(x) in ((), shape_of(made)):
                made = self._perturbed(made, (place, number), x)
        return made

    def _with_term(self, made: Any, moved: Any, place: object) -> Any:
        # Each place has a slope of its own: `x - tanhshrink(x)` in a function would get two that cancel.
        slope = self._slopes.setdefault(place, self._next_slope())
        straight = term = moved * kin(moved, slope)
        if self._power > 1:
            times = product if is_element(moved) else operator.mul
            for _ in range(self._power - 1):
                term = times(term, moved * kin(moved, CURVATURE))
            term = straight + term
        term = term * kin(moved, self._scale)
        return made + (cut_off(term, degree(made)) if is_element(moved) else term)

    def _next_slope(self) -> float:
        """Another slope than all before."""
        number = len(self._slopes)
        return coefficients(self._seed, number, 1)[0] + number / 64

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


def _copy(x: Any) -> Any:
    """A copy of an array; anything else as it is."""
    if not shape_of(x):
        return x.detach().clone() if hasattr(x, "detach") else x
    return x.detach().clone() if hasattr(x, "detach") else x.copy() if hasattr(x, "copy") else x


def _put(made: Any, perturbed: Any) -> Any:
    """An array that a function has changed in place, with the entries of `perturbed`."""
    if perturbed is made:
        return made
    if hasattr(made, "detach"):
        made.detach().copy_(perturbed.detach())
    else:
        made[...] = perturbed
    return made


def _is_layer(kind: type) -> bool:
    """Whether this is one of torch's own classes of layers."""
    own = kind.__module__.partition(".")[0] == "torch"
    return own and any(one.__module__ == "torch.nn.modules.module" for one in kind.__mro__)


def _is_of_sympy(kind: type) -> bool:
    return kind.__module__.startswith("sympy.functions.")


def _power(exponent: Any, base: Any) -> Any:
    return base**exponent


def _root(base: Any, exponent: Any) -> Any:
    return base**exponent


def _quotient(below: Any, above: Any) -> Any:
    return above / below


_OPERATORS = {POWER: _power, ROOT: _root, QUOTIENT: _quotient}
"""The operators, each as a function whose first argument is what it may be nonlinear in."""


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
    owner = getattr(function, "__self__", None)
    # `np.exp.outer`, and `torch.ops.aten.exp.default`.
    named = owner if type(owner).__name__ == "ufunc" else function
    return "" if type(named).__name__ == "vectorize" else str(getattr(named, "__name__", "")).partition(".")[0]


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
