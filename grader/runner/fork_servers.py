"""Children for many submissions: a pool of warm fork servers, one for each set of imported libraries.

    with ForkServers(PreloaderPool("strict")) as servers, Session(setup, libraries, children=servers) as session: ...

One `ForkServers` serves any number of sessions, one after the other or from several threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from grader.model import CompanionFile, Isolation
from grader.runner.fork_server import ForkedProcess, ForkServer
from grader.runner.forked_child import ForkedChild
from grader.runner.preloader_pool import SharedPreloaderPool
from grader.runner.protocols import Child
from grader.runner.readable_folders import ReadableFolders

MOST = 4
"""Maximum number of fork servers kept at a time."""


class ForkServers:
    """Use as a context manager: leaving it ends all its processes and removes all its files."""

    def __init__(self, preloader_pool: SharedPreloaderPool) -> None:
        """Take fork servers from `preloader_pool`, which is closed with this object."""
        self.preloader_pool = preloader_pool
        self._lock = threading.RLock()
        self._fork_servers: OrderedDict[frozenset[str], ForkServer] = OrderedDict()
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
                self._fork_servers.popitem()[1].close()
            self.preloader_pool.close()

    def child(self, libraries: Sequence[str] = ()) -> Child:
        """A child of the fork server that has preloaded the slow ones of these libraries; the child imports the rest
        itself. Raises `IsolationMissing`."""
        self.warm(libraries)
        return ForkedChild(partial(self._process, libraries))

    def warm(self, libraries: Sequence[str] = ()) -> ForkServer:
        """The fork server for these libraries, started now where there is none that works. Raises `IsolationMissing`
        and `Interrupted`."""
        wanted = served_by(libraries)
        with self._lock:
            server = self._fork_servers.get(wanted)
            if server is None or not server.alive:
                if server is not None:
                    self._fork_servers.pop(wanted).leave()
                server = self._fork_servers[wanted] = self.preloader_pool.fork_server(wanted)
                if len(self._fork_servers) > MOST:
                    self._fork_servers.popitem(last=False)[1].leave()
            self._fork_servers.move_to_end(wanted)
            return server

    def _process(self, libraries: Sequence[str], files: Sequence[CompanionFile], memory: int) -> ForkedProcess:
        """A new process that may read the files and use the memory, in MiB. Raises `Interrupted`."""
        folder = self._folders.name(files)
        with self._lock:
            return ForkedProcess(self.warm(libraries), folder, memory)


def served_by(libraries: Sequence[str]) -> frozenset[str]:
    """The libraries a fork server should preload: numpy is left out where another library imports it anyway."""
    wanted = frozenset(libraries)
    return wanted - {"numpy"} if wanted & _BRING_NUMPY else wanted


_BRING_NUMPY = frozenset({"jax", "matplotlib", "pandas", "scipy", "sklearn", "torch"})
