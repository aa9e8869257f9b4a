"""Files of reference values that are kept for good: beside an exercise, or in a folder that a package brings along.

The shipped exercises have theirs in the folder `values` beside them, at the points that are drawn without a secret, so
that checking a submission that does not import torch never needs torch. A package that grades elsewhere may bring the
values at its secret points, in a folder named by `GRADER_VALUES`; the file does not hold the secret. A file that does
not belong to the exercise as it is now, or is damaged, counts as missing.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from grader.errors import UsageError
from grader.exercise.types import Exercise
from grader.reference.points import draw_points
from grader.reference.types import Reference
from grader.reference.value_format import decode, encode

PLACE = "GRADER_VALUES"
"""Environment variable that names a folder of values, which is looked into first."""

BESIDE = "values"
"""Name of the folder beside an exercise."""

LARGEST = 256 * 1024 * 1024

_FORMAT = "grader.values/1"
_PUBLIC, _SECRET = "public", "secret"
"""Whether the points were drawn from a secret."""


def kept(exercise: Exercise, secret: str = "") -> Reference | None:
    """The values kept for these points; None if there are none.

    Without a secret, values in the folder that `GRADER_VALUES` names count whatever their points are: a package that
    brings along values at secret points need not contain the secret."""
    brought = os.environ.get(PLACE)
    if brought:
        found = _read(Path(brought) / _name(exercise), exercise)
        if found is not None and (not secret or _at_points_of(exercise, secret, found[1])):
            return found[1]
    if secret:
        return None
    found = _read(folder_beside(exercise) / _name(exercise), exercise)
    return found[1] if found is not None and found[0] == _PUBLIC else None


def keep(exercise: Exercise, reference: Reference, folder: str | os.PathLike[str], secret: str = "") -> Path:
    """Write the values of an exercise at the points drawn from `secret` to a file in `folder`; return its path.

    Only the owner can read a file with values at secret points. Raises `UsageError` if it cannot be written."""
    path = Path(folder) / _name(exercise)
    body = encode(exercise, reference)
    head = f"{_FORMAT} {_SECRET if secret else _PUBLIC} {hashlib.sha256(body).hexdigest()}\n"
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(head.encode() + body)
        if not secret:
            new.chmod(0o644)
        new.replace(path)
    except OSError as error:
        raise UsageError(f"The values cannot be written to {str(path)!r}: {error.strerror}.") from error
    return path


def folder_beside(exercise: Exercise) -> Path:
    """The folder of values beside an exercise."""
    return Path(exercise.path).parent / BESIDE


def _name(exercise: Exercise) -> str:
    return f"{exercise.id}.values"


def _read(path: Path, exercise: Exercise) -> tuple[str, Reference] | None:
    """Which points the values in a file belong to, and the values; None if it holds none of this exercise."""
    try:
        with path.open("rb") as file:
            head, body = file.read(LARGEST).split(b"\n", 1)
        named, drawn, digest = head.decode().split(" ")
    except (OSError, ValueError):
        return None
    if named != _FORMAT or digest != hashlib.sha256(body).hexdigest():
        return None
    made = decode(body, exercise)
    return None if made is None else (drawn, made)


def _at_points_of(exercise: Exercise, secret: str, reference: Reference) -> bool:
    return draw_points(exercise, secret, reference.attempt) == reference.points
