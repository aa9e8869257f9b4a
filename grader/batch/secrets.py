"""The secrets of a batch: of the probe points, and of the given numbers that each student has of their own.

Probe points that anybody can draw are right answers that anybody can make a table of. Where no course secret is named,
the points are drawn from one that is made for the results folder and kept there, so that who goes on with the batch, or
starts it over, judges at the same points. Students' given numbers stay those of their handouts.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError

FILE = "points.secret"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What `numbers` of students' own variants, and what probe `points` are drawn from."""

    numbers: str
    points: str


def secrets_for(folder: Path, course: str) -> Secrets:
    """Those of a batch into a folder that this process alone writes into; `course` is the secret that was named, or "".

    Raises `UsageError` where the folder's own can be neither read nor written."""
    if course:
        return Secrets(course, course)
    path = folder / FILE
    try:
        return Secrets("", _read(path) or _made(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(
            f"The secret of the probe points, {str(path)!r}, cannot be used ({reason}): mend that, or name a course "
            "secret with --secret-file."
        ) from None


def _read(path: Path) -> str:
    """What the file holds, nothing where there is none. It is nobody else's to read, also after it was copied."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return ""
    with os.fdopen(handle, encoding="utf-8") as file:
        with contextlib.suppress(OSError, AttributeError):  # somebody else's file, or a system without such bits
            os.fchmod(handle, 0o600)
        return file.read().strip()


def _made(path: Path) -> str:
    """A new one, there as a whole or not at all."""
    made = secrets.token_hex(32)
    beside = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(made + "\n")
        file.flush()
        os.fsync(handle)
    os.replace(beside, path)
    return made
