"""One writer per output folder. The lock is the system's: it goes with the process, however that ends."""

from __future__ import annotations

import os
from pathlib import Path

from grader.errors import UsageError

try:
    import fcntl
except ImportError:  # Windows: SQLite itself still keeps two writers from mixing what they write
    fcntl = None  # type: ignore[assignment]

FILE = "writing.lock"


class Lock:
    """Held from its making until `release`. Raises `UsageError` where another process holds it."""

    def __init__(self, folder: Path) -> None:
        self._handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        if fcntl is None:
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise UsageError(f"Another `grader batch` is writing into {str(folder)!r} right now.") from None

    def release(self) -> None:
        os.close(self._handle)
