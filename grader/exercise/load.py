"""Load an exercise by path or id, from the cache if possible."""

from __future__ import annotations

import hashlib
import os
import pathlib

from grader.disk_cache import code_digest, path_of, read, write
from grader.errors import UsageError
from grader.exercise.collection import MAX_BYTES, collection, find
from grader.exercise.types import Exercise
from grader.serialize import decode, encode

__all__ = ["at_sizes", "collection", "find", "load", "loads", "named"]


def named(exercise: Exercise | str | os.PathLike[str]) -> Exercise:
    """The exercise, given as itself, its id or its path. Raises `ExerciseError` and `UsageError`."""
    return exercise if isinstance(exercise, Exercise) else load(find(os.fspath(exercise)))


def load(path: str | pathlib.Path) -> Exercise:
    """Load the exercise in the file at `path`. Raises `ExerciseError`, or `UsageError` if the file cannot be read."""
    file = pathlib.Path(path)
    try:
        with file.open("rb") as stream:
            # One byte more than allowed suffices to detect that the file is too large.
            data = stream.read(MAX_BYTES + 1)
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
