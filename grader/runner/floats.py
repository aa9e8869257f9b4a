"""The float type of a run: float64, or the libraries' own defaults where the submission only runs with those.

torch and jax compute in float32 unless set otherwise. Submissions run in float64, so that right values agree to many
digits. Where a submission asks for float32 in one place only (`F.one_hot(k, 5).float().T @ de`), both types can meet in
an operation that does not accept mixed types. Then the submission runs in float32 throughout, as on the student's own
machine.

Half floats that the source asks for are replaced by the float type of the run (`child/libraries.py`); where the
submission only runs in half floats, they are kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

from grader.runner.types import Trace

Floats = Literal["double", "own", "half"]
"""`double`: float64. `own`: the libraries' defaults, half floats replaced. `half`: the libraries' defaults, half floats
kept."""

_OF_THEIR_OWN = frozenset({"torch", "jax"})
"""Libraries whose default float type is not float64."""

_SAYS_SO = ("RuntimeError", "TypeError", "ValueError", "AssertionError")
"""Errors that a library, or a check of the student's, raises where two float types meet."""


_HALF = re.compile(r"half|float16|Half|BFloat16")


def asks_for_half(sources: Iterable[str]) -> bool:
    """Whether the source of a submission asks for half floats."""
    return any(map(_HALF.search, sources))


def may_meet(trace: Trace, libraries: Collection[str]) -> bool:
    """Whether a statement may have raised in a float64 run because two float types met."""
    return not _OF_THEIR_OWN.isdisjoint(libraries) and any(one.error.startswith(_SAYS_SO) for one in trace.raised)


def goes_further(own: Trace, double: Trace) -> bool:
    """Whether the run `own` raised at fewer statements than the float64 run, and at none where that one did not."""
    return _raising(own) < _raising(double)


def _raising(trace: Trace) -> set[tuple[int, int]]:
    return {(one.cell, one.statement) for one in trace.raised}
