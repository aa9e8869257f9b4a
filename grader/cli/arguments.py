"""What the commands have in common: which exercise and which file a command is about, whether somebody else wrote that
file (such code must not be run unawares), and the options of several.

An exercise that is not named is read from the starter. Calls with mistaken arguments are refused, with what was
probably meant.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
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


_ENDINGS = (".py", ".ipynb", ".md", ".markdown", ".rmd", ".qmd", ".zip", ".tar", ".tar.gz", ".tgz")
"""File endings of submissions; an exercise is a YAML file."""


LIKE, SHOWN = 0.6, 3
"""The share of an exercise's steps that a submission has to compute to be taken for one of it; how many are named."""

_DOWNLOADS = frozenset({"downloads", "download"})
"""Download folders of browsers: on disk, macOS and Windows use these names in every language."""

_HANDED_IN = re.compile(
    r"_assignsubmission_|^submission_\d+$|^\d+-\d+ - .* - |_attempt_\d{4}-\d\d-\d\d|_\d{4,}_\d{5,}_.+\.\w+$"
)
"""File names that Moodle, Gradescope, Brightspace, Blackboard and Canvas give to submissions."""

_MARKS = ("user.xdg.origin.url", "user.xdg.referrer.url")
"""Extended attributes that browsers on Linux set on downloaded files."""


if TYPE_CHECKING:
    from grader.batch.export import Wanted
    from grader.batch.store import Store
    from grader.model import Result


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


def not_own(path: str) -> str:
    """Why a file may be somebody else's, as the rest of a sentence that begins with its name; "" if nothing suggests
    it. The file need not exist."""
    full = Path(os.path.abspath(path))
    if any(map(_HANDED_IN.search, full.parts)):
        return "has the name of something handed in"
    if _is_marked(str(full)):
        return "was downloaded"
    folders = {folder.name.lower() for folder in full.parents} | {full.name.lower()}
    if folders & _DOWNLOADS or _chosen() in (full, *full.parents):
        return "lies in a folder of downloads"
    if any(folder.suffix.lower() == ".zip" for folder in full.parents):
        return "comes out of an archive"  # the temporary folder in which a file manager shows an archive
    return "belongs to another user" if _is_of_another(full) else ""


def _is_marked(full: str) -> bool:
    if os.name == "nt":
        return os.path.exists(f"{full}:Zone.Identifier")
    with contextlib.suppress(OSError, AttributeError):
        return not set(_MARKS).isdisjoint(os.listxattr(full))
    return False


def _chosen() -> Path | None:
    """The download folder configured on a Linux desktop."""
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        home = Path.home()
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "user-dirs.dirs"
        if found := re.search(r'^XDG_DOWNLOAD_DIR="(.+)"', settings.read_text("utf-8"), re.M):
            folder = Path(found[1].replace("$HOME", str(home)))
            return None if folder == home else folder
    return None


def _is_of_another(full: Path) -> bool:
    """Whether another user owns the file, except if we are root (often on others' files) or the owner is root."""
    with contextlib.suppress(OSError, AttributeError):
        return os.getuid() != 0 and full.stat().st_uid not in (0, os.getuid())
    return False
