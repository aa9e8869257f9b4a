"""Where fork servers come from: one preloader for each set of libraries imports them once, for all its fork servers.

A batch has one preloader pool. Its workers request fork servers from it over a socket: `connect` is the pool's end,
`RemotePreloaderPool` a worker's end.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Collection

from grader.errors import IsolationMissing
from grader.runner.fork_server import ForkServer, pid_of
from grader.runner.isolation.modes import Confined, Plan, plan
from grader.runner.preloader import Preloader
from grader.runner.protocols import Interrupted
from grader.temp_folders import TempFolder

MOST = 4
"""Maximum number of preloaders kept: one with torch takes about a quarter of a gigabyte."""

_PACKET = 64 * 1024


class PreloaderPool:
    """Use as a context manager: leaving it ends all its processes and removes all its files. Thread-safe."""

    def __init__(self, mode: Confined, *, made_of: Plan | None = None, selftest: bool = True) -> None:
        """`made_of` replaces the plan of the mode, and `selftest` can be switched off: for tests, which take layers
        away.

        Raises `IsolationMissing`."""
        self._plan = made_of or plan(mode)
        self.isolation: Confined = made_of.mode if made_of else mode
        self._selftest = selftest
        self._lock = threading.Lock()
        self._preloaders: OrderedDict[frozenset[str], Preloader] = OrderedDict()
        self._leaving: list[Preloader] = []
        self._closed = False
        self._scratch = TempFolder(passable=True)
        self.data = os.path.join(self._scratch.path, "data")
        """The folder that holds the folders children may read; a request for a child names one of them."""
        open_folder(self.data)

    def __enter__(self) -> PreloaderPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for preloader in (*self._preloaders.values(), *self._leaving):
                preloader.close()
            self._preloaders.clear()
            self._leaving.clear()
            self._scratch.close()

    def start(self, libraries: Collection[str]) -> Preloader:
        """The preloader with these libraries, which may still be importing them. Raises `Interrupted`."""
        wanted = frozenset(libraries)
        with self._lock:
            if self._closed:
                raise Interrupted("the batch ended")
            preloader = self._preloaders.get(wanted)
            if preloader is None or not preloader.alive:
                if preloader is not None:
                    self._leave(wanted)
                preloader = self._preloaders[wanted] = Preloader(self._plan, sorted(wanted), self.data)
                while len(self._preloaders) > MOST:
                    self._leave(next(iter(self._preloaders)))
            self._preloaders.move_to_end(wanted)
            return preloader

    def _leave(self, wanted: frozenset[str]) -> None:
        preloader = self._preloaders.pop(wanted)
        preloader.leave()
        self._leaving = [one for one in (*self._leaving, preloader) if one.alive]

    def fork_server(self, libraries: Collection[str]) -> ForkServer:
        """A fork server with these libraries that passed the self-test. Raises `IsolationMissing` and `Interrupted`."""
        preloader = self.start(libraries)
        if preloader.ready() > 1 and libraries:
            # A fork copies only the calling thread: locks held by the other threads would stay locked for ever.
            return self.fork_server(())
        fork_server = preloader.split()
        try:
            if self._selftest:
                self._try(fork_server)
        except BaseException:
            fork_server.close()
            raise
        return fork_server

    def _try(self, fork_server: ForkServer) -> None:
        *breaches, last = fork_server.sung() or ["no word"]
        if last != "done":
            raise IsolationMissing(f"isolation {self.isolation} cannot start: {last}")
        if breaches := [breach for breach in breaches if breach not in self._plan.permits]:
            raise IsolationMissing(
                f"isolation {self.isolation} does not hold here: a test program could {', and '.join(breaches)}; "
                "nothing is run"
            )

    def connect(self) -> socket.socket:
        """Open a socket over which another process of the grader may request fork servers, until it closes the
        socket."""
        outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        threading.Thread(target=self._serve, args=(inner,), daemon=True).start()
        return outer

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            while asked := line.recv(_PACKET):
                try:
                    fork_server = self.fork_server(json.loads(asked))
                except (IsolationMissing, Interrupted) as error:
                    line.send(json.dumps({"kind": type(error).__name__, "why": str(error)}).encode())
                    continue
                handles = (fork_server.channel.fileno(), fork_server.handle)
                try:
                    socket.send_fds(line, [json.dumps({"forked": fork_server.forked}).encode()], handles)
                finally:
                    fork_server.let_go()  # the fork server ends if no worker has taken it


class RemotePreloaderPool:
    """The preloader pool of another process, at the other end of a `line` from its `connect`."""

    def __init__(self, line: socket.socket, isolation: Confined, data: str) -> None:
        self._line, self.isolation, self.data = line, isolation, data
        self._lock = threading.Lock()

    def fork_server(self, libraries: Collection[str]) -> ForkServer:
        """Like `PreloaderPool.fork_server`; the fork server is moved to the cores of this process, as if started by
        it."""
        with self._lock:
            try:
                self._line.send(json.dumps(sorted(libraries)).encode())
                said, handles, _, _ = socket.recv_fds(self._line, _PACKET, 2)
            except OSError:
                said = b""
        if not said:
            raise Interrupted("the batch ended")
        told = json.loads(said)
        if len(handles) == 2:
            with contextlib.suppress(OSError):  # slower, nothing worse: child and grader share cores less often
                os.sched_setaffinity(pid_of(handles[1]), os.sched_getaffinity(0))
            return ForkServer(socket.socket(fileno=handles[0]), handles[1], told["forked"])
        raise (IsolationMissing if told["kind"] == "IsolationMissing" else Interrupted)(told["why"])

    def close(self) -> None:
        self._line.close()


def open_folder(path: str) -> None:
    """Create a folder that children can read, whatever the umask: they may run as another user."""
    os.mkdir(path)
    os.chmod(path, 0o755)
