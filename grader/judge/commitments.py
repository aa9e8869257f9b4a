"""Commit, then reveal: what of one forced run may leave the grader, and what of it counts.

At one point every quantity is in one of three states, and goes through them in this order only:

    open       nothing was handed over for it: its right value stays here
    committed  something was handed over, whatever it was: a value, an object, an exception; only this counts
    revealed   its right value has left

Nothing a child sends leads anywhere else: a right value is had from here alone, and not before a commit of that
quantity is recorded; what is handed over later, of the quantity itself or of an origin of it, is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.errors import InternalError
from grader.model import Observed, Opaque, Value


class Commitments:
    """Those of one run. `right` are the right values of its point, in the quantities' own units and shapes."""

    def __init__(self, right: Mapping[str, Value]) -> None:
        self._right = right
        self._first: dict[str, Observed | None] = {}
        self._revealed: set[str] = set()

    @property
    def values(self) -> dict[str, Observed]:
        """What each quantity was when it was first handed over. Where an exception was, there is none."""
        return {name: value for name, value in self._first.items() if value is not None}

    @property
    def committed(self) -> frozenset[str]:
        """The quantities of which nothing that follows counts."""
        return frozenset(self._first)

    @property
    def revealed(self) -> frozenset[str]:
        """The quantities whose right values have left."""
        return frozenset(self._revealed)

    def commit(self, name: str, handed_over: Observed) -> None:
        """Records what was handed over for a quantity, if it is the first."""
        nothing = isinstance(handed_over, Opaque) and handed_over.kind == "exception"
        self._first.setdefault(name, None if nothing else handed_over)

    def forgo(self, names: Iterable[str]) -> None:
        """Quantities for which nothing can be handed over, since they are bound nowhere."""
        for name in names:
            self._first.setdefault(name, None)

    def reveal(self, name: str) -> Value:
        """The right value of a quantity, to leave the grader. Raises `InternalError` where it is still open."""
        if name not in self._first:
            raise InternalError(f"the right value of {name} was to leave before a value was handed over")
        self._revealed.add(name)
        return self._right[name]
