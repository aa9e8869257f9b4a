"""Temporary folders: removed when no longer needed, or else by the next process that makes one.

A killed process removes nothing. So each folder contains a file lock, which the system releases however the process
ends. The first folder a process makes triggers a search for folders whose lock nobody holds. Only folders that contain
our marker file and belong to this user are touched. Without such locks (Windows) there is no search.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import weakref
from functools import cache

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # checked before use

PREFIX = "grader-run-"
MARK = "in-use-by-grader"
"""The file that carries the lock."""


class TempFolder:
    """A new folder at `path`. If `passable`, other users may traverse it, but not list it.

    Removed by `close`, and at the latest when this process exits normally."""

    def __init__(self, passable: bool = False) -> None:
        _sweep_once()
        outer = tempfile.mkdtemp(prefix=PREFIX)
        lock = _marked(outer)
        self.path = os.path.join(outer, "work")
        os.mkdir(self.path)
        for folder in (outer, self.path):
            os.chmod(folder, 0o711 if passable else 0o700)  # regardless of the umask
        self.close = weakref.finalize(self, _remove, outer, lock, os.getpid())


def _marked(outer: str) -> int:
    """Put the marker into a folder; return its lock, or -1 if locks are unsupported. The lock is taken before the
    marker gets its name, so nobody finds it unlocked."""
    lock, unnamed = tempfile.mkstemp(dir=outer)
    if fcntl is None:
        os.close(lock)
        return -1
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.rename(unnamed, os.path.join(outer, MARK))
    return lock


def _remove(outer: str, lock: int, maker: int) -> None:
    if os.getpid() != maker:
        return  # this process is a fork of the folder's owner
    # Remove the marker last: if a signal interrupts this, the next process still finds the folder.
    inner = os.path.join(outer, "work")
    shutil.rmtree(inner, ignore_errors=True)
    if os.path.exists(inner):
        # Code that ran in there may have removed the permissions of its own folders.
        _open_up(inner)
        shutil.rmtree(inner, ignore_errors=True)
    shutil.rmtree(outer, ignore_errors=True)
    if lock >= 0:
        os.close(lock)


def _open_up(folder: str) -> None:
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with contextlib.suppress(OSError):
                if not os.path.islink(path):
                    os.chmod(path, 0o700)


@cache
def _sweep_once() -> None:
    sweep()


def sweep() -> None:
    """Remove the folders of killed processes."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and _is_own_folder(entry):
                _remove_if_left(entry.path)


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):
        facts = entry.stat(follow_symlinks=False)
        return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid()
    return False


def _remove_if_left(outer: str) -> None:
    try:
        lock = os.open(os.path.join(outer, MARK), os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return  # no marker of ours, or already removed
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)  # in use by another process
        return
    _remove(outer, lock, os.getpid())
