"""A course in one file: several exercises with weights and due dates, and one script or notebook for all of them.

A section of such a submission begins with the cell that has a line `# %% Exercise: tanh-chain`, as the starter of a
course has one for each exercise, and ends before the next. What stands before the first section belongs to all of them.
Of the other sections, a section sees imports, functions and classes alone: names that recur between exercises are kept
apart, and a helper that is defined once is there for all.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from grader.errors import ExerciseError, Fault, UsageError
from grader.exercise.load import find, load
from grader.exercise.types import Exercise
from grader.exercise.yaml_nodes import Document, Listing, Route, Scalar, dotted, plain, shortened
from grader.exercise.yaml_reader import parse
from grader.model import Cell, Isolation, Result, Reveal, Submission
from grader.pipeline import check
from grader.submission.load import load as load_submission
from grader.submission.spans import has_code, lines_of
from grader.syntax_trees import tree_of

_FIELDS = ("course", "title", "exercises")
_ENTRY = ("exercise", "weight", "due", "points")


@dataclass(frozen=True, slots=True)
class CourseEntry:
    """One exercise of a course, and the name or path to find it by. `points` is what a right solution is worth, before
    the `weight`; `due` is as written."""

    exercise: Exercise
    name: str
    weight: float = 1.0
    points: float = 0.0
    due: str | None = None


@dataclass(frozen=True, slots=True)
class CourseFile:
    """A course as its file says."""

    id: str
    title: str
    entries: tuple[CourseEntry, ...]
    path: str


def is_course(name: str) -> bool:
    """Whether this is the path of a course file."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        return False
    try:
        fields = parse(path.read_text("utf-8"), name).keys()
        return "exercises" in fields
    except (ExerciseError, OSError, ValueError):
        return False


def load_course(path: str) -> CourseFile:
    """Load a course file. Raises `ExerciseError` with all its faults, those of its exercises included, and
    `UsageError` if it cannot be read."""
    try:
        document = parse(Path(path).read_text("utf-8"), path)
    except (OSError, ValueError) as error:
        raise UsageError(f"The course {path!r} cannot be read: {error}.") from error
    reading = _CourseReader(document, path)
    course = reading.course()
    if reading.faults:
        raise ExerciseError(tuple(reading.faults))
    return course


class _CourseReader:
    def __init__(self, document: Document, path: str) -> None:
        self.document, self.path = document, path
        self.faults: list[Fault] = []

    def fault(self, route: Route, found: str, expected: str) -> None:
        field = dotted(route) or "course"
        self.faults.append(Fault(self.path, *self.document.mark(route), field, found, expected))

    def course(self) -> CourseFile:
        fields = self.document.keys()
        for key in fields:
            if key not in _FIELDS:
                self.fault((key,), f"the unknown field `{key}`", "`course`, `title` or `exercises`")
        listed = self.document.at(("exercises",))
        if not isinstance(listed, Listing) or not listed.items:
            self.fault(("exercises",), "no exercises", "a list of `{exercise: ..., weight: ..., due: ...}`")
            return CourseFile("", "", (), self.path)
        entries = tuple(one for k in range(len(listed.items)) if (one := self.entry(k)) is not None)
        for k, one in enumerate(entries):
            if one.exercise.id in {other.exercise.id for other in entries[:k]}:
                self.fault(("exercises", k), f"`{one.exercise.id}` a second time", "each exercise once")
        id = self.text(("course",)) or Path(self.path).stem
        return CourseFile(id, self.text(("title",)) or id, entries, self.path)

    def entry(self, k: int) -> CourseEntry | None:
        route: Route = ("exercises", k)
        node = self.document.at(route)
        if isinstance(node, Scalar):
            return self.with_exercise(route, str(node.text), 1.0, None, None)
        for key in () if node is None else plain_keys(plain(node)):
            if key not in _ENTRY:
                self.fault((*route, key), f"the unknown field `{key}`", "`exercise`, `weight`, `due` or `points`")
        name = self.text((*route, "exercise"))
        if not name:
            self.fault(route, "no exercise", "`exercise:` with an id or the path of a file")
            return None
        due = self.text((*route, "due"))
        if due is not None and not _is_time(due):
            self.fault((*route, "due"), repr(due), "a time such as `2026-11-23 23:59`")
        weight, points = self.number((*route, "weight")), self.number((*route, "points"))
        return self.with_exercise(route, name, 1.0 if weight is None else weight, due, points)

    def with_exercise(
        self, route: Route, name: str, weight: float, due: str | None, points: float | None
    ) -> CourseEntry | None:
        beside = Path(self.path).parent / name
        place = str(beside) if beside.is_file() else name
        try:
            exercise = load(find(place))
        except UsageError as error:
            self.fault(route, repr(name), f"an exercise ({error})")
            return None
        except ExerciseError as error:
            self.faults += error.faults
            return None
        return CourseEntry(exercise, place, weight, exercise.points if points is None else points, due)

    def text(self, route: Route) -> str | None:
        node = self.document.at(route)
        return str(node.text) if isinstance(node, Scalar) and node.value is not None else None

    def number(self, route: Route) -> float | None:
        node = self.document.at(route)
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e6:
            stood = shortened(node.text) if isinstance(node, Scalar) and node.text else "no number"
            self.fault(route, stood, "a number from 0 up")
            return None
        return float(value)


