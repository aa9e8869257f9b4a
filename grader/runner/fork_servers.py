"""Children for many submissions: a pool of warm fork servers, one for each set of imported libraries.

    with ForkServers(PreloaderPool("strict")) as servers, Session(setup, libraries, children=servers) as session: ...

One `ForkServers` serves any number of sessions, one after the other or from several threads. With `many` submissions to
grade, the next child is forked, and puts its layers on, while the results of the one before it are still being judged.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from grader.model import CompanionFile, Isolation
from grader.runner.fork_server import ForkedProcess, ForkServer
from grader.runner.forked_child import ForkedChild
from grader.runner.preloader_pool import SharedPreloaderPool
from grader.runner.protocols import Child, Interrupted
from grader.runner.readable_folders import ReadableFolders

MOST = 4
"""Maximum number of fork servers kept at a time."""

RECYCLED = 500
"""Number of children after which a fork server is replaced: what it forks costs it its huge pages, one after the
other."""

ENDING = 5.0
"""Seconds a child may take to end, on an overloaded machine."""


@dataclass(slots=True)
class _Kept:
    """A fork server in use: the child requested ahead, if any, and those that have been killed and may still run."""

    server: ForkServer
    next: ForkedProcess | None = None
    killed: list[ForkedProcess] = field(default_factory=list)

    @property
    def worn(self) -> bool:
        return not self.server.alive or self.server.forked - (self.next is not None) >= RECYCLED


class ForkServers:
    """Use as a context manager: leaving it ends all its processes and removes all its files."""

    def __init__(self, preloader_pool: SharedPreloaderPool, many: bool = False) -> None:
        """Take fork servers from `preloader_pool`, which is closed with this object. With `many` submissions to grade,
        the next child is forked before it is requested."""
        self.preloader_pool = preloader_pool
        self._many = many
        self._lock = threading.RLock()
        self._fork_servers: OrderedDict[frozenset[str], _Kept] = OrderedDict()
        self._folders = ReadableFolders(preloader_pool.data)

    @property
    def isolation(self) -> Isolation:
        return self.preloader_pool.isolation

    def __enter__(self) -> ForkServers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            while self._fork_servers:
                self._dropped(next(iter(self._fork_servers))).close()
            self.preloader_pool.close()

    def warm(self, libraries: Sequence[str] = ()) -> None:
        """Start the fork server for these libraries before the first submission that needs it."""
        with self._lock:
            self._kept(served_by(libraries))

    def child(self, libraries: Sequence[str] = ()) -> Child:
        """A child of the fork server that has preloaded the slow ones of these libraries; the child imports the rest
        itself. Raises `IsolationMissing`."""
        self.warm(libraries)
        wanted = served_by(libraries)
        return ForkedChild(partial(self._take, wanted), partial(self._give_back, wanted))

    def _take(self, wanted: frozenset[str], files: Sequence[CompanionFile], memory: int) -> ForkedProcess:
        """The child that was requested ahead, if it may read and use the same, or else a new one; in any case once all
        earlier children are gone. Raises `Interrupted`."""
        folder = self._folders.name(files)
        with self._lock:
            kept = self._kept(wanted)
            self._await(kept)
            process, kept.next = kept.next, None
            if process is not None and (process.folder, process.memory) == (folder, memory):
                return process
            if process is not None:
                process.kill()
                kept.killed.append(process)
            return ForkedProcess(kept.server, folder, memory)

    def _give_back(self, wanted: frozenset[str], process: ForkedProcess) -> None:
        """Kill a child; with many submissions to grade, request the next one."""
        process.kill()
        with self._lock:
            kept = self._fork_servers.get(wanted)
            if self._many and kept is not None and kept.server is process.server:
                kept.killed.append(process)
                if kept.next is None and not kept.worn:
                    with contextlib.suppress(Interrupted):  # reported when a session needs a child
                        kept.next = ForkedProcess(kept.server, process.folder, process.memory)
                return
        process.reaped(ENDING)
        process.close()

    def _kept(self, wanted: frozenset[str]) -> _Kept:
        kept = self._fork_servers.get(wanted)
        if kept is not None and kept.worn:
            self._dropped(wanted).leave()
            kept = None
        if kept is None:
            kept = self._fork_servers[wanted] = _Kept(self.preloader_pool.fork_server(wanted))
            while len(self._fork_servers) > MOST:
                self._dropped(next(iter(self._fork_servers))).leave()
        self._fork_servers.move_to_end(wanted)
        return kept

    def _dropped(self, wanted: frozenset[str]) -> ForkServer:
        """A fork server of which nothing more is requested; the children it was to end are gone."""
        kept = self._fork_servers.pop(wanted)
        if kept.next is not None:
            kept.next.kill()
            kept.killed.append(kept.next)
        self._await(kept)
        return kept.server

    @staticmethod
    def _await(kept: _Kept) -> None:
        while kept.killed:
            process = kept.killed.pop()
            process.reaped(ENDING)
            process.close()


def served_by(libraries: Sequence[str]) -> frozenset[str]:
    """The libraries a fork server should preload: numpy is left out where another library imports it anyway."""
    wanted = frozenset(libraries)
    return wanted - {"numpy"} if wanted & _BRING_NUMPY else wanted


_BRING_NUMPY = frozenset({"jax", "matplotlib", "pandas", "scipy", "sklearn", "torch"})
