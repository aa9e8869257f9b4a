"""The histogram of the scores of a class."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.report.numbers import count

_HEIGHT = 120
_CHARACTER = 7
"""Width of a digit of a chart's labels."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram of scores, with its number of students; `label` is "" where there is no room for one."""

    label: str
    students: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The histogram for a `kind` of screen: `wide` or `narrow`."""

    kind: str
    width: int
    height: int
    bars: tuple[Bar, ...]


def charts(scores: Sequence[float], most: float) -> list[Chart]:
    """The histogram of scores up to `most`, for wide and for narrow screens."""
    return [_chart(scores, most, "wide", 640), _chart(scores, most, "narrow", 310)]


def distribution(scores: Sequence[float], most: float) -> str:
    """The histogram in words."""
    size, counts = _histogram(scores, most)
    said = [
        f"{students} from {count(round(number * size, 2))} points" for number, students in enumerate(counts) if students
    ]
    return ", ".join(said)


def _chart(scores: Sequence[float], most: float, kind: str, width: int) -> Chart:
    """The histogram in a width in pixels: labels that would run into one another are left out."""
    size, counts = _histogram(scores, most)
    labels = [count(round(number * size, 2)) for number in range(len(counts))]
    highest, step = max(counts, default=0) or 1, width / len(counts)
    every = math.ceil((max(map(len, labels)) * _CHARACTER + 4) / step)
    bars = tuple(
        Bar(label if number % every == 0 else "", students, round(number * step + 1, 1),
            round(_HEIGHT * (1 - students / highest), 1), round(step - 2, 1), round(_HEIGHT * students / highest, 1))
        for number, (label, students) in enumerate(zip(labels, counts, strict=True))
    )  # fmt: skip
    return Chart(kind, width, _HEIGHT, bars)


def _histogram(scores: Sequence[float], points: float) -> tuple[float, list[int]]:
    """The width of a class of scores, and the number of students in each from 0 points on."""
    most = points or max(scores, default=1.0) or 1.0
    whole = most <= 24 and most == int(most)
    bins = int(most) + 1 if whole else 12
    size = 1.0 if whole else most / bins
    counts = [0] * bins
    for score in scores:
        counts[max(0, min(int(score / size + 1e-9), bins - 1))] += 1
    return size, counts
