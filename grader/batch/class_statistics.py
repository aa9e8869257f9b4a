"""Statistics of a class: its errors, and how hard each step is and how well it tells students who know the rest from
those who do not (classical item analysis). From rows of the store to plain data for pages and terminals.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.batch.run import policy_of
from grader.batch.store import Store
from grader.batch.student_row import Final, StudentRow, final
from grader.model import RIGHT

UNEXPLAINED = "unexplained"
DOUBTFUL_SHARE, DOUBTFUL_COUNT = 0.4, 3
"""A step is doubtful if at least this share of the students who got it wrong, and at least this many, made mistakes
that no rule explains: the question or the catalogue may be at fault."""

Student = tuple[str, str]
"""The key of a student and the displayed name."""


@dataclass(frozen=True, slots=True)
class StepStatistics:
    """One step across the class: the number of each outcome, over `judged` submissions."""

    name: str
    outcomes: tuple[tuple[str, int], ...]
    judged: int

    def count(self, outcome: str) -> int:
        return dict(self.outcomes).get(outcome, 0)

    @property
    def failed(self) -> int:
        """The number of students whose step is neither correct nor carried."""
        return sum(count for outcome, count in self.outcomes if outcome not in RIGHT)


@dataclass(frozen=True, slots=True)
class ClassMistake:
    """One misconception at one step, with the students who made it. `code` may be `unexplained`."""

    step: str
    code: str
    students: tuple[Student, ...]


@dataclass(frozen=True, slots=True)
class SameLine:
    """Submissions with the same wrong statement at a step, ignoring whitespace."""

    step: str
    code: str
    misconception: str | None
    students: tuple[Student, ...]


@dataclass(frozen=True, slots=True)
class ClassStatistics:
    """The statistics of a class. `scores` are the final scores of the students who have one."""

    exercise: str
    title: str
    points: float
    students: int
    complete: int
    scores: tuple[float, ...]
    ungraded: tuple[StudentRow, ...]
    open: tuple[tuple[StudentRow, str], ...]
    steps: tuple[StepStatistics, ...]
    mistakes: tuple[ClassMistake, ...]
    same_lines: tuple[SameLine, ...]
    identical: tuple[tuple[Student, ...], ...]
    doubtful: tuple[tuple[str, int, int], ...]
    ignored: int

    @property
    def codes(self) -> tuple[str, ...]:
        """The misconceptions, most frequent first, `unexplained` last."""
        who: dict[str, set[str]] = defaultdict(set)
        for mistake in self.mistakes:
            who[mistake.code] |= {student for student, _ in mistake.students}
        return tuple(sorted(who, key=lambda code: (code == UNEXPLAINED, -len(who[code]), code)))

    def students_with(self, code: str) -> int:
        """The number of students who have a misconception at any step."""
        return len({student for mistake in self.mistakes if mistake.code == code for student, _ in mistake.students})

    def at(self, step: str, code: str) -> ClassMistake | None:
        return next((one for one in self.mistakes if one.step == step and one.code == code), None)


@dataclass(frozen=True, slots=True)
class ClassExercise:
    """What a class was asked: the exercise, its title, and its maximum points."""

    exercise: str
    title: str
    points: float


StepOutcome = tuple[str, str, str, str, str | None, str | None]
"""A student's step: the student's key and name, the step, its outcome, the misconception, and the line of code."""

StepPoints = tuple[str, str, float, float]
"""A step of a student: its name, outcome and points, and the points of all steps of that student."""


def class_statistics(store: Store) -> ClassStatistics:
    """Compute the current statistics of a class."""
    policy = policy_of(store)
    finals = [(one, final(one, policy)) for one in store.standings()]
    rows: list[tuple[Any, ...]] = store.query(
        "SELECT s.student, s.name, t.name, t.outcome, t.misconception, t.code FROM submissions s"
        " JOIN results r ON r.work = s.work AND r.status = 'graded' JOIN steps t ON t.work = s.work"
        " WHERE t.part = 'step' ORDER BY t.position, s.position"
    )
    asked = ClassExercise(store.about("exercise"), store.about("title"), float(store.about("points", "0")))
    return statistics_of(asked, finals, rows, _identical(store), len(store.ignored()))


def statistics_of(
    asked: ClassExercise,
    finals: Sequence[tuple[StudentRow, Final]],
    rows: Sequence[StepOutcome],
    identical: tuple[tuple[Student, ...], ...] = (),
    ignored: int = 0,
) -> ClassStatistics:
    """Compute the statistics of a class from all its steps, in the order of the exercise and, for each step, of the
    students. `identical` are students with equal files, `ignored` counts files that nobody was graded by."""
    steps = _steps(rows)
    mistakes = _mistakes(rows)
    return ClassStatistics(
        exercise=asked.exercise,
        title=asked.title,
        points=asked.points,
        students=len(finals),
        complete=sum(one.complete for one, _ in finals),
        scores=tuple(known.score for _, known in finals if known.score is not None),
        ungraded=tuple(one for one, known in finals if known.score is None),
        open=tuple((one, known.open) for one, known in finals if known.open and known.score is not None),
        steps=steps,
        mistakes=mistakes,
        same_lines=_same_lines(rows),
        identical=identical,
        doubtful=_doubtful(steps, mistakes),
        ignored=ignored,
    )


def _steps(rows: Sequence[StepOutcome]) -> tuple[StepStatistics, ...]:
    counts: dict[str, dict[str, int]] = {}
    for (step, outcome), number in Counter((row[2], row[3]) for row in rows).items():
        counts.setdefault(step, {})[outcome] = number
    return tuple(
        StepStatistics(step, tuple(sorted(count.items())), sum(count.values())) for step, count in counts.items()
    )


def _mistakes(rows: Sequence[StepOutcome]) -> tuple[ClassMistake, ...]:
    found: dict[tuple[str, str], list[Student]] = {}
    for student, name, step, outcome, code, _ in rows:
        if outcome in ("wrong", "compensated"):
            found.setdefault((step, code or UNEXPLAINED), []).append((student, name))
        elif outcome == "borrowed":
            found.setdefault((step, "borrowed"), []).append((student, name))
    return tuple(ClassMistake(step, code, tuple(students)) for (step, code), students in found.items())


def _same_lines(rows: Sequence[StepOutcome]) -> tuple[SameLine, ...]:
    found: dict[tuple[str, str], list[tuple[Student, str, str | None]]] = {}
    for student, name, step, outcome, misconception, code in rows:
        if outcome in ("wrong", "compensated") and code:
            found.setdefault((step, "".join(code.split())), []).append(((student, name), code, misconception))
    groups = [
        SameLine(step, several[0][1], several[0][2], tuple(student for student, _, _ in several))
        for (step, _), several in found.items()
        if len(several) > 1
    ]
    return tuple(sorted(groups, key=lambda group: -len(group.students)))


def _identical(store: Store) -> tuple[tuple[Student, ...], ...]:
    rows: list[tuple[Any, ...]] = store.query(
        "SELECT digest, student, name FROM submissions WHERE digest IN (SELECT digest FROM submissions"
        " WHERE digest IS NOT NULL GROUP BY digest HAVING COUNT(*) > 1) ORDER BY position"
    )
    groups: dict[str, list[Student]] = {}
    for digest, student, name in rows:
        groups.setdefault(digest, []).append((student, name))
    return tuple(tuple(group) for group in groups.values())


def _doubtful(
    steps: tuple[StepStatistics, ...], mistakes: tuple[ClassMistake, ...]
) -> tuple[tuple[str, int, int], ...]:
    """Steps with many unexplained mistakes: name, number of unexplained mistakes, number of wrong results."""
    unexplained = {one.step: len(one.students) for one in mistakes if one.code == UNEXPLAINED}
    found = []
    for step in steps:
        wrong = step.count("wrong") + step.count("compensated")
        dark = unexplained.get(step.name, 0)
        if dark >= DOUBTFUL_COUNT and dark >= DOUBTFUL_SHARE * wrong:
            found.append((step.name, dark, wrong))
    return tuple(found)


MIN_STUDENTS = 10
"""Minimum number of students for a statement on discrimination; of fewer it would be chance."""

GROUP_FRACTION = 0.27
"""The share of the class in the upper and in the lower group (Kelley, 1939)."""


class StepTaken(NamedTuple):
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
    rows: list[tuple[Any, ...]] = store.query(
        "SELECT t.name, t.outcome, t.points, r.score FROM submissions s"
        " JOIN results r ON r.work = s.work AND r.status = 'graded' JOIN steps t ON t.work = s.work"
        " WHERE t.part = 'step' AND COALESCE(t.reason, '') <> 'optional' ORDER BY t.position, s.position"
    )
    return items_of(rows)


def items_of(rows: Iterable[StepPoints]) -> tuple[Item, ...]:
    """The statistics of every step, from the steps of all students. `rows` has no optional steps that a student
    left out.

    A step is solved if it is right in itself, `correct` or `carried`; steps that could not be judged do not count."""
    by_name: dict[str, Counter[StepTaken]] = {}
    # Classes are large, and differ in few ways: equal rows are read once.
    for (name, outcome, points, score), students in Counter(rows).items():
        if outcome == "unjudged":
            continue
        total = float(score)
        taken = StepTaken(outcome in RIGHT, total - float(points), total)
        by_name.setdefault(str(name), Counter())[taken] += students
    return tuple(item(name, taken) for name, taken in by_name.items())


def item(name: str, taken: Counter[StepTaken]) -> Item:
    """The statistics of one step, from the number of students who took it in each way."""
    students = taken.total()
    solved = _solved(taken) / students if students else None
    if students < MIN_STUDENTS:
        return Item(name, students, solved, None, None)
    return Item(name, students, solved, point_biserial(taken), upper_lower(taken))


def _solved(taken: Counter[StepTaken]) -> int:
    return sum(students for one, students in taken.items() if one.solved)


def point_biserial(taken: Counter[StepTaken]) -> float | None:
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


def upper_lower(taken: Counter[StepTaken]) -> float | None:
    """The share that solved the step among the 27 % with the most points, minus that among the 27 % with the fewest.
    Students with equal points at the limit of a group count in part, so that no order among them matters."""
    totals = [one.total for one in taken]
    if max(totals) - min(totals) < 1e-9 or len({one.solved for one in taken}) < 2:
        return None
    size = GROUP_FRACTION * taken.total()
    return _share_of_first(taken, size, -1) - _share_of_first(taken, size, 1)


def _share_of_first(taken: Counter[StepTaken], size: float, order: int) -> float:
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
