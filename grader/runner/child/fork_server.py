"""The fork server: a process that has imported what submissions import. It forks a child for each submission, or
another fork server, which then works on its own with its own socket.

It never reads a byte of a submission, or of anything derived from one: its memory is inherited by every later child.
With each request the grader passes three pipes, which go to the child unread. The fork server has one thread, since a
fork copies only the calling thread.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import importlib
import json
import os
import select
import site
import socket
import sys
import tempfile
from typing import Any, NamedTuple, NoReturn

from grader.runner.child import huge_pages, landlock, mounts, privilege, selftest
from grader.runner.child.channel import Channel
from grader.runner.child.fault import IntegritySnapshot
from grader.runner.child.layers import Confinement, confine
from grader.runner.child.libraries import Libraries, importing
from grader.runner.child.main import serve, standing
from grader.runner.child.requests import (
    CANARY,
    EXITED,
    FORKED,
    READY,
    REFUSED,
    REQUEST_SIZE,
    SOCKET,
    SPLIT,
    Answer,
    Request,
    request,
)
from grader.runner.child.warmup import warm_up

LARGEST_START = 128 * 1024


class _Child(NamedTuple):
    """What a fork server knows of a child."""

    kind: int
    number: int
    pid: int


class _Born(NamedTuple):
    """What a child knows of itself: the request, its pipes, and the pid of the fork server."""

    request: Request
    pipes: list[int]
    parent: int


class ForkServer:
    """The main loop: receives requests, forks children, and reports how each of them ended."""

    def __init__(self, channel: socket.socket) -> None:
        self._begin(channel)

    def _begin(self, channel: socket.socket) -> None:
        self._channel = channel
        self._children: dict[int, _Child] = {}
        self._leaving = False
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)
        myself = os.pidfd_open(os.getpid())
        self._tell(Answer(READY, 0, len(os.listdir("/proc/self/task")), 0), myself)
        os.close(myself)

    def until_born(self) -> _Born:
        """Returns only in a child. The fork server itself exits when the grader does, or needs it no more."""
        while True:
            spoken_by = self._channel
            for descriptor, _ in self._poll.poll():
                if descriptor != spoken_by.fileno():
                    self._bury(descriptor)
                elif (born := self._asked()) is not None:
                    return born
                elif self._channel is not spoken_by:
                    break  # now the new fork server: the other events belong to children of the one it was forked from

    def _asked(self) -> _Born | None:
        packet, handed = b"", list[int]()
        with contextlib.suppress(ConnectionResetError):  # the grader closed without reading all answers
            packet, handed, _, _ = socket.recv_fds(self._channel, REQUEST_SIZE, 3)
        if not packet:
            self._leave()
            return None
        asked = request(packet)
        mine = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._tell(Answer(REFUSED, asked.number, error.errno or 0, 0))
            pid = -1
        if pid == 0 and asked.kind != SPLIT:
            return _Born(asked, handed, mine)
        if pid == 0:
            self._become_another(handed)
            return None
        for descriptor in handed:
            os.close(descriptor)
        if pid > 0:
            handle = os.pidfd_open(pid)
            self._children[handle] = _Child(asked.kind, asked.number, pid)
            self._poll.register(handle, select.POLLIN)
            if asked.kind != SPLIT:
                self._tell(Answer(FORKED, asked.number, pid, 0), handle)
        return None

    def close(self) -> None:
        """Close the control socket in the forked child."""
        self._channel.close()

    def _become_another(self, handed: list[int]) -> None:
        self._channel.close()
        for handle in self._children:
            os.close(handle)
        self._begin(socket.socket(fileno=handed[0]))

    def _leave(self) -> None:
        """Stop taking requests; exit once no fork servers split from this process are in use."""
        if not any(child.kind == SPLIT for child in self._children.values()):
            os._exit(0)
        if not self._leaving:
            self._leaving = True
            self._poll.unregister(self._channel)

    def _bury(self, handle: int) -> None:
        child = self._children.pop(handle)
        self._poll.unregister(handle)
        os.close(handle)
        _, status, used = os.wait4(child.pid, 0)
        if self._leaving:
            self._leave()
        elif child.kind != SPLIT:
            self._tell(Answer(EXITED, child.number, status, int(1000 * (used.ru_utime + used.ru_stime))))

    def _tell(self, answer: Answer, *descriptors: int) -> None:
        try:
            socket.send_fds(self._channel, [answer.packed()], descriptors)
        except OSError:
            os._exit(0)  # the grader is gone


def main() -> None:
    channel = socket.socket(fileno=int(os.environ.pop(SOCKET)))
    told = json.loads(channel.recv(LARGEST_START))
    libraries = _warm_up(told["libraries"], told["search"])
    if told["mounts"]:
        with contextlib.suppress(OSError):
            mounts.close()
    if told["uid"] is not None:
        privilege.drop(told["uid"], told["readable"])
    around = _Confinements(told)
    snapshot = standing()
    with contextlib.suppress(Exception):  # a fault of our own code is reported where a grader is connected
        warm_up(told["warm_ups"], libraries, snapshot)
    gc.collect()
    gc.freeze()
    huge_pages.collapse()
    fork_server = ForkServer(channel)
    born = fork_server.until_born()
    # From here on, this is the child.
    fork_server.close()
    del fork_server, channel, told
    _live(born, around, libraries, snapshot)


class _Confinements:
    """The layers for a child, depending on the folder of files it may read."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.data: str = told["data"]
        self.bait: str = told["bait"]
        self._layers = tuple(told["layers"])
        self._readable, self._listable = told["readable"], told["listable"]
        self._program = base64.b64decode(told["filter"])
        self._bare = landlock.ruleset(self._readable, self._listable) if "landlock" in self._layers else -1

    def of(self, folder: str) -> Confinement:
        rules = self._bare
        if folder and "landlock" in self._layers:
            rules = landlock.ruleset([*self._readable, folder], self._listable)
        return Confinement(self._layers, rules, self._program)