def plain_keys(entry: object) -> tuple[str, ...]:
    """The keys of a mapping; none of anything else."""
    return tuple(map(str, entry)) if isinstance(entry, dict) else ()


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return date.fromisoformat(text.strip()[:10]) is not None


_MARK = re.compile(r"^#\s*%%[^\n]*?\bExercise:\s*([a-z0-9][a-z0-9-]*)\s*$", re.MULTILINE)


def mark(exercise: str) -> str:
    """The line that begins the section of an exercise."""
    return f"# %% Exercise: {exercise}"


def marked(submission: Submission) -> tuple[str, ...]:
    """The exercises that have a section, in their order."""
    found = (_MARK.search(cell.text) for cell in submission.cells)
    return tuple(dict.fromkeys(one[1] for one in found if one is not None))


def section_of(submission: Submission, exercise: str) -> Submission:
    """The part of a submission that answers one exercise; the whole of it where no section is marked for it."""
    if exercise not in marked(submission):
        return submission
    return replace(submission, cells=tuple(_cells(submission.cells, exercise)))


def _cells(cells: Sequence[Cell], exercise: str) -> Iterator[Cell]:
    current: str | None = None
    for cell in cells:
        found = _MARK.search(cell.text)
        current = current if found is None else found[1]
        if current in (None, exercise):
            yield cell
        elif (shared := definitions(cell)) is not None:
            yield shared


def definitions(cell: Cell) -> Cell | None:
    """A cell without its statements other than imports, functions and classes; None where it has none of these. The
    others become empty lines, so that all places stay where they are."""
    lines, kept = list(lines_of(cell.source)), [""] * len(lines_of(cell.source))
    for node in tree_of(cell.source).body:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
            for line in range(first, (node.end_lineno or node.lineno) + 1):
                kept[line - 1] = lines[line - 1]
    source = "\n".join(kept)
    return replace(cell, source=source) if has_code(source) else None


@dataclass(frozen=True, slots=True)
class CourseResult:
    """The result of each exercise of a course, in its order."""

    course: CourseFile
    results: tuple[Result, ...]

    @property
    def score(self) -> float | None:
        """The weighted sum; None, never 0, if an exercise could not be judged at all."""
        scores = [worth(entry, one) for entry, one in zip(self.course.entries, self.results, strict=True)]
        return None if None in scores else sum(one for one in scores if one is not None)

    @property
    def max_score(self) -> float:
        return sum(entry.weight * entry.points for entry in self.course.entries)


def worth(entry: CourseEntry, result: Result) -> float | None:
    """What a result adds to the sum: its share of the exercise's points, times the weight."""
    if result.score is None:
        return None
    return entry.weight * entry.points * (result.score / result.max_score if result.max_score else 0.0)


def check_course(
    course: CourseFile,
    submission: Submission | str | os.PathLike[str],
    *,
    student: str | None = None,
    reveal: Reveal | None = None,
    secret: str = "",
    isolation: Isolation = "process",
) -> CourseResult:
    """Grade a submission for every exercise: on its own section where one is marked, otherwise on the whole file. The
    options, and what is raised, are those of `grader.pipeline.check`."""
    read = submission if isinstance(submission, Submission) else load_submission(submission)
    results = tuple(
        check(
            entry.exercise,
            section_of(read, entry.exercise.id),
            student=student,
            reveal=reveal,
            secret=secret,
            isolation=isolation,
        )
        for entry in course.entries
    )
    return CourseResult(course, results)
