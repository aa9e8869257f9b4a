"""Commit, then reveal: which right values of one forced run may leave the grader, and which hand-overs count.

At one point every quantity is in one of three states, and goes through them in this order only:

    open       nothing was handed over for it: its right value stays in the grader
    committed  something was handed over: a value, an object, an exception; only this counts
    revealed   its right value has left

Nothing a child sends can bypass this: right values leave from here alone, and only after a commit of that quantity is
recorded. What is handed over later, of the quantity itself or of an origin of it, is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.errors import InternalError
from grader.model import Observed, Opaque, Value


class Commitments:
    """The commitments of one run. `right` are the right values at its point, in the quantities' own units and
    shapes."""

    def __init__(self, right: Mapping[str, Value]) -> None:
        self._right = right
        self._first: dict[str, Observed | None] = {}

    @property
    def values(self) -> dict[str, Observed]:
        """The value of each quantity when it was first handed over; none where an exception was handed over."""
        return {name: value for name, value in self._first.items() if value is not None}

    @property
    def committed(self) -> frozenset[str]:
        """The quantities for which later hand-overs do not count."""
        return frozenset(self._first)

    def commit(self, name: str, handed_over: Observed) -> None:
        """Record what was handed over for a quantity, if it is the first hand-over."""
        nothing = isinstance(handed_over, Opaque) and handed_over.kind == "exception"
        self._first.setdefault(name, None if nothing else handed_over)

    def forgo(self, names: Iterable[str]) -> None:
        """Commit quantities without a value: they are bound nowhere, so nothing can be handed over for them."""
        for name in names:
            self._first.setdefault(name, None)

    def reveal(self, name: str) -> Value:
        """Return the right value of a quantity, to leave the grader. Raise `InternalError` if it is still open."""
        if name not in self._first:
            raise InternalError(f"the right value of {name} was to leave before a value was handed over")
        return self._right[name]
