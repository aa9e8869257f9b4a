"""The floats of a run: float64, or, where only that runs, those the libraries have by themselves.

torch and jax compute in float32 unless told otherwise. Submissions run in float64, so that what is right is right to
many digits. Where one asks for float32 in one place only (`F.one_hot(k, 5).float().T @ de`), both would meet in an
operation that takes no two kinds. Then it runs in float32 throughout, as on the student's own machine.

Half floats, where the text asks for them, are given as those of the run (`child/halves.py`); where it only runs in half
floats, it does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

from grader.runner.types import Trace

Floats = Literal["double", "own", "half"]
"""`double`: float64. `own`: as the libraries have it, without half floats. `half`: as the libraries have it."""

_OF_THEIR_OWN = frozenset({"torch", "jax"})
"""Libraries whose floats are not float64 by themselves."""

_SAYS_SO = ("RuntimeError", "TypeError", "ValueError", "AssertionError")
"""What is raised, by a library or a check of the student's, where floats of two kinds meet."""


_HALF = re.compile(r"half|float16|Half|BFloat16")


def asks_for_half(sources: Iterable[str]) -> bool:
    """Whether the text of a submission asks for half floats."""
    return any(map(_HALF.search, sources))


def may_meet(trace: Trace, libraries: Collection[str]) -> bool:
    """Whether a statement of a run in float64 may have raised because floats of two kinds met."""
    return not _OF_THEIR_OWN.isdisjoint(libraries) and any(one.error.startswith(_SAYS_SO) for one in trace.raised)


def goes_further(own: Trace, double: Trace) -> bool:
    """Whether a run raised less than one in float64, and nothing that the other did not."""
    return _raising(own) < _raising(double)


def _raising(trace: Trace) -> set[tuple[int, int]]:
    return {(one.cell, one.statement) for one in trace.raised}
