"""Folders for the moment: removed when they are done with, or else by the next process that makes one.

A process that is killed removes nothing. So each folder holds a lock, which the system takes from a process however it
ends, and the first folder a process makes has it look for others whose lock nobody holds. Nothing is touched that has
not our mark in it and is not this user's. Where there are no such locks (Windows), nothing is looked for.
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
    fcntl = None  # type: ignore[assignment]  # what is asked before it is used

PREFIX = "grader-run-"
MARK = "in-use-by-grader"
"""The file with the lock."""


class TempFolder:
    """A new folder, `path`; others may pass through it, if `passable`, and read nothing.

    Removed by `close`, and at the latest when this process ends in order."""

    def __init__(self, passable: bool = False) -> None:
        _sweep_once()
        outer = tempfile.mkdtemp(prefix=PREFIX)
        lock = _marked(outer)
        self.path = os.path.join(outer, "work")
        os.mkdir(self.path)
        for folder in (outer, self.path):
            os.chmod(folder, 0o711 if passable else 0o700)  # whatever the umask
        self.close = weakref.finalize(self, _remove, outer, lock, os.getpid())


def _marked(outer: str) -> int:
    """Puts the mark into a folder; the lock, -1 where there are none. It is held before the mark can be found."""
    lock, unnamed = tempfile.mkstemp(dir=outer)
    if fcntl is None:
        os.close(lock)
        return -1
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.rename(unnamed, os.path.join(outer, MARK))
    return lock


def _remove(outer: str, lock: int, maker: int) -> None:
    if os.getpid() != maker:
        return  # a fork of the process whose it is
    # The mark last: cut short by a signal, it is still there for the next.
    inner = os.path.join(outer, "work")
    shutil.rmtree(inner, ignore_errors=True)
    if os.path.exists(inner):
        # Code that ran in there may have taken away the rights to its own folders.
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
    """Removes what processes have left that were killed."""
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
        return  # no mark of ours, or no longer
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)  # somebody works in there
        return
    _remove(outer, lock, os.getpid())
