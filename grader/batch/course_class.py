"""The class of a course: what a batch keeps of each of its exercises, put together student by student."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from grader.batch.late import final
from grader.batch.run import policy_of
from grader.batch.store import Store
from grader.batch.student_row import StudentRow
from grader.course.course_file import Course
from grader.errors import UsageError
from grader.whole_files import write_whole

FILE = "course.json"
"""Says that a folder holds the results of a course, in a folder for each of these exercises."""


@dataclass(frozen=True, slots=True)
class CourseExercise:
    """An exercise of a course: what a right solution is worth there, and when it was due, as written."""

    id: str
    title: str
    worth: float
    due: str | None


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A student of a course: the row in the first exercise that has one, and for each exercise the points in the
    course, after lateness and overrides (None: no score), and why there are none or what is to be decided."""

    student: StudentRow
    points: tuple[float | None, ...]
    open: tuple[str, ...]

    @property
    def total(self) -> float | None:
        """The sum; None, never 0, if an exercise has no score."""
        known = [one for one in self.points if one is not None]
        return sum(known) if len(known) == len(self.points) else None

    def questions(self, exercises: tuple[CourseExercise, ...]) -> list[str]:
        """What is open, with the exercise it is about; once, if it is the same in all of them."""
        if len(set(self.open)) == 1:
            return [one for one in self.open[:1] if one]
        return [f"{exercise.id}: {one}" for exercise, one in zip(exercises, self.open, strict=True) if one]


@dataclass(frozen=True, slots=True)
class CourseClass:
    """All that is known of a class in a course."""

    id: str
    title: str
    exercises: tuple[CourseExercise, ...]
    rows: tuple[CourseRow, ...]

    @property
    def most(self) -> float:
        """The points of the whole course."""
        return sum(one.worth for one in self.exercises)

    @property
    def totals(self) -> list[float]:
        """The totals of those who have one."""
        return [row.total for row in self.rows if row.total is not None]


def put_course(course: Course, home: Path) -> None:
    """Say in a folder of results which exercises its folders hold. Raises `UsageError`."""
    listed = [
        {
            "id": entry.exercise.id,
            "title": entry.exercise.title or entry.exercise.id,
            "worth": entry.weight * entry.points,
            "due": entry.due,
        }
        for entry in course.entries
    ]
    about = {"course": course.id, "title": course.title, "exercises": listed}
    write_whole(home / FILE, (json.dumps(about, indent=1) + "\n").encode())


def has_course(folder: Path) -> bool:
    """Whether these are the results of a course."""
    return (folder / FILE).is_file()


def course_class(home: Path) -> CourseClass:
    """Read the results of all exercises. Raises `UsageError` if one cannot be read."""
    title, exercises = _about(home)
    students: dict[str, StudentRow] = {}
    found: dict[str, list[tuple[float | None, str]]] = {}
    for number, exercise in enumerate(exercises):
        with Store(home / exercise.id) as store:
            policy = policy_of(store)
            for one in store.standings():
                known = final(one, policy)
                students.setdefault(one.student, one)
                row = found.setdefault(one.student, [(None, "not handed in")] * len(exercises))
                row[number] = (in_course(exercise, known.score, one.max_score), known.open or _why(one, known.score))
    rows = (
        CourseRow(one, tuple(points for points, _ in found[key]), tuple(said for _, said in found[key]))
        for key, one in students.items()
    )
    return CourseClass(*title, exercises, tuple(rows))


def exercise_folders(home: Path) -> tuple[Path, ...]:
    """The folders with the results of each exercise. Raises `UsageError`."""
    return tuple(home / one.id for one in _about(home)[1])


def _about(home: Path) -> tuple[tuple[str, str], tuple[CourseExercise, ...]]:
    """The id and the title of the course, and its exercises."""
    try:
        about = json.loads((home / FILE).read_text("utf-8"))
        exercises = tuple(CourseExercise(**one) for one in about["exercises"])
        return (str(about["course"]), str(about["title"])), exercises
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"The file {str(home / FILE)!r} cannot be read: {error}.") from None


def in_course(exercise: CourseExercise, score: float | None, most: float | None) -> float | None:
    """The points in the course for a score of `most` in the exercise."""
    if score is None:
        return None
    return round(exercise.worth * score / most, 6) if most else 0.0


def _why(one: StudentRow, score: float | None) -> str:
    return one.why if score is None else ""
