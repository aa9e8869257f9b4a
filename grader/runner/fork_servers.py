"""Children for many submissions: a pool of warm fork servers, one for each set of imported libraries.

    with ForkServers(PreloaderPool("strict")) as servers, Session(setup, libraries, children=servers) as session: ...

One `ForkServers` serves any number of sessions, one after the other or from several threads.

A child of a fork server: its pipes, its CPU clock, and how it ended.

The limit is CPU time, measured by the kernel and read from outside, so nothing the child does can stop the clock. Wall
time is the backstop; time in which the child was runnable but had no processor does not count against it.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial

from grader.model import CompanionFile, Isolation
from grader.runner.fork_server_handle import ForkedProcess, ForkServerHandle, pid_of
from grader.runner.piped_child import PipedChild
from grader.runner.preloader_pool import SharedPreloaderPool
from grader.runner.protocols import Child, ChildEnded, Interrupted
from grader.runner.readable_folders import ReadableFolders
from grader.runner.types import Limits

END_SECONDS = 5.0
"""Seconds a child may take to end, on an overloaded machine."""


class ForkedChild(PipedChild):
    """A child that is forked only when its limits are known, since they cannot be raised afterwards."""

    def __init__(self, request: Callable[[Sequence[CompanionFile], int], ForkedProcess]) -> None:
        """`request` returns a process that may read the given files and use the given MiB of memory."""
        super().__init__()
        self._request = request
        self._process: ForkedProcess | None = None
        self._early: list[tuple[int, bytes]] = []

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        self._keep = limits.output * 1024
        if self._process is None:
            self._process = process = self._request(files, limits.memory)
            self._input, self._results, self._printing = process.input, process.results, process.printing
            for kind, body in self._early:
                super().send(kind, body)

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        if self._process is None:
            self._early.append((kind, body))
        else:
            super().send(kind, body, deadline)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _clocks(self) -> tuple[float, float]:
        pid = 0 if self._process is None else pid_of(self._process.pidfd)
        cpu = waited = 0.0
        if pid:
            with contextlib.suppress(OSError):
                cpu = time.clock_gettime((~pid << 3) | 2)
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/schedstat", "rb") as file:
                waited = int(file.read().split()[1]) / 1e9
        return cpu, waited

    def _why_gone(self) -> ChildEnded | Interrupted:
        if self._process is not None and self._process.reaped(2.0):
            status = self._process.wait_status
            if status is not None and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
                return ChildEnded("killed")
        return Interrupted("the process that ran it was ended from outside: the machine is out of memory, perhaps")

    def _end(self) -> None:
        self._input = self._results = self._printing = -1
        if self._process is not None:
            self._process.kill()
            self._process.reaped(END_SECONDS)
            self._process.close()


MAX_FORK_SERVERS = 4
"""Maximum number of fork servers kept at a time."""


class ForkServers:
    """Use as a context manager: leaving it ends all its processes and removes all its files."""

    def __init__(self, preloader_pool: SharedPreloaderPool) -> None:
        """Take fork servers from `preloader_pool`, which is closed with this object."""
        self.preloader_pool = preloader_pool
        self._lock = threading.RLock()
        self._fork_servers: OrderedDict[frozenset[str], ForkServerHandle] = OrderedDict()
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

    def warm(self, libraries: Sequence[str] = ()) -> ForkServerHandle:
        """The fork server for these libraries, started now where there is none that works. Raises `IsolationMissing`
        and `Interrupted`."""
        wanted = served_by(libraries)
        with self._lock:
            server = self._fork_servers.get(wanted)
            if server is None or not server.alive:
                if server is not None:
                    self._fork_servers.pop(wanted).leave()
                server = self._fork_servers[wanted] = self.preloader_pool.fork_server(wanted)
                if len(self._fork_servers) > MAX_FORK_SERVERS:
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
