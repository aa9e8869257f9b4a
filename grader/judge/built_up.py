"""Which of several lines that build up one value made it wrong: `da = upstream.copy(); da += more; da *= slope`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NEAR = 1e-7
"""How far, of the largest number, a multiple of what a line has added may be from what is missing."""


def guilty_part(states: Sequence[Sequence[Any]], missing: Sequence[Any], right: Sequence[bool]) -> int:
    """The place of the guilty line: `states` has, per point, what was there after each of them, `missing`, per point,
    what the last lacks to be right, and `right` says after which a quantity was there.

    Where all that is missing is a multiple of what one line has added, as where its sign is wrong, it is that one; else
    the first line after what is right."""
    import numpy

    first = max((place for place, known in enumerate(right) if known), default=-1) + 1
    if first == len(right):
        return len(right) - 1
    lacking = numpy.concatenate(list(missing))
    fitting = [
        place for place in range(first, len(right)) if _is_multiple(lacking, [_added(one, place) for one in states])
    ]
    return fitting[0] if len(fitting) == 1 else first


def _added(states: Sequence[Any], place: int) -> Any:
    return states[place] - states[place - 1] if place else states[place]


def _is_multiple(lacking: Any, terms: Sequence[Any]) -> bool:
    import numpy

    term = numpy.concatenate(list(terms))
    size = float(term @ term)
    if not size:
        return False
    return bool(numpy.abs(lacking - (lacking @ term) / size * term).max() <= NEAR * numpy.abs(lacking).max())
