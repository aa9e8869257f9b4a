"""Children for many submissions: a pool of warm fork servers, one for each set of imported libraries.

    with ForkServers(PreloaderPool("strict")) as servers, Session(setup, libraries, children=servers) as session: ...

One `ForkServers` serves any number of sessions, one after the other or from several threads. With `many` submissions to
grade, the next child is forked, and puts its layers on, while the results of the one before it are still being judged.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Protocol

from grader.model import CompanionFile, Isolation
from grader.runner.fork_server import ForkServer
from grader.runner.forked_child import ForkedChild
from grader.runner.isolation.modes import Confined
from grader.runner.pending_child import PendingChild
from grader.runner.preloader_pool import open_folder
from grader.runner.protocols import Child, Interrupted

MOST = 4
"""Maximum number of fork servers kept at a time."""

RECYCLED = 500
"""Number of children after which a fork server is replaced."""

MOST_FOLDERS = 64
"""Maximum number of folders of files kept; the exercise's own stays in as long as it keeps being requested."""

BURST = 3
"""Number of consecutive children killed from outside after which a fork server is replaced at once."""

ENDING = 5.0
"""Seconds a child may take to end, on an overloaded machine."""


class Source(Protocol):
    """Where fork servers come from: a `PreloaderPool`, or that of another process."""

    isolation: Confined
    data: str

    def fork_server(self, libraries: Collection[str]) -> ForkServer: ...

    def close(self) -> None: ...


class ForkServers:
    """Use as a context manager: leaving it ends all its processes and removes all its files."""

    def __init__(self, preloader_pool: Source, many: bool = False) -> None:
        """Take fork servers from `preloader_pool`, which is closed with this object. With `many` submissions to grade,
        the next child is forked before it is requested."""
        self.preloader_pool = preloader_pool
        self._many = many
        self._lock = threading.RLock()
        self._fork_servers: OrderedDict[frozenset[str], _Kept] = OrderedDict()
        self._folders: OrderedDict[tuple[tuple[str, str, int, int], ...], str] = OrderedDict()

    @property
    def isolation(self) -> Isolation:
        return self.preloader_pool.isolation

    def __enter__(self) -> ForkServers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            for kept in self._fork_servers.values():
                kept.close()
            self._fork_servers.clear()
            self.preloader_pool.close()

    def warm(self, libraries: Sequence[str] = ()) -> None:
        """Start the fork server for these libraries before the first submission that needs it."""
        with self._lock:
            self._kept(served_by(libraries))

    def child(self, libraries: Sequence[str] = ()) -> Child:
        """A child of the fork server that has preloaded the slow ones of these libraries; the child imports the rest
        itself.

        Raises `IsolationMissing`."""
        with self._lock:
            kept = self._kept(served_by(libraries))
            kept.living += 1
        return ForkedChild(
            lambda files, memory: self._expected(kept, files, memory),
            lambda child, orderly: self._taken_back(kept, child, orderly),
        )

    def _expected(self, kept: _Kept, files: Sequence[CompanionFile], memory: int) -> PendingChild:
        """The child that was requested ahead, or a new one. Raises `Interrupted`."""
        folder = self._folder(files)
        with self._lock:
            return kept.taken(folder, memory) or PendingChild(kept.fork_server, folder, memory)

    def _kept(self, wanted: frozenset[str]) -> _Kept:
        kept = self._fork_servers.get(wanted)
        if kept is not None and (kept.worn or not kept.fork_server.alive):
            self._retire(wanted)
            kept = None
        if kept is None:
            kept = self._fork_servers[wanted] = _Kept(self.preloader_pool.fork_server(wanted))
            while len(self._fork_servers) > MOST:
                self._retire(next(iter(self._fork_servers)))
        self._fork_servers.move_to_end(wanted)
        return kept

    def _taken_back(self, kept: _Kept, child: PendingChild | None, orderly: bool) -> None:
        if child is not None:
            child.end()
            if not self._many:
                orderly = child.ended(ENDING) is not None and orderly
        with self._lock:
            kept.living -= 1
            kept.bad = 0 if orderly else kept.bad + 1
            if kept.retired and not kept.living:
                kept.close()
            elif self._many and child is not None:
                kept.follow(child)

    def _retire(self, wanted: frozenset[str]) -> None:
        """Send no further requests to this fork server; it is closed when its last child has ended."""
        kept = self._fork_servers.pop(wanted)
        kept.retired = True
        if not kept.living or not kept.fork_server.alive:
            kept.close()

    def _folder(self, files: Sequence[CompanionFile]) -> str:
        """The name of the folder with copies of these files, which only the grader can write; "" where there are no
        files."""
        there = tuple(
            (file.name, file.path, facts.st_mtime_ns, facts.st_size)
            for file in files
            if (facts := _facts(file.path)) is not None
        )
        if not there:
            return ""
        with self._lock:
            if there not in self._folders:
                name = hashlib.sha256(repr(there).encode("utf-8", "backslashreplace")).hexdigest()[:32]
                self._copied([CompanionFile(name, path) for name, path, _, _ in there], name)
                self._folders[there] = name
                if len(self._folders) > MOST_FOLDERS:
                    _, oldest = self._folders.popitem(last=False)
                    shutil.rmtree(os.path.join(self.preloader_pool.data, oldest), ignore_errors=True)
            self._folders.move_to_end(there)
            return self._folders[there]

    def _copied(self, files: Sequence[CompanionFile], name: str) -> None:
        """Copy the files into the folder, unless another worker already has. The folder appears by a rename, so it is
        complete as soon as it exists."""
        folder = os.path.join(self.preloader_pool.data, name)
        if os.path.isdir(folder):
            return
        made = f"{folder}.{os.getpid()}"
        open_folder(made)
        for file in files:
            *above, _ = file.name.split("/")
            for depth in range(len(above)):
                with contextlib.suppress(FileExistsError):
                    open_folder(os.path.join(made, *above[: depth + 1]))
            os.chmod(shutil.copyfile(file.path, os.path.join(made, file.name)), 0o644)
        try:
            os.rename(made, folder)
        except OSError:
            shutil.rmtree(made)


