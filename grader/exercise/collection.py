"""The exercises that come with the grader, and how a name on the command line becomes a file."""

from __future__ import annotations

import difflib
import pathlib
import re
from functools import cache

from grader.errors import ExerciseError, UsageError

_LAST = 100
_PACKAGE = pathlib.Path(__file__).resolve().parent.parent


def folder() -> pathlib.Path:
    """Where the shipped exercises are: inside the installed package, or beside it in a checkout."""
    installed = _PACKAGE / "_exercises"
    return installed if installed.is_dir() else _PACKAGE.parent / "exercises"


def collection() -> tuple[pathlib.Path, ...]:
    """The shipped exercises as a course: chapter by chapter, in each by file name, and each after its prerequisites."""
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
    """The number of an exercise's chapter, after all others where it has none, and its prerequisites."""
    from grader.exercise.yaml_nodes import Listing, Scalar
    from grader.exercise.yaml_reader import parse

    # Only these fields, and faults ignored: listing the collection must not depend on every file being right.
    try:
        document = parse(path.read_text("utf-8"), str(path))
        chapter, needs = document.at(("chapter",)), document.at(("prerequisites",))
    except (ExerciseError, OSError, ValueError):
        return _LAST, ()
    number = re.match(r"\d+", chapter.text) if isinstance(chapter, Scalar) else None
    items = needs.items if isinstance(needs, Listing) else ()
    return int(number[0]) if number else _LAST, tuple(item.text for item in items if isinstance(item, Scalar))


def find(name_or_path: str | pathlib.Path) -> pathlib.Path:
    """The file of an exercise: an id of the shipped collection, or a path. Raises `UsageError` if there is none."""
    name = str(name_or_path)
    # Not by `collection()`: that one reads every file to find the order.
    shipped = {path.stem: path for path in sorted(folder().glob("*.yaml"))}
    if name in shipped:
        return shipped[name]
    path = pathlib.Path(name)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):
        pass
    if "/" in name or "\\" in name or path.suffix in (".yaml", ".yml"):
        raise UsageError(f"There is no exercise file {name!r}.")
    near = difflib.get_close_matches(name[:80], shipped, n=3) or list(shipped)
    raise UsageError(f"There is no exercise {name!r}. Did you mean {' or '.join(near)}? `grader list` shows all.")
