"""How hard each step is, and how well it tells students who know the rest from those who do not (classical item
analysis)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
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
    by_name: dict[str, Counter[Taken]] = {}
    # Classes are large, and differ in few ways: equal rows are read once.
    for (name, outcome, points, score), students in Counter(rows).items():
        if outcome == "unjudged":
            continue
        total = float(score)
        taken = Taken(outcome in ("correct", "carried"), total - float(points), total)
        by_name.setdefault(str(name), Counter())[taken] += students
    return tuple(item(name, taken) for name, taken in by_name.items())


def item(name: str, taken: Counter[Taken]) -> Item:
    """The statistics of one step, from the number of students who took it in each way."""
    students = taken.total()
    solved = _solved(taken) / students if students else None
    if students < LEAST:
        return Item(name, students, solved, None, None)
    return Item(name, students, solved, point_biserial(taken), upper_lower(taken))


def _solved(taken: Counter[Taken]) -> int:
    return sum(students for one, students in taken.items() if one.solved)


def point_biserial(taken: Counter[Taken]) -> float | None:
    """(M1 - M0) / s * sqrt(p * (1 - p)): M1 and M0 are the mean points of the other steps among those who solved the
    step and those who did not, s is the standard deviation of all of them, p the share that solved it."""
    students = taken.total()
    share = _solved(taken) / students
    if share in (0.0, 1.0):
        return None
    middle = math.fsum(one.others * number for one, number in taken.items()) / students
    spread = math.sqrt(math.fsum((one.others - middle) ** 2 * number for one, number in taken.items()) / students)
    if spread < 1e-9:
        return None
    right = math.fsum(one.others * number for one, number in taken.items() if one.solved) / (share * students)
    wrong = math.fsum(one.others * number for one, number in taken.items() if not one.solved)
    return (right - wrong / ((1 - share) * students)) / spread * math.sqrt(share * (1 - share))


def upper_lower(taken: Counter[Taken]) -> float | None:
    """The share that solved the step among the 27 % with the most points, minus that among the 27 % with the fewest.
    Students with equal points at the limit of a group count in part, so that no order among them matters."""
    totals = [one.total for one in taken]
    if max(totals) - min(totals) < 1e-9 or len({one.solved for one in taken}) < 2:
        return None
    size = SHARE * taken.total()
    return _share_of_first(taken, size, -1) - _share_of_first(taken, size, 1)


def _share_of_first(taken: Counter[Taken], size: float, order: int) -> float:
    """The share that solved a step among the `size` students with the fewest points (`order` 1), or the most (-1)."""
    left, solved = size, 0.0
    by_total: dict[float, list[int]] = {}
    for one, number in taken.items():
        equal = by_total.setdefault(one.total, [0, 0])
        equal[one.solved] += number
    for total in sorted(by_total, key=lambda total: order * total):
        others, right = by_total[total]
        weight = min(1.0, left / (others + right))
        solved += weight * right
        left -= weight * (others + right)
        if left <= 1e-12:
            break
    return solved / size
