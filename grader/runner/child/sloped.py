"""Operators and calls with another slope wherever they are evaluated at a shifted value.

The result of a shift (`x = w + e`) is remembered, with the value that was shifted (`x0 = w`). Whatever an operator or a
call computes from such an `x` grows by `c * (x - x0)`; a further sum is a further shift. Where nothing was shifted, all
values stay the same: so a derivation gives the same result to its last digit, whatever else was evaluated at other
points. What was computed from values at other points, as any kind of difference quotient is, shows the slope, and the
same slope where the term is `c * (x - x0) * (1 + k * (x - x0))`; what merely uses a shifted value then shows another
value.
"""

from __future__ import annotations

import contextlib
import functools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from grader.runner.child.perturbed_slopes import coefficients, is_number, shape_of, size_of, times
from grader.runner.child.values import as_kind_of, unseen_by_its_class

SHIFT_CURVATURE = 4
"""The curvature of the term, relative to the shift: `k` above."""

MAX_TRACKED_ENTRIES = 4096
"""Maximum number of entries of an array that is tracked."""

MAX_CONTAINER_ENTRIES = 8
"""Maximum number of entries of a container whose entries count as arguments."""

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "Pow": operator.pow,
    "MatMult": operator.matmul,
}
_IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {"Add": operator.iadd, "Sub": operator.isub}
OPERATORS = frozenset(_OPERATORS)
"""The names, as in `ast`, of the operators that can get another slope."""


class Sloped:
    """The methods of `__grader__` in such a run, as the grader has ordered."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._seed, self._scale = order["seed"], order["scale"]
        self._is_curved = order["power"] > 1
        self._shifted: dict[Any, Any] = {}
        self._bases: set[Any] = set()

    def shifted(self, name: str, base: int, left: Any, right: Any) -> Any:
        """A sum or a product that shifts its operand `base`."""
        made = _OPERATORS[name](left, right)
        self._remember(made, right if base else left)
        return made

    def moved(self, name: str, target: Any, value: Any) -> Any:
        """`target += value` that shifts `target`."""
        before = _copy(target)
        made = _IN_PLACE[name](target, value)
        self._remember(made, before)
        return made

    def shifting(self, base: int, function: Any) -> Any:
        """Wrap a function whose call shifts its argument `base`, or (-1) spreads nodes between its first two
        arguments."""

        def evaluated(*arguments: Any, **options: Any) -> Any:
            made = function(*arguments, **options)
            self._remember(made, arguments[base] if base >= 0 else (arguments[0] + arguments[1]) / 2)
            return made

        return evaluated

    def operated(self, place: str, name: str, left: Any, right: Any) -> Any:
        """The result of an operator."""
        made = _OPERATORS[name](left, right)
        if not self._shifted or not is_number(made):
            return made
        if name not in ("Add", "Sub"):
            return self._with_slopes(made, (left, right))
        before = [self._before(one) for one in (left, right)]
        if (before[0] is None) != (before[1] is None):
            old = _OPERATORS[name](
                *(one if was is None else was for one, was in zip((left, right), before, strict=True))
            )
            if not _is_zero(old):  # `(w + e) - w` is the step, and `e` alone may be any number
                self._remember(made, old)
        return made

    def called(self, place: str, function: Any) -> Any:
        """Wrap a function before its call."""
        if isinstance(function, type) or not callable(function):
            return function

        @functools.wraps(function, assigned=("__name__", "__doc__"), updated=())
        def evaluated(*arguments: Any, **options: Any) -> Any:
            made = function(*arguments, **options)
            if not self._shifted or not is_number(made):
                return made
            given = (*arguments, *options.values())
            return self._with_slopes(made, list(_put_in(given)) if _is_symbolic(made) else given)

        return evaluated

    def _with_slopes(self, made: Any, arguments: Sequence[Any]) -> Any:
        for number, x in enumerate(arguments):
            with contextlib.suppress(Exception), unseen_by_its_class():  # of incompatible shapes
                made = as_kind_of(made, self._sloped(made, number, x))
        return made

    def _sloped(self, made: Any, number: int, x: Any) -> Any:
        before = self._before(x)
        if before is None:
            return made
        x = x.detach() if hasattr(x, "detach") else x
        term = coefficients(self._seed, number, 1)[0] * (x - before)
        if self._is_curved:
            term = term + term * (x - before) * SHIFT_CURVATURE
        term = times(term, x, self._scale)
        return made + _fitting(term, shape_of(made))

    def _remember(self, made: Any, base: Any) -> None:
        with contextlib.suppress(Exception), unseen_by_its_class():  # not numbers
            new, old = _entries(made), _entries(base)
            if len(old) not in (1, len(new)):
                return
            self._bases.update(map(_key, old))
            for number, one in enumerate(new):
                was = old[number if len(old) > 1 else 0]
                if _key(one) != _key(was):
                    self._shifted[_key(one)] = was

    def _before(self, x: Any) -> Any:
        """The value of a number or an array before it was shifted; None where it was not shifted."""
        if not is_number(x) or size_of(shape_of(x)) > MAX_TRACKED_ENTRIES:
            return None
        entries = _entries(x)
        keys = list(map(_key, entries))
        if self._bases.issuperset(keys) or self._shifted.keys().isdisjoint(keys):
            return None
        was = [
            one if key in self._bases else self._shifted.get(key, one) for one, key in zip(entries, keys, strict=True)
        ]
        return _like(x, was)


def _is_zero(x: Any) -> bool:
    with contextlib.suppress(Exception), unseen_by_its_class():
        return not any(_entries(x))
    return False


def _is_symbolic(made: Any) -> bool:
    return type(made).__module__.startswith("sympy.")


def _put_in(arguments: Any) -> Iterator[Any]:
    """The arguments, and the entries of small containers among them: `subs({w: w0 + e})`."""
    for one in arguments:
        if type(one) in (list, tuple, dict) and len(one) <= MAX_CONTAINER_ENTRIES:
            yield from _put_in(one.values() if type(one) is dict else one)
        else:
            yield one


def _fitting(term: Any, shape: tuple[int, ...]) -> Any:
    """A term to be added to a value of this shape; for a matrix product, summed over the axis that was summed there."""
    if shape_of(term) in ((), shape):
        return term
    for axis in range(len(shape_of(term))) if shape else ():
        added = term.sum(axis)
        if shape_of(added) == shape[-len(shape_of(added)) :]:
            return added
    return term.sum()


def _entries(x: Any) -> list[Any]:
    if not is_number(x):
        raise TypeError
    x = x.detach() if hasattr(x, "detach") else x
    if size_of(shape_of(x)) > MAX_TRACKED_ENTRIES:
        raise TypeError
    return list(x.ravel().tolist()) if shape_of(x) else [x.item() if hasattr(x, "item") else x]


def _key(one: Any) -> Any:
    """The dictionary key of a number: without the last digits, which rounding may have changed."""
    if isinstance(one, float):
        return float(f"{one:.11e}")
    if isinstance(one, complex):
        return one if one.imag else _key(one.real)
    return one


def _like(x: Any, entries: list[Any]) -> Any:
    if not shape_of(x) and not hasattr(x, "item"):
        return entries[0]
    x = x.detach() if hasattr(x, "detach") else x
    if hasattr(x, "new_tensor"):
        return x.new_tensor(entries).reshape(x.shape)
    made = x.copy()
    if not shape_of(x):
        return type(x)(entries[0])
    made.ravel()[:] = entries
    return made


def _copy(x: Any) -> Any:
    if hasattr(x, "detach"):
        return x.detach().clone()
    return x.copy() if shape_of(x) else x
