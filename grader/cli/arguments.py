"""What the commands have in common: which exercise and which file a command is about, and the options of several.

An exercise that is not named is read from the starter. Calls with mistaken arguments are refused, with what was
probably meant.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError
from grader.nearest import did_you_mean, near_files

EXERCISE = "EXERCISE is an id or a number of the shipped collection (see `grader list`), or the path of a YAML file."

SECRET = click.option(
    "--secret-file",
    metavar="FILE",
    envvar="GRADER_SECRET_FILE",
    help="File with the course secret: from it come each student's numbers, and the further numbers that every step is "
    "tried with.  "
    "[default: the file that GRADER_SECRET_FILE names, if any]",
)


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
        raise UsageError(f"The exercise comes first: `{shlex.join(['grader', command, named, exercise])}`.")
    from grader.exercise.load import find

    if os.path.exists(exercise):
        find(exercise)  # raises the error that describes it


def refuse_without_step(first: str, second: str, command: str) -> None:
    """Raise `UsageError` if `grader COMMAND first second` names an exercise and a file, but no step."""
    if not os.path.exists(first) and os.path.exists(second) and is_exercise(first):
        raise UsageError(f"Name the step too: `{_call(command, first, second, 'STEP')}`.")


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


@dataclass(frozen=True, slots=True)
class CheckTarget:
    """The exercise, the file, and the key of the given numbers; None where these are a student's or the exercise's."""

    exercise: str
    submission: str
    variant: str | None = None


def chosen(
    first: str, second: str | None, command: str, variant: str | None = None, student: str | None = None
) -> CheckTarget:
    """What `grader COMMAND first second` is about; without `second`, `first` is the file. The key of the given numbers
    that a starter names counts if the command names neither a `variant` nor a `student`.

    Raises `UsageError` where the file does not name its exercise."""
    if second is not None:
        return CheckTarget(first, second, variant)
    if not os.path.exists(first):
        if is_exercise(first):
            raise UsageError(f"Name the file to be graded too: `{_call(command, first, 'FILE')}`.")
        raise UsageError(f"There is no file {first!r}.{near_files(first)}")
    from grader.handout.render import markers_of

    found = markers_of(first)
    if not found:
        raise UsageError(
            f"{first} does not say which exercise it answers: `{_call(command, 'EXERCISE', first)}`. "
            "`grader list` shows the exercises."
        )
    if len(found) > 1:
        named = " and ".join(dict.fromkeys(one.exercise for one in found))
        raise UsageError(f"{first} names several exercises, {named}: say which, `{_call(command, 'EXERCISE', first)}`.")
    own = found[0].variant if student is None else None
    return CheckTarget(_place(found[0].exercise, first), first, variant or own)


def hints_file(submission: str) -> str:
    """The file beside a submission that keeps which hints have been shown."""
    folder, name = os.path.split(submission)
    return os.path.join(folder, f".{name}.hints.json")


def _call(*words: str) -> str:
    return shlex.join(["grader", *words])


def _place(exercise: str, submission: str) -> str:
    """The exercise as named, or the file of that name beside the submission."""
    beside = os.path.join(os.path.dirname(submission), exercise)
    return beside if not is_exercise(exercise) and os.path.isfile(beside) else exercise


def is_course(name: str) -> bool:
    """Whether this names a course file; those of the shipped exercises that have no path do not."""
    if not name.endswith((".yaml", ".yml")):
        return False
    from grader import course

    return course.is_course(name)
