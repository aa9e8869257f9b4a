"""The secrets of a batch: for the probe points, and for the given numbers of individual students.

If probe points are predictable, right answers can be tabulated. Without a course secret, the points are drawn from a
secret that is generated for the results folder and stored there, so that continuing or restarting the batch uses the
same points. The students' given numbers stay those of their handouts.
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
    """The secrets from which the given `numbers` of the students' variants and the probe `points` are drawn."""

    numbers: str
    points: str


def secrets_for(folder: Path, course: str) -> Secrets:
    """The secrets of a batch. Only this process may be writing to `folder`; `course` is the course secret, or "".

    Raises `UsageError` if the folder's own secret can be neither read nor written."""
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


def own_secret(folder: Path) -> str:
    """The secret that a results folder drew for its probe points; "" if there is none that can be read."""
    try:
        return _read(folder / FILE)
    except (OSError, UnicodeDecodeError):
        return ""


def _read(path: Path) -> str:
    """The content of the secret file; "" if there is none. Restricts its permissions to the owner again, since a copy
    of the folder may have lost them."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return ""
    with os.fdopen(handle, encoding="utf-8") as file:
        with contextlib.suppress(OSError, AttributeError):  # another user's file, or no permission bits
            os.fchmod(handle, 0o600)
        return file.read().strip()


def _made(path: Path) -> str:
    """Create a new secret file atomically; return the secret."""
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
