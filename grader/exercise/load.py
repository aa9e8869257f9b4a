"""Load an exercise by path, name or id, from the cache if possible; and the collection of exercises shipped with the
grader."""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
from functools import cache

from grader.disk_cache import code_digest, path_of, read, write
from grader.errors import ExerciseError, UsageError
from grader.exercise.types import Exercise
from grader.nearest import did_you_mean, near_files
from grader.serialize import decode, encode

__all__ = ["at_sizes", "collection", "find", "load", "loads", "named"]

MAX_FILE_BYTES = 256 * 1024
"""Maximum size of an exercise file."""

_LAST = 100

_MAX_NAME_LENGTH = 80

_PACKAGE = pathlib.Path(__file__).resolve().parent.parent


def named(exercise: Exercise | str | os.PathLike[str]) -> Exercise:
    """The exercise, given as itself, its id or its path. Raises `ExerciseError` and `UsageError`."""
    return exercise if isinstance(exercise, Exercise) else load(find(os.fspath(exercise)))


def load(path: str | pathlib.Path) -> Exercise:
    """Load the exercise in the file at `path`. Raises `ExerciseError`, or `UsageError` if the file cannot be read."""
    file = pathlib.Path(path)
    try:
        with file.open("rb") as stream:
            # One byte more than allowed suffices to detect that the file is too large.
            data = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"The exercise {str(path)!r} cannot be read: {reason}.") from error
    place = path_of(
        "exercise",
        hashlib.sha256(data).hexdigest(),
        str(path),
        code_digest("exercise", "formula", "model", "serialize"),
    )
    known = read(place)
    if known is not None and (stored := _stored(known)) is not None:
        return stored
    exercise = _build(str(path), data)
    write(place, encode(exercise).encode())
    return exercise


def _stored(text: bytes) -> Exercise | None:
    """The exercise in a cache file; None if the file holds none."""
    try:
        return decode(text, Exercise)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def loads(text: str, path: str = "<string>") -> Exercise:
    """Load the exercise in `text`; `path` is its name in messages. Raises `ExerciseError`."""
    return _build(path, text.encode("utf-8", "surrogatepass"))


def _build(path: str, data: bytes) -> Exercise:
    # Imported lazily: validation costs more than the rest of a check, and a cached exercise does not need it.
    from grader.exercise.build import build

    return build(path, data)


def at_sizes(exercise: Exercise, sizes: dict[str, int]) -> Exercise:
    """The exercise with other lengths of axes, those in `exercise.sizes`. Raises `ExerciseError`."""
    from grader.exercise.build import build

    return build(exercise.path, exercise.source.encode(), sizes)


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
        return _numbered(int(name[:_MAX_NAME_LENGTH]))
    if kind is not None:
        what = "a file to be graded" if graded else "a folder"
        raise UsageError(f"{name!r} is {what}, not an exercise. `grader list` shows the exercises.")
    if "/" in name or "\\" in name or path.suffix in (".yaml", ".yml"):
        meant = near_files(name, (".yaml", ".yml")) or did_you_mean(path.stem, shipped)
        raise UsageError(f"There is no exercise file {name!r}.{meant}")
    raise UsageError(
        f"There is no exercise {name[:_MAX_NAME_LENGTH]!r}.{did_you_mean(name, shipped)} `grader list` shows all."
    )


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
