"""Where zygotes come from: a stem for each set of libraries, which imports them once, however many zygotes are
split from it.

A batch has one nursery; its workers ask for zygotes over a socket, `connect` at the one end and `Distant` at the other.
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
from grader.runner.contract import Interrupted
from grader.runner.isolation.modes import Confined, Plan, plan
from grader.runner.stem import Stem
from grader.runner.zygote import Zygote, pid_of
from grader.scratch import Scratch

MOST = 4
"""Stems kept at a time: one with torch takes a quarter of a gigabyte."""

_PACKET = 64 * 1024


class Nursery:
    """Use as a context manager: leaving it ends every process and removes every file of it. May be used by several
    threads."""

    def __init__(self, mode: Confined, *, made_of: Plan | None = None, canary: bool = True) -> None:
        """`made_of` something else than the mode is, and without the `canary`: for tests, which take layers away.

        Raises `IsolationMissing`."""
        self._plan = made_of or plan(mode)
        self.isolation: Confined = made_of.mode if made_of else mode
        self._canary = canary
        self._lock = threading.Lock()
        self._stems: OrderedDict[frozenset[str], Stem] = OrderedDict()
        self._leaving: list[Stem] = []
        self._closed = False
        self._scratch = Scratch(passable=True)
        self.data = os.path.join(self._scratch.path, "data")
        """The folder of which children may read the folders that are named when they are asked for."""
        open_folder(self.data)

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for stem in (*self._stems.values(), *self._leaving):
                stem.close()
            self._stems.clear()
            self._leaving.clear()
            self._scratch.close()

    def start(self, libraries: Collection[str]) -> Stem:
        """The stem with these libraries, which may still be importing them. Raises `Interrupted`."""
        wanted = frozenset(libraries)
        with self._lock:
            if self._closed:
                raise Interrupted("the batch ended")
            stem = self._stems.get(wanted)
            if stem is None or not stem.alive:
                if stem is not None:
                    self._leave(wanted)
                stem = self._stems[wanted] = Stem(self._plan, sorted(wanted), self.data)
                while len(self._stems) > MOST:
                    self._leave(next(iter(self._stems)))
            self._stems.move_to_end(wanted)
            return stem

    def _leave(self, wanted: frozenset[str]) -> None:
        stem = self._stems.pop(wanted)
        stem.leave()
        self._leaving = [one for one in (*self._leaving, stem) if one.alive]

    def zygote(self, libraries: Collection[str]) -> Zygote:
        """A zygote that has these libraries, tried by the canary. Raises `IsolationMissing` and `Interrupted`."""
        stem = self.start(libraries)
        if stem.ready() > 1 and libraries:
            # A fork takes one thread along, and leaves what the others had locked locked for ever.
            return self.zygote(())
        zygote = stem.split()
        try:
            if self._canary:
                self._try(zygote)
        except BaseException:
            zygote.close()
            raise
        return zygote

    def _try(self, zygote: Zygote) -> None:
        *breaches, last = zygote.sung() or ["no word"]
        if last != "done":
            raise IsolationMissing(f"isolation {self.isolation} cannot start: {last}")
        if breaches := [breach for breach in breaches if breach not in self._plan.permits]:
            raise IsolationMissing(
                f"isolation {self.isolation} does not hold here: a test program could {', and '.join(breaches)}; "
                "nothing is run"
            )

    def connect(self) -> socket.socket:
        """The end at which another process of ours may ask for zygotes, until it closes it."""
        outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        threading.Thread(target=self._serve, args=(inner,), daemon=True).start()
        return outer

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            while asked := line.recv(_PACKET):
                try:
                    zygote = self.zygote(json.loads(asked))
                except (IsolationMissing, Interrupted) as error:
                    line.send(json.dumps({"kind": type(error).__name__, "why": str(error)}).encode())
                    continue
                handles = (zygote.channel.fileno(), zygote.handle)
                try:
                    socket.send_fds(line, [json.dumps({"forked": zygote.forked}).encode()], handles)
                finally:
                    zygote.let_go()  # it ends where nobody has taken it


class Distant:
    """The nursery of another process, at the other end of a `line` from its `connect`."""

    def __init__(self, line: socket.socket, isolation: Confined, data: str) -> None:
        self._line, self.isolation, self.data = line, isolation, data
        self._lock = threading.Lock()

    def zygote(self, libraries: Collection[str]) -> Zygote:
        """As `Nursery.zygote`, on the cores of this process, as if it had started it."""
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
            with contextlib.suppress(OSError):  # where the two meet less often it takes longer, no more
                os.sched_setaffinity(pid_of(handles[1]), os.sched_getaffinity(0))
            return Zygote(socket.socket(fileno=handles[0]), handles[1], told["forked"])
        raise (IsolationMissing if told["kind"] == "IsolationMissing" else Interrupted)(told["why"])

    def close(self) -> None:
        self._line.close()


def open_folder(path: str) -> None:
    """Made for children to read, which may be another user: whatever the umask."""
    os.mkdir(path)
    os.chmod(path, 0o755)
