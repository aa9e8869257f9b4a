"""Entries of arrays, lists and dictionaries indexed by time or number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.diagnosis.chain_rule.numbers import shape_of
from grader.formula.check import integer
from grader.formula.syntax import Expression


def entry(whole: Any, place: int | None) -> Any:
    """Return the entry at a place, None if there is none. Negative places count from the end (not in dictionaries)."""
    if place is None or isinstance(whole, dict):
        return None if place is None else whole.get(place)
    length = (*shape_of(whole), 0)[0]
    return whole[place] if -length <= place < length else None


def place_of(key: Expression, held: Mapping[str, Any]) -> int | None:
    """Return the integer that an index key evaluates to with the values `held`; None if it is none."""
    return integer(key, {name: value for name, value in held.items() if type(value) is int})
