"""How hard each step is, and how well it tells students who know the rest from those who do not (classical item
analysis)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.batch.store import Store

LEAST = 10
"""Minimum number of students for a statement on discrimination; of fewer it would be chance."""

SHARE = 0.27
"""The share of the class in the upper and in the lower group (Kelley, 1939)."""


class Taken(NamedTuple):
    """A student's step: whether it is solved, the points of the student's other steps, and of all steps."""

    solved: bool
    others: float
    total: float


@dataclass(frozen=True, slots=True)
class Item:
    """The statistics of a step over `students`: `solved` is the share that solved it, `point_biserial` its correlation
    with the points of all other steps, `upper_lower` the difference of `solved` in the upper and the lower 27 %. None:
    too few students, or no difference among them."""

    name: str
    students: int
    solved: float | None
    point_biserial: float | None
    upper_lower: float | None


def items(store: Store) -> tuple[Item, ...]:
    """The statistics of every step, in the order of the exercise."""
    rows = store.query(
        "SELECT t.name, t.outcome, t.points, r.score FROM submissions s"
        " JOIN results r ON r.work = s.work AND r.status = 'graded' JOIN steps t ON t.work = s.work"
        " WHERE t.part = 'step' AND COALESCE(t.reason, '') <> 'optional' ORDER BY t.position, s.position"
    )
    return items_of(rows)


def items_of(rows: Iterable[tuple[Any, ...]]) -> tuple[Item, ...]:
    """The statistics of every step, from the steps of all students: name, outcome, points, and the points of all steps
    of that student. Steps that were left out because they may be are left out of `rows`.

    A step is solved if it is right in itself, `correct` or `carried`; steps that could not be judged do not count."""
    by_name: dict[str, list[Taken]] = {}
    for name, outcome, points, score in rows:
        if outcome == "unjudged":
            continue
        total = float(score)
        taken = Taken(outcome in ("correct", "carried"), total - float(points), total)
        by_name.setdefault(str(name), []).append(taken)
    return tuple(item(name, taken) for name, taken in by_name.items())


def item(name: str, taken: Sequence[Taken]) -> Item:
    """The statistics of one step."""
    solved = sum(one.solved for one in taken) / len(taken) if taken else None
    if len(taken) < LEAST:
        return Item(name, len(taken), solved, None, None)
    return Item(name, len(taken), solved, point_biserial(taken), upper_lower(taken))


def point_biserial(taken: Sequence[Taken]) -> float | None:
    """(M1 - M0) / s * sqrt(p * (1 - p)): M1 and M0 are the mean points of the other steps among those who solved the
    step and those who did not, s is the standard deviation of all of them, p the share that solved it."""
    right = [one.others for one in taken if one.solved]
    wrong = [one.others for one in taken if not one.solved]
    middle = statistics.fmean(one.others for one in taken)
    spread = math.sqrt(math.fsum((one.others - middle) ** 2 for one in taken) / len(taken))
    if not right or not wrong or spread < 1e-9:
        return None
    share = len(right) / len(taken)
    return (statistics.fmean(right) - statistics.fmean(wrong)) / spread * math.sqrt(share * (1 - share))


def upper_lower(taken: Sequence[Taken]) -> float | None:
    """The share that solved the step among the 27 % with the most points, minus that among the 27 % with the fewest.
    Students with equal points at the limit of a group count in part, so that no order among them matters."""
    totals = [one.total for one in taken]
    if max(totals) - min(totals) < 1e-9 or len({one.solved for one in taken}) < 2:
        return None
    size = SHARE * len(taken)
    return _share_of_lowest([(one.solved, -one.total) for one in taken], size) - _share_of_lowest(
        [(one.solved, one.total) for one in taken], size
    )


def _share_of_lowest(taken: Sequence[tuple[bool, float]], size: float) -> float:
    """The share that solved a step among the `size` students that come first by the second number."""
    left, solved = size, 0.0
    by_value: dict[float, list[bool]] = {}
    for right, at in taken:
        by_value.setdefault(at, []).append(right)
    for value in sorted(by_value):
        equal = by_value[value]
        weight = min(1.0, left / len(equal))
        solved += weight * sum(equal)
        left -= weight * len(equal)
        if left <= 1e-12:
            break
    return solved / size
