"""Find which of several lines that build up one value made it wrong.

Example: `da = upstream.copy(); da += more; da *= slope`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NEAR = 1e-7
"""How far the missing part may be from a multiple of what a line added, relative to its largest number."""


def guilty_part(states: Sequence[Sequence[Any]], missing: Sequence[Any], right: Sequence[bool]) -> int:
    """Return the index of the guilty line.

    `states`: per point, the value after each line. `missing`: per point, what the last value lacks to be right.
    `right`: after which lines the value was a quantity.

    If the missing part is a multiple of what exactly one line added, as where its sign is wrong, it is that line;
    otherwise the first line after the last right value."""
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
