"""Format numbers and arrays: short, the same on every machine, and never a whole array."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grader.model import Observed, Opaque, Value


def number(value: float, digits: int = 10) -> str:
    """Format with at most `digits` significant digits, as Python writes a float, without minus zero."""
    if not math.isfinite(value):
        return repr(value)
    text = format(value + 0.0, f".{digits}g")
    return text if any(mark in text for mark in ".e") else f"{text}.0"


def count(value: float) -> str:
    """Format points: `12`, `0.5`."""
    return format(value + 0.0, ".6g")


def counted(value: float, noun: str) -> str:
    """Format a number with its noun: `1 point`, `2 points`."""
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


def pair(got: float, expected: float) -> tuple[str, str]:
    """Format two numbers with enough digits to show that they differ."""
    short = number(got), number(expected)
    return (repr(got + 0.0), repr(expected + 0.0)) if short[0] == short[1] and got != expected else short


def describe(value: Observed) -> str:
    """A number, or a description of anything else: `an array of shape (4, 3)`, `a str`."""
    if isinstance(value, Opaque):
        return f"a `{value.type_name}`"
    if value.shape == ():
        return number(value.numbers()[0])
    return f"an array of shape {shape(value.shape)}"


def shape(sizes: tuple[int, ...]) -> str:
    return str(tuple(int(size) for size in sizes))


@dataclass(frozen=True, slots=True)
class LargestDifference:
    """The entry in which two values differ most. `index` refers to the student's array; `largest` may be infinite."""

    index: tuple[int, ...]
    got: float
    expected: float
    largest: float


def comparable(got: Value, expected: Value) -> bool:
    """Whether two values have the same axes, ignoring those of size 1, and are not empty."""
    return _squeezed(got.shape) == _squeezed(expected.shape) and got.size > 0


def difference(got: Observed | None, expected: Value | None) -> LargestDifference | None:
    """The largest difference of two values; None if they cannot be compared entry by entry."""
    if not isinstance(got, Value) or expected is None or not comparable(got, expected):
        return None
    ours, theirs = got.numbers(), expected.numbers()
    distances = [_distance(a, b) for a, b in zip(ours, theirs, strict=True)]
    worst = max(range(len(distances)), key=distances.__getitem__)
    return LargestDifference(_index(worst, got.shape), ours[worst], theirs[worst], distances[worst])


def _distance(a: float, b: float) -> float:
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    return abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf


def _squeezed(sizes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in sizes if size != 1)


def _index(position: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for size in reversed(sizes):
        position, along = divmod(position, size)
        index.append(along)
    return tuple(reversed(index))