class _Kept:
    """A fork server in use, with the child requested ahead, if any."""

    def __init__(self, fork_server: ForkServer) -> None:
        self.fork_server = fork_server
        self.living = 0
        self.bad = 0
        self.retired = False
        self._next: PendingChild | None = None
        self._ending: list[PendingChild] = []

    @property
    def worn(self) -> bool:
        return self.fork_server.forked - (self._next is not None) >= RECYCLED or self.bad >= BURST

    def follow(self, child: PendingChild) -> None:
        """Request the next child, with the same folder and memory as `child`, which is being ended."""
        self._ending.append(child)
        if self._next is None and not self.retired and not self.worn:
            with contextlib.suppress(Interrupted):  # reported when a session needs a child
                self._next = PendingChild(self.fork_server, child.folder, child.memory)

    def taken(self, folder: str, memory: int) -> PendingChild | None:
        """The child requested ahead, if it has this folder and memory. Waits first until all earlier children are
        gone."""
        while self._ending:
            if self._ending.pop().ended(ENDING) is None:
                self.bad += 1
        child, self._next = self._next, None
        if child is not None and (child.folder, child.memory) != (folder, memory):
            child.end()
            self._ending.append(child)
            return None
        return child

    def close(self) -> None:
        """Reap the children, then stop the fork server. Otherwise only the system would reap them."""
        if self._next is not None:
            self._next.end()
            self._ending.append(self._next)
            self._next = None
        while self._ending and self.fork_server.alive:
            self._ending.pop().ended(ENDING)
        self.fork_server.close()


def served_by(libraries: Sequence[str]) -> frozenset[str]:
    """The libraries a fork server should preload: numpy is left out where another library imports it anyway."""
    wanted = frozenset(libraries)
    return wanted - {"numpy"} if wanted & _BRING_NUMPY else wanted


_BRING_NUMPY = frozenset({"jax", "matplotlib", "pandas", "scipy", "sklearn", "torch"})


def _facts(file: str) -> os.stat_result | None:
    try:
        facts = os.stat(file)
    except OSError:
        return None  # the code that looks for the file gets the error
    return facts if os.path.isfile(file) else None
