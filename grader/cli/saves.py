"""Wait for a file to be saved: by polling, so that it works with every editor and on every file system."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

POLL = 0.02
"""Seconds between two looks at the file: a `stat` takes some microseconds."""

QUIET = 0.02
"""Seconds without a change after which a file counts as saved."""

QUIET_WHEN_CUT = 0.25
"""The same for a file that looks as if it were still being written."""


class Stamp(NamedTuple):
    """What changes when a file is saved, in place or by renaming another file to its name."""

    modified: int
    size: int
    inode: int


def stamp(path: str) -> Stamp | None:
    """The stamp of a regular file; None where there is none."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return None
    return Stamp(facts.st_mtime_ns, facts.st_size, facts.st_ino) if os.path.isfile(path) else None


class Saves:
    """The saves of one file, one after the other."""

    def __init__(
        self,
        path: str,
        cut: Callable[[str], bool],
        look: Callable[[str], Stamp | None] = stamp,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`cut` says whether the content of the file looks incomplete."""
        self._path, self._cut = path, cut
        self._look, self._clock, self._sleep = look, clock, sleep
        self._last: Stamp | None = None

    def wait(self) -> None:
        """Return when the file is there, differs from what it was when this last returned, and is no longer being
        written."""
        seen, since = self._look(self._path), self._clock()
        cut: bool | None = None
        while True:
            now = self._look(self._path)
            if now != seen:
                seen, since, cut = now, self._clock(), None
            quiet = self._clock() - since
            if seen is not None and seen != self._last and quiet >= QUIET:
                # Looked at once per state of the file: reading it costs more than a `stat`.
                cut = self._cut(self._path) if cut is None else cut
                if (not cut or quiet >= QUIET_WHEN_CUT) and self._look(self._path) == seen:
                    self._last = seen
                    return
            self._sleep(POLL)
