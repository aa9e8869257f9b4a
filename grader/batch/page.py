"""The class overview as one page: who made which mistake at which step. For instructors; it names students."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from grader.batch.class_statistics import UNEXPLAINED, ClassStatistics, class_statistics
from grader.batch.similarity import similar
from grader.batch.store import Store
from grader.diagnosis.recognition.catalogue import by_code
from grader.html.rendering import render as render_template
from grader.report.numbers import count

_WIDTH, _HEIGHT = 640, 120
_KINDS = ("correct", "carried", "missing", "unjudged", "borrowed", "compensated", "wrong")
_WORDS = {
    "correct": "right",
    "carried": "right, fed by an error",
    "missing": "missing",
    "unjudged": "could not be judged",
    "borrowed": "taken, not derived",
    "compensated": "errors cancel",
    "wrong": "wrong",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram of scores, with its number of students."""

    label: str
    students: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment of a step's stacked bar."""

    kind: str
    word: str
    students: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table of steps and mistakes. `heat` is 0 to 5."""

    anchor: str
    students: int
    heat: int


def render(store: Store) -> str:
    """Render the page as a single HTML file."""
    seen = class_statistics(store)
    codes = seen.codes
    return render_template(
        "class.html",
        seen=seen,
        tiles=_tiles(seen),
        bars=_bars(seen),
        chart=(_WIDTH, _HEIGHT),
        steps=[(step, _segments(step.outcomes, step.judged)) for step in seen.steps],
        legend=[(kind, _WORDS[kind]) for kind in _KINDS if any(step.count(kind) for step in seen.steps)],
        codes=[(code, _title(code), seen.students_with(code)) for code in codes],
        rows=[(step, [_cell(seen, step, code) for code in codes]) for step in _with_mistakes(seen)],
        mistakes=[(_anchor(seen, one.step, one.code), one, _title(one.code)) for one in seen.mistakes],
        titles={code: _title(code) for code in codes},
        similar=similar(store),
        ignored=store.ignored(),
        count=count,
    )


def _tiles(seen: ClassStatistics) -> list[tuple[str, str, str]]:
    middle = count(statistics.median(seen.scores)) if seen.scores else "none"
    return [
        (str(seen.students), "students", ""),
        (str(seen.complete), "all right", "right"),
        (str(len(seen.scores) - seen.complete), "with errors", "wrong"),
        (str(len(seen.ungraded)), "without a score", "none" if seen.ungraded else ""),
        (middle, f"median of {count(seen.points)} points", ""),
    ]


def _bars(seen: ClassStatistics) -> list[Bar]:
    most = seen.points or max(seen.scores, default=1.0) or 1.0
    bins = int(most) + 1 if most <= 24 and most == int(most) else 12
    size = most / max(bins - 1, 1) if most <= 24 and most == int(most) else most / bins
    counts = [0] * bins
    for score in seen.scores:
        counts[min(int(score / size + 1e-9), bins - 1)] += 1
    highest, width = max(counts, default=0) or 1, _WIDTH / bins
    return [
        Bar(count(round(number * size, 2)), students, round(number * width + 2, 1),
            round(_HEIGHT * (1 - students / highest), 1), round(width - 4, 1), round(_HEIGHT * students / highest, 1))
        for number, students in enumerate(counts)
    ]  # fmt: skip


def _segments(outcomes: tuple[tuple[str, int], ...], judged: int) -> list[Segment]:
    made, x, by_kind = [], 0.0, dict(outcomes)
    for kind in _KINDS:
        students = by_kind.get(kind, 0)
        if students:
            width = 100 * students / judged
            made.append(Segment(kind, _WORDS[kind], students, round(x, 3), round(width, 3)))
            x += width
    return made


def _anchor(seen: ClassStatistics, step: str, code: str) -> str:
    """A page anchor. It uses numbers, since step names are free text of the author."""
    number = [one.name for one in seen.steps].index(step)
    return f"who-{number}-{seen.codes.index(code)}"


def _cell(seen: ClassStatistics, step: str, code: str) -> Cell | None:
    found = seen.at(step, code)
    if found is None:
        return None
    students = len(found.students)
    largest = max(len(one.students) for one in seen.mistakes)
    return Cell(_anchor(seen, step, code), students, max(1, round(5 * students / largest)))


def _with_mistakes(seen: ClassStatistics) -> list[str]:
    found = {one.step for one in seen.mistakes}
    return [step.name for step in seen.steps if step.name in found]


def _title(code: str) -> str:
    if code == UNEXPLAINED:
        return "not explained by any known mistake"
    if code == "borrowed":
        return "taken, not derived"
    known = by_code(code)
    return known.title if known is not None else code
