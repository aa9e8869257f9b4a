"""The class overview as one page: what it is of, scores, steps, mistakes, and the roster. For instructors; it names
students.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from markupsafe import Markup

from grader.batch.class_statistics import MIN_STUDENTS, UNEXPLAINED, ClassStatistics, Item, class_statistics, items
from grader.batch.disputes import disputed
from grader.batch.feedback import PageExercise
from grader.batch.roster import StudentScore, charts, distribution, roster
from grader.batch.run import policy_of
from grader.batch.similarity import similar
from grader.batch.store import Store
from grader.batch.student_row import final, moment, policy_words
from grader.diagnosis.recognition.catalogue import by_code
from grader.exercise.types import Exercise
from grader.html import mathml
from grader.html.rendering import render as render_template
from grader.report.mathematics import plain
from grader.report.numbers import count, counted

_ISOLATION = {
    "strict": "strict: each submission in a sandbox of its own",
    "portable": "portable: each submission in a sandbox without bubblewrap",
    "process": "process: as a plain process, because the files were said to be trusted",
}


def about(store: Store, at: datetime) -> Iterator[tuple[str, str]]:
    """Yield the facts about a page made at a time, with its zone: what each is about, and the fact."""
    yield "page made", moment(at)
    graded = store.query(
        "SELECT MIN(graded_at), MAX(graded_at) FROM results JOIN submissions USING (work) WHERE status <> 'fault'"
    )[0]
    if graded[0] is not None:
        first, last = (moment(datetime.fromisoformat(str(one)).astimezone(at.tzinfo)) for one in graded)
        yield "graded", last if first == last else f"from {first} to {last}"
    if store.about("layout"):
        named = store.about("download")
        yield "download", f"{named}, read as {store.about('layout')}" if named else f"read as {store.about('layout')}"
    if ignored := len(store.ignored()):
        yield "left out", f"{counted(ignored, 'file')} of the download; `grader batch --dry-run` lists them with the " \
            "reasons"  # fmt: skip
    kinds = [str(row[0]) for row in store.query(
        "SELECT DISTINCT isolation FROM results JOIN submissions USING (work) WHERE isolation IS NOT NULL ORDER BY 1"
    )]  # fmt: skip
    if kinds:
        yield "isolation", "; ".join(_ISOLATION.get(kind, kind) for kind in kinds)
    yield "late policy", policy_words(policy_of(store))
    if store.about("grader"):
        yield "grader", store.about("grader").partition("+")[0]


def waiting(store: Store) -> Iterator[str]:
    """Yield why the page is not complete yet: submissions without a result, and faults of the grader."""
    counts = Counter(one.status for one in store.standings())
    whole = sum(counts.values())
    if number := counts["pending"]:
        yield f"{number} of {counted(whole, 'student')} {'is' if number == 1 else 'are'} still waiting to be graded. " \
            "The same `grader batch` command goes on where it stopped."  # fmt: skip
    if number := counts["fault"]:
        yield f"{counted(number, 'submission')} could not be graded through a fault of the grader, not of the " \
            "student; the next `grader batch` tries again."  # fmt: skip


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
class Segment:
    """A segment of a step's stacked bar."""

    kind: str
    word: str
    students: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class ClassStepRow:
    """A step in the table of steps: its quantity typeset, where it is known, and its statistics as text."""

    name: str
    quantity: Markup
    segments: tuple[Segment, ...]
    failed: int
    judged: int
    solved: str
    point_biserial: str
    upper_lower: str


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of the table of steps and mistakes. `link` leads to the students, `heat` is 0 to 5."""

    link: str
    students: int
    heat: int


def render(store: Store, links: Mapping[str, str] | None = None, at: datetime | None = None) -> str:
    """Render the page as a single HTML file. `links` are the addresses of the students' feedback pages, `at` is the
    time it is made at; None: now."""
    seen = class_statistics(store)
    policy = policy_of(store)
    standings = list(store.standings())
    exercise = PageExercise(store).exercise
    return render_template(
        "class.html",
        style=("math.css", "style.css", "class.css"),
        script="class.js",
        title=mathml.typeset(seen.title or seen.exercise),
        plain_title=plain(seen.title or seen.exercise),
        waiting=list(waiting(store)),
        **overview(seen, items(store), exercise, lambda step, code: f"#{_anchor(seen, step, code)}"),
        mistakes=[(_anchor(seen, one.step, one.code), one, title_of(one.code)) for one in seen.mistakes],
        titles={code: title_of(code) for code in seen.codes},
        roster=roster((StudentScore(one, final(one, policy)) for one in standings), links or {}),
        places={one.student: number for number, one in enumerate(standings)},
        linked=bool(links),
        similar=similar(store),
        disputed=disputed(store),
        words=_WORDS,
        about=list(about(store, at or datetime.now().astimezone())),
    )


def overview(
    seen: ClassStatistics, known: Sequence[Item], exercise: Exercise | None, link: Callable[[str, str], str]
) -> dict[str, object]:
    """What the templates `class_*.html` show of a class as a whole. `exercise` (None: unknown) typesets the quantities,
    `link` is the address of the students who made a mistake at a step."""
    codes = seen.codes
    return {
        "seen": seen,
        "tiles": _tiles(seen),
        "charts": charts(seen.scores, seen.points),
        "distribution": distribution(seen.scores, seen.points),
        "steps": _steps(seen, known, exercise),
        "least": MIN_STUDENTS,
        "formulas": _formulas(),
        "legend": [(kind, _WORDS[kind]) for kind in _KINDS if any(step.count(kind) for step in seen.steps)],
        "codes": [(code, title_of(code), seen.students_with(code)) for code in codes],
        "rows": _grid(seen, link),
        "count": count,
    }


_FORMULAS = {
    "r": r"r = \frac{M_1 - M_0}{s} \sqrt{p (1 - p)}",
    "D": r"D = p_u - p_l",
    "p": "p",
    "M1": "M_1",
    "M0": "M_0",
    "s": "s",
    "pu": "p_u",
    "pl": "p_l",
}
"""The formulas of the statistics of the steps."""


@cache
def _formulas() -> dict[str, Markup]:
    return {name: mathml.typeset(f"${text}$") for name, text in _FORMULAS.items()}


def _steps(seen: ClassStatistics, known: Sequence[Item], exercise: Exercise | None) -> list[ClassStepRow]:
    quantities = {} if exercise is None else {step.name: mathml.formula(step.quantity) for step in exercise.steps}
    items_of_step = {one.name: one for one in known}
    return [
        ClassStepRow(
            step.name,
            quantities.get(step.name, Markup()),
            tuple(_segments(step.outcomes, step.judged)),
            step.failed,
            step.judged,
            *_statistics(items_of_step.get(step.name)),
        )
        for step in seen.steps
    ]


def _statistics(one: Item | None) -> tuple[str, str, str]:
    """The share that solved a step, and its discrimination, as text; "" for what is not known."""
    if one is None or one.solved is None:
        return "", "", ""
    return f"{100 * one.solved:.0f} %", _hundredths(one.point_biserial), _hundredths(one.upper_lower)


def _hundredths(value: float | None) -> str:
    return "" if value is None else f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "\N{MINUS SIGN}")


def _tiles(seen: ClassStatistics) -> list[tuple[str, str, str]]:
    middle = count(statistics.median(seen.scores)) if seen.scores else "none"
    return [
        (str(seen.students), "students", ""),
        (str(seen.complete), "all right", "right"),
        (str(len(seen.scores) - seen.complete), "with errors", "wrong"),
        (str(len(seen.ungraded)), "without a score", "none" if seen.ungraded else ""),
        (middle, f"median of {count(seen.points)} points", ""),
    ]


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


def _grid(
    seen: ClassStatistics, link: Callable[[str, str], str]
) -> list[tuple[str, list[tuple[str, TableCell | None]]]]:
    """The table of steps and mistakes: by step, a cell with its title for each mistake; None where nobody made it."""
    largest = max((len(one.students) for one in seen.mistakes), default=1)
    cells = {
        (one.step, one.code): TableCell(
            link(one.step, one.code), len(one.students), max(1, round(5 * len(one.students) / largest))
        )
        for one in seen.mistakes
    }
    with_mistakes = [step.name for step in seen.steps if any(step.name == one for one, _ in cells)]
    return [(step, [(title_of(code), cells.get((step, code))) for code in seen.codes]) for step in with_mistakes]


def title_of(code: str) -> str:
    """The title of a mistake."""
    if code == UNEXPLAINED:
        return "not explained by any known mistake"
    if code == "borrowed":
        return "taken, not derived"
    known = by_code(code)
    return known.title if known is not None else code
