"""The floats of a run: float64, or, where only that runs, those the libraries have by themselves.

torch and jax compute in float32 unless told otherwise. Submissions run in float64, so that what is right is right to
many digits. Where one asks for float32 in one place only (`F.one_hot(k, 5).float().T @ de`), both would meet in an
operation that takes no two kinds. Then it runs in float32 throughout, as on the student's own machine.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from grader.runner.types import Trace

Floats = Literal["double", "own"]

_OF_THEIR_OWN = frozenset({"torch", "jax"})
"""Libraries whose floats are not float64 by themselves."""

_SAYS_SO = ("RuntimeError", "TypeError", "ValueError", "AssertionError")
"""What is raised, by a library or a check of the student's, where floats of two kinds meet."""


def may_meet(trace: Trace, libraries: Collection[str]) -> bool:
    """Whether a statement of a run in float64 may have raised because floats of two kinds met."""
    return not _OF_THEIR_OWN.isdisjoint(libraries) and any(one.error.startswith(_SAYS_SO) for one in trace.raised)


def goes_further(own: Trace, double: Trace) -> bool:
    """Whether a run raised less than one in float64, and nothing that the other did not."""
    return _raising(own) < _raising(double)


def _raising(trace: Trace) -> set[tuple[int, int]]:
    return {(one.cell, one.statement) for one in trace.raised}
