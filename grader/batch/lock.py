"""Allow one writer per output folder. The system releases the lock when the process ends, however it ends."""

from __future__ import annotations

import os
from pathlib import Path

from grader.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows: SQLite itself still keeps two writers from interleaving
    fcntl = None  # type: ignore[assignment]

FILE = "writing.lock"


class Lock:
    """A lock held from construction until `release`. Raises `UsageError` if another process holds it, or if
    the folder cannot be written."""

    def __init__(self, folder: Path) -> None:
        try:
            self._handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise UsageError(f"Nothing can be written into {str(folder)!r}: {error.strerror}.") from None
        if fcntl is None:
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise UsageError(f"Another `grader batch` is writing into {str(folder)!r} right now.") from None

    def release(self) -> None:
        os.close(self._handle)
