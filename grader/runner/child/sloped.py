"""Operators and calls with another slope wherever they are evaluated at something that was shifted.

What a shift gives (`x = w + e`) is remembered, with what was shifted (`x0 = w`). What is computed from such an `x` by
an operator or a call grows by `c * (x - x0)`; a further sum is a further shift. Where nothing was shifted, everything
is what it was: so a derivation comes out the same to its last digit, whatever was evaluated elsewhere beside it. What
was made from values at other places, as a difference quotient of any form is, shows the slope, and the same one where
the term is `c * (x - x0) * (1 + k * (x - x0))`: what merely uses something shifted shows another value then.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.runner.child.perturbed_slopes import coefficients, is_number, kin, shape_of, size_of

CURVE = 4
"""How curved the term is, relatively to what was shifted."""

MOST = 4096
"""Entries of the largest array that is looked at."""

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
"""The names, as `ast` has them, of the operators that can be sloped."""


class Sloped:
    """What `__grader__` has in such a run, as the grader has ordered."""

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
        """A function of which a call shifts an argument, or spreads nodes between two (-1)."""

        def evaluated(*arguments: Any, **options: Any) -> Any:
            made = function(*arguments, **options)
            self._remember(made, arguments[base] if base >= 0 else (arguments[0] + arguments[1]) / 2)
            return made

        return evaluated

    def operated(self, place: str, name: str, left: Any, right: Any) -> Any:
        """What an operator gives."""
        made = _OPERATORS[name](left, right)
        if not self._shifted or not is_number(made):
            return made
        if name not in ("Add", "Sub"):
            return self._with_slopes(made, place, (left, right))
        before = [self._before(one) for one in (left, right)]
        if (before[0] is None) != (before[1] is None):
            old = _OPERATORS[name](
                *(one if was is None else was for one, was in zip((left, right), before, strict=True))
            )
            self._remember(made, old)
        return made

    def called(self, place: str, function: Any) -> Any:
        """A function, to be called."""
        if isinstance(function, type) or not callable(function):
            return function

        @functools.wraps(function, assigned=("__name__", "__doc__"), updated=())
        def evaluated(*arguments: Any, **options: Any) -> Any:
            made = function(*arguments, **options)
            if not self._shifted or not is_number(made):
                return made
            return self._with_slopes(made, place, (*arguments, *options.values()))

        return evaluated

    def _with_slopes(self, made: Any, place: str, arguments: Sequence[Any]) -> Any:
        for number, x in enumerate(arguments):
            try:
                made = self._sloped(made, number, x)
            except Exception:  # of no shapes that go together
                continue
        return made

    def _sloped(self, made: Any, number: int, x: Any) -> Any:
        before = self._before(x)
        if before is None:
            return made
        x = x.detach() if hasattr(x, "detach") else x
        term = coefficients(self._seed, number, 1)[0] * (x - before)
        if self._is_curved:
            term = term + term * (x - before) * CURVE
        term = term * kin(x, self._scale)
        return made + _fitting(term, shape_of(made))

    def _remember(self, made: Any, base: Any) -> None:
        try:
            new, old = _entries(made), _entries(base)
            if len(old) not in (1, len(new)):
                return
            self._bases.update(map(_key, old))
            for number, one in enumerate(new):
                was = old[number if len(old) > 1 else 0]
                if _key(one) != _key(was):
                    self._shifted[_key(one)] = was
        except Exception:  # no numbers
            return

    def _before(self, x: Any) -> Any:
        """What a number, or an array, was before it was shifted; None where it was not."""
        if not is_number(x) or size_of(shape_of(x)) > MOST:
            return None
        entries = _entries(x)
        keys = list(map(_key, entries))
        if self._bases.issuperset(keys) or self._shifted.keys().isdisjoint(keys):
            return None
        was = [
            one if key in self._bases else self._shifted.get(key, one) for one, key in zip(entries, keys, strict=True)
        ]
        return _like(x, was)


def _fitting(term: Any, shape: tuple[int, ...]) -> Any:
    """A term to be added to what has this shape: of a product of matrices, the sum over what was summed there."""
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
    if size_of(shape_of(x)) > MOST:
        raise TypeError
    return list(x.ravel().tolist()) if shape_of(x) else [x.item() if hasattr(x, "item") else x]


def _key(one: Any) -> Any:
    """What a number is known by: but for the last digits, where it has been rounded."""
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
