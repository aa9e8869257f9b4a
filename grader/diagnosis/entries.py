"""What is kept by time or by number: arrays, lists, dictionaries, one entry at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.diagnosis.numbers import shape_of
from grader.formula.check import integer
from grader.formula.syntax import Expression


def entry(whole: Any, place: int | None) -> Any:
    """What stands at a place; None where nothing does. Below 0 places count from the end, but not in a dictionary."""
    if place is None or isinstance(whole, dict):
        return None if place is None else whole.get(place)
    length = (*shape_of(whole), 0)[0]
    return whole[place] if -length <= place < length else None


def place_of(key: Expression, held: Mapping[str, Any]) -> int | None:
    """Which place a key means, with what the names held."""
    return integer(key, {name: value for name, value in held.items() if type(value) is int})
