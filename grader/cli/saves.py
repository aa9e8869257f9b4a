"""Wait until a file, or one it uses, is saved: by polling, so that it works with every editor and file system."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
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
    """The saves of one file and of those it uses, one after the other."""

    def __init__(
        self,
        path: str,
        cut: Callable[[str], bool],
        look: Callable[[str], Stamp | None] = stamp,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`cut` says whether the content of a file looks incomplete."""
        self._path, self._cut = path, cut
        self._look, self._clock, self._sleep = look, clock, sleep
        self._paths: tuple[str, ...] = (path,)
        self._last: dict[str, Stamp | None] = {}

    def follow(self, used: Iterable[str]) -> None:
        """From now on, wait for saves of these files too: those that the file uses as it was last read."""
        self._paths = tuple(dict.fromkeys((self._path, *used)))
        self._last = {path: self._last[path] if path in self._last else self._look(path) for path in self._paths}

    def wait(self) -> None:
        """Return when the file is there, it or one it uses differs from what it was when this last returned, and none
        of them is still being written."""
        seen, since = self._now(), self._clock()
        cut: bool | None = None
        while True:
            now = self._now()
            if now != seen:
                seen, since, cut = now, self._clock(), None
            quiet = self._clock() - since
            if seen[self._path] is not None and seen != self._last and quiet >= QUIET:
                # Looked at once per state of the files: reading them costs more than a `stat`.
                cut = self._is_cut(seen) if cut is None else cut
                if (not cut or quiet >= QUIET_WHEN_CUT) and self._now() == seen:
                    self._last = seen
                    return
            self._sleep(POLL)

    def _now(self) -> dict[str, Stamp | None]:
        return {path: self._look(path) for path in self._paths}

    def _is_cut(self, seen: Mapping[str, Stamp | None]) -> bool:
        """Whether one of the files that changed looks incomplete: of those it uses, only Python can be told."""
        changed = (path for path in self._paths if seen[path] is not None and seen[path] != self._last.get(path))
        return any(self._cut(path) for path in changed if path == self._path or path.endswith(".py"))
