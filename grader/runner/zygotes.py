"""Children by the thousand: zygotes kept warm, one for each set of libraries that submissions import.

    with Zygotes(Nursery("strict")) as zygotes, Session(setup, libraries, children=zygotes) as session: ...

One `Zygotes` serves any number of sessions, one after the other or from several threads.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Protocol

from grader.model import Isolation
from grader.runner.contract import Child
from grader.runner.forked import ForkedChild
from grader.runner.isolation.modes import Confined
from grader.runner.nursery import open_folder
from grader.runner.zygote import Zygote

MOST = 4
"""Zygotes kept at a time."""

RECYCLED = 500
"""Children after which a zygote makes room for a fresh one."""

BURST = 3
"""Children in a row that were ended from outside, after which it does so at once."""


class Source(Protocol):
    """Where zygotes come from: a `Nursery`, or that of another process."""

    isolation: Confined
    data: str

    def zygote(self, libraries: Collection[str]) -> Zygote: ...

    def close(self) -> None: ...


class Zygotes:
    """Use as a context manager: leaving it ends every process and removes every file of it."""

    def __init__(self, nursery: Source) -> None:
        """Those of a `nursery`, which ends with them."""
        self.nursery = nursery
        self._lock = threading.RLock()
        self._zygotes: OrderedDict[frozenset[str], _Kept] = OrderedDict()
        self._folders: dict[tuple[tuple[str, int, int], ...], str] = {}

    @property
    def isolation(self) -> Isolation:
        return self.nursery.isolation

    def __enter__(self) -> Zygotes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            for kept in self._zygotes.values():
                kept.zygote.close()
            self._zygotes.clear()
            self.nursery.close()

    def warm(self, libraries: Sequence[str] = ()) -> None:
        """Has the zygote for these libraries before the first submission that needs it."""
        with self._lock:
            self._kept(served_by(libraries))

    def child(self, libraries: Sequence[str] = ()) -> Child:
        """A child of the zygote that has what these libraries take longest to import; the rest it imports itself.

        Raises `IsolationMissing`."""
        with self._lock:
            kept = self._kept(served_by(libraries))
            kept.living += 1
            return ForkedChild(kept.zygote, self._folder, lambda orderly: self._gone(kept, orderly))

    def _kept(self, wanted: frozenset[str]) -> _Kept:
        kept = self._zygotes.get(wanted)
        if kept is not None and (kept.worn or not kept.zygote.alive):
            self._retire(wanted)
            kept = None
        if kept is None:
            kept = self._zygotes[wanted] = _Kept(self.nursery.zygote(wanted))
            while len(self._zygotes) > MOST:
                self._retire(next(iter(self._zygotes)))
        self._zygotes.move_to_end(wanted)
        return kept

    def _gone(self, kept: _Kept, orderly: bool) -> None:
        with self._lock:
            kept.living -= 1
            kept.bad = 0 if orderly else kept.bad + 1
            if kept.retired and not kept.living:
                kept.zygote.close()

    def _retire(self, wanted: frozenset[str]) -> None:
        """Takes no further requests; ends with the last of its children."""
        kept = self._zygotes.pop(wanted)
        kept.retired = True
        if not kept.living or not kept.zygote.alive:
            kept.zygote.close()

    def _folder(self, files: Sequence[str]) -> str:
        """The name of the folder with copies of these files, which only we can write; "" where there are none."""
        there = tuple((file, facts.st_mtime_ns, facts.st_size) for file in files if (facts := _facts(file)) is not None)
        if not there:
            return ""
        with self._lock:
            if there not in self._folders:
                name = hashlib.sha256(repr(there).encode("utf-8", "backslashreplace")).hexdigest()[:32]
                self._copied([file for file, _, _ in there], name)
                self._folders[there] = name
            return self._folders[there]

    def _copied(self, files: Sequence[str], name: str) -> None:
        """Makes the folder, unless another worker has; none is there before all its files are."""
        folder = os.path.join(self.nursery.data, name)
        if os.path.isdir(folder):
            return
        made = f"{folder}.{os.getpid()}"
        open_folder(made)
        for file in files:
            copy = shutil.copyfile(file, os.path.join(made, os.path.basename(file)))
            os.chmod(copy, 0o644)
        try:
            os.rename(made, folder)
        except OSError:
            shutil.rmtree(made)


class _Kept:
    """A zygote in use."""

    def __init__(self, zygote: Zygote) -> None:
        self.zygote = zygote
        self.living = 0
        self.bad = 0
        self.retired = False

    @property
    def worn(self) -> bool:
        return self.zygote.forked >= RECYCLED or self.bad >= BURST


def served_by(libraries: Sequence[str]) -> frozenset[str]:
    """Those a zygote is to have: what torch brings along needs no other."""
    wanted = frozenset(libraries)
    return wanted - {"numpy"} if wanted & _BRING_NUMPY else wanted


_BRING_NUMPY = frozenset({"jax", "matplotlib", "pandas", "scipy", "sklearn", "torch"})


def _facts(file: str) -> os.stat_result | None:
    try:
        facts = os.stat(file)
    except OSError:
        return None  # the code that looks for it is told
    return facts if os.path.isfile(file) else None
