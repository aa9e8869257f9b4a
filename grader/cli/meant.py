"""Detect calls with mistaken arguments: report what was probably meant, and do nothing."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.nearest import did_you_mean

if TYPE_CHECKING:
    from grader.batch.export import Wanted
    from grader.batch.store import Store
    from grader.model import Result

_ENDINGS = (".py", ".ipynb", ".md", ".markdown", ".rmd", ".qmd", ".zip", ".tar", ".tar.gz", ".tgz")
"""File endings of submissions; an exercise is a YAML file."""


def refuse_swapped(exercise: str, handed_in: tuple[str, ...], command: str) -> None:
    """Raise `UsageError` if exercise and submission are swapped, or if a file stands for the exercise."""
    if is_exercise(exercise):
        return
    for named in filter(is_exercise, handed_in):
        import shlex  # imported here: it takes as long as several of our modules

        raise UsageError(f"The exercise comes first: `{shlex.join(['grader', command, named, exercise])}`.")
    from grader.exercise.load import find

    if os.path.exists(exercise):
        find(exercise)  # raises the error that describes it


def meant_for(result: Result) -> tuple[str, ...]:
    """The shipped exercises whose steps a submission computes, if it computes none of those that are asked for."""
    from grader.errors import ExerciseError
    from grader.exercise.load import collection, load
    from grader.report.crashes import is_bound_somewhere

    if any(step.outcome != "missing" or step.reason != "not_bound" for step in result.steps) or not result.sources:
        return ()
    found: dict[str, float] = {}
    for path in collection():
        with contextlib.suppress(ExerciseError):
            exercise = load(path)
            names = {step.family or step.name for step in exercise.steps}
            share = sum(is_bound_somewhere(result, name) for name in names) / len(names)
            if exercise.id != result.exercise and share >= LIKE:
                found[exercise.id] = share
    return tuple(name for name, share in found.items() if share == max(found.values()))[:SHOWN]


LIKE, SHOWN = 0.6, 3
"""The share of an exercise's steps that a submission has to compute to be taken for one of it; how many are named."""


def is_exercise(name: str) -> bool:
    """Whether a name on the command line is that of an exercise, shipped or in a file."""
    if name.lower().endswith(_ENDINGS):
        return False
    from grader.exercise.load import find

    try:
        find(name)
    except UsageError:
        return False
    return True


def refuse_unknown(store: Store, wanted: Wanted) -> None:
    """Raise `UsageError` if the query contains a step or a misconception that occurs in no result."""
    steps = [] if wanted.step is None else _all(store, "name")
    if wanted.step is not None and steps and wanted.step not in steps:
        raise UsageError(f"There is no step {wanted.step!r} in these results.{did_you_mean(wanted.step, steps)}")
    if wanted.misconception is None:
        return
    from grader.diagnosis.recognition.catalogue import catalogue

    codes = [*_all(store, "misconception"), *(one.code for one in catalogue())]
    if wanted.misconception not in codes:
        meant = did_you_mean(wanted.misconception, codes)
        raise UsageError(f"There is no misconception {wanted.misconception!r}.{meant} `grader explain` lists all.")


def _all(store: Store, column: str) -> list[str]:
    rows = store.query(f"SELECT DISTINCT {column} FROM steps WHERE {column} IS NOT NULL ORDER BY {column}")
    return [str(row[0]) for row in rows]
