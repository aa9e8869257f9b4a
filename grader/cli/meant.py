"""Detect calls with mistaken arguments: report what was probably meant, and do nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.nearest import did_you_mean

if TYPE_CHECKING:
    from grader.batch.export import Wanted
    from grader.batch.store import Store

_ENDINGS = (".py", ".ipynb", ".md", ".markdown", ".rmd", ".qmd", ".zip", ".tar", ".tar.gz", ".tgz")
"""File endings of submissions; an exercise is a YAML file."""


def refuse_swapped(exercise: str, handed_in: tuple[str, ...], command: str) -> None:
    """Raise `UsageError` if exercise and submission are swapped, or if the exercise does not exist."""
    if not os.path.exists(exercise) or _is_exercise(exercise):
        return
    for named in filter(_is_exercise, handed_in):
        import shlex  # imported here: it takes as long as several of our modules

        raise UsageError(f"The exercise comes first: `{shlex.join(['grader', command, named, exercise])}`.")
    from grader.exercise.load import find

    find(exercise)  # raises the error that describes it


def _is_exercise(name: str) -> bool:
    if name.lower().endswith(_ENDINGS):
        return False
    from grader.exercise.load import find

    try:
        find(name)
    except UsageError:
        return False
    return True


def refuse_unknown(store: Store, wanted: Wanted) -> None:
    """Raise `UsageError` if the query contains a name that occurs in no result."""
    from grader.diagnosis.catalogue import catalogue

    students = [one.student for one in store.standings()] if wanted.students else []
    for student in sorted(wanted.students.difference(students)):
        raise UsageError(f"There is no student {student!r} in these results.{did_you_mean(student, students)}")
    steps = _all(store, "name")
    if wanted.step is not None and steps and wanted.step not in steps:
        raise UsageError(f"There is no step {wanted.step!r} in these results.{did_you_mean(wanted.step, steps)}")
    codes = [*_all(store, "misconception"), *(one.code for one in catalogue())]
    if wanted.misconception is not None and wanted.misconception not in codes:
        meant = did_you_mean(wanted.misconception, codes)
        raise UsageError(f"There is no misconception {wanted.misconception!r}.{meant} `grader explain` lists all.")


def _all(store: Store, column: str) -> list[str]:
    rows = store.query(f"SELECT DISTINCT {column} FROM steps WHERE {column} IS NOT NULL ORDER BY {column}")
    return [str(row[0]) for row in rows]
