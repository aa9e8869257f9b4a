"""Read a course file: its title and its exercises, each with weight, due date and points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from grader.errors import ExerciseError, Fault, UsageError
from grader.exercise.load import find, load
from grader.exercise.types import Exercise
from grader.exercise.yaml_nodes import Document, Listing, Route, Scalar, plain
from grader.exercise.yaml_reader import parse

_FIELDS = ("course", "title", "exercises")
_ENTRY = ("exercise", "weight", "due", "points")


@dataclass(frozen=True, slots=True)
class Entry:
    """One exercise of a course, and the name or path to find it by. `points` is what a right solution is worth, before
    the `weight`; `due` is as written."""

    exercise: Exercise
    name: str
    weight: float = 1.0
    points: float = 0.0
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A course as its file says."""

    id: str
    title: str
    entries: tuple[Entry, ...]
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


def load_course(path: str) -> Course:
    """Load a course file. Raises `ExerciseError` with all its faults, those of its exercises included, and
    `UsageError` if it cannot be read."""
    try:
        document = parse(Path(path).read_text("utf-8"), path)
    except (OSError, ValueError) as error:
        raise UsageError(f"The course {path!r} cannot be read: {error}.") from error
    reading = _Reading(document, path)
    course = reading.course()
    if reading.faults:
        raise ExerciseError(tuple(reading.faults))
    return course


class _Reading:
    def __init__(self, document: Document, path: str) -> None:
        self.document, self.path = document, path
        self.faults: list[Fault] = []

    def fault(self, route: Route, found: str, expected: str) -> None:
        field = ".".join(map(str, route)) or "course"
        self.faults.append(Fault(self.path, *self.document.mark(route), field, found, expected))

    def course(self) -> Course:
        fields = self.document.keys()
        for key in fields:
            if key not in _FIELDS:
                self.fault((key,), f"the unknown field `{key}`", "`course`, `title` or `exercises`")
        listed = self.document.at(("exercises",))
        if not isinstance(listed, Listing) or not listed.items:
            self.fault(("exercises",), "no exercises", "a list of `{exercise: ..., weight: ..., due: ...}`")
            return Course("", "", (), self.path)
        entries = tuple(one for k in range(len(listed.items)) if (one := self.entry(k)) is not None)
        for k, one in enumerate(entries):
            if one.exercise.id in {other.exercise.id for other in entries[:k]}:
                self.fault(("exercises", k), f"`{one.exercise.id}` a second time", "each exercise once")
        id = self.text(("course",)) or Path(self.path).stem
        return Course(id, self.text(("title",)) or id, entries, self.path)

    def entry(self, k: int) -> Entry | None:
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
    ) -> Entry | None:
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
        return Entry(exercise, place, weight, exercise.points if points is None else points, due)

    def text(self, route: Route) -> str | None:
        node = self.document.at(route)
        return str(node.text) if isinstance(node, Scalar) and node.value is not None else None

    def number(self, route: Route) -> float | None:
        node = self.document.at(route)
        if node is None:
            return None
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e6:
            self.fault(route, "no number from 0 up", "a number from 0 up")
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
