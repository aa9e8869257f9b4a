"""The exercises shipped with the grader, and the lookup of an exercise by name on the command line."""

from __future__ import annotations

import os
import pathlib
import re
from functools import cache

from grader.errors import ExerciseError, UsageError
from grader.nearest import did_you_mean, near_files

MAX_BYTES = 256 * 1024
"""Maximum size of an exercise file."""

_LAST = 100
_LONGEST = 80
_PACKAGE = pathlib.Path(__file__).resolve().parent.parent


def folder() -> pathlib.Path:
    """The folder of the shipped exercises: inside the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_exercises"
    return installed if installed.is_dir() else _PACKAGE.parent / "exercises"


def collection() -> tuple[pathlib.Path, ...]:
    """The shipped exercises in course order: by chapter, then by file name, and each after its prerequisites."""
    return _ordered(tuple(sorted(folder().glob("*.yaml"))))


@cache
def _ordered(paths: tuple[pathlib.Path, ...]) -> tuple[pathlib.Path, ...]:
    by_name = {path.stem: path for path in paths}
    read = {name: _place(path) for name, path in by_name.items()}
    done: dict[str, pathlib.Path] = {}

    def visit(name: str, above: frozenset[str]) -> None:
        if name in done or name in above or name not in by_name:
            return
        for needed in read[name][1]:
            visit(needed, above | {name})
        done[name] = by_name[name]

    for name in sorted(by_name, key=lambda one: (read[one][0], one)):
        visit(name, frozenset())
    return tuple(done.values())


def _place(path: pathlib.Path) -> tuple[int, tuple[str, ...]]:
    """The number of an exercise's chapter (`_LAST` if it has none), and its prerequisites."""
    from grader.exercise.yaml_nodes import Listing, Scalar
    from grader.exercise.yaml_reader import parse

    # Read only these fields and ignore faults: listing the collection must not depend on every file being valid.
    try:
        document = parse(path.read_text("utf-8"), str(path))
        chapter, needs = document.at(("chapter",)), document.at(("prerequisites",))
    except (ExerciseError, OSError, ValueError):
        return _LAST, ()
    number = re.match(r"\d+", chapter.text) if isinstance(chapter, Scalar) else None
    items = needs.items if isinstance(needs, Listing) else ()
    return int(number[0]) if number else _LAST, tuple(item.text for item in items if isinstance(item, Scalar))


def find(name_or_path: str | pathlib.Path) -> pathlib.Path:
    """The file of an exercise, from an id of the shipped collection, its number in `grader list`, or a path. Raises
    `UsageError` if there is none."""
    name = str(name_or_path)
    # Not `collection()`, which reads every file to determine the order.
    shipped = {path.stem: path for path in sorted(folder().glob("*.yaml"))}
    if name in shipped:
        return shipped[name]
    path, kind = pathlib.Path(name), _kind(name)
    graded = path.suffix in (".py", ".ipynb")
    if kind == "file" and not graded:
        return path
    if name.isascii() and name.isdigit():
        return _numbered(int(name[:_LONGEST]))
    if kind is not None:
        what = "a file to be graded" if graded else "a folder"
        raise UsageError(f"{name!r} is {what}, not an exercise. `grader list` shows the exercises.")
    if "/" in name or "\\" in name or path.suffix in (".yaml", ".yml"):
        meant = near_files(name, (".yaml", ".yml")) or did_you_mean(path.stem, shipped)
        raise UsageError(f"There is no exercise file {name!r}.{meant}")
    raise UsageError(f"There is no exercise {name[:_LONGEST]!r}.{did_you_mean(name, shipped)} `grader list` shows all.")


def _kind(path: str) -> str | None:
    """What a path leads to: "file", "folder" or None."""
    try:
        return "file" if os.path.isfile(path) else "folder" if os.path.isdir(path) else None
    except ValueError:
        return None


def _numbered(number: int) -> pathlib.Path:
    """The exercise with this number in `grader list`. Raises `UsageError`."""
    paths = collection()
    if not 1 <= number <= len(paths):
        raise UsageError(f"There is no exercise {number}: `grader list` has the numbers 1 to {len(paths)}.")
    return paths[number - 1]