def _live(born: _Born, around: _Confinements, libraries: Libraries, snapshot: IntegritySnapshot) -> NoReturn:
    asked = born.request
    for number, pipe in enumerate(born.pipes):
        os.dup2(pipe, number)
    folder = os.path.join(around.data, asked.folder) if asked.folder else ""
    with contextlib.suppress(OSError):
        os.chdir(folder or around.data)
    made = around.of(folder)
    for start, end in ((3, made.rules), (made.rules + 1, os.sysconf("SC_OPEN_MAX"))):
        os.closerange(max(start, 3), max(end, 3))
    try:
        confine(made, born.parent, asked.seconds, asked.memory)
        if asked.kind == CANARY:
            selftest.run_selftest(around.bait, born.parent)
        serve(Channel(wall=False), libraries, snapshot)
    except OSError as error:
        os.write(2, f"the layers around a submission cannot be put on: {error}".encode())
    os._exit(1)


def _warm_up(wanted: list[str], search: list[str]) -> Libraries:
    """Import what submissions will import, and do everything once that is slow the first time."""
    sys.path[:] = search
    # What `site` does for students, without the files it would execute.
    site.setquit()
    site.setcopyright()
    site.sethelper()
    # tempfile finds its folder by writing, which no child can; some libraries ask for it while they are imported.
    tempfile.gettempdir()
    libraries = Libraries()
    with importing():
        for name in wanted:
            with contextlib.suppress(BaseException):
                importlib.import_module(name)
                if (first := _FIRST.get(name)) is not None:
                    first(sys.modules)
    libraries.imported()
    return libraries


def _numpy(modules: Any) -> None:
    numpy = modules["numpy"]
    a = numpy.random.default_rng(0).normal(size=(4, 4))
    numpy.linalg.solve(a @ a.T + numpy.eye(4), numpy.tanh(a)).sum()
    str(a)


def _torch(modules: Any) -> None:
    torch = modules["torch"]
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    a = torch.ones(4, 4, requires_grad=True)
    torch.tanh(a @ a).sum().backward()
    str(a.grad)


def _matplotlib(modules: Any) -> None:
    # Reads the system's fonts, for which it starts a thread; no child may start one.
    importlib.import_module("matplotlib.pyplot").figure()


_FIRST = {"numpy": _numpy, "torch": _torch, "matplotlib": _matplotlib}
