"""One fork server, as the grader sees it: asked for children, and told of how each of them ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from grader.runner.child.requests import (
    ANSWER_SIZE,
    CANARY,
    EXITED,
    FORK,
    FORKED,
    READY,
    Answer,
    Request,
    answer,
)
from grader.runner.protocols import Interrupted

ANSWERING = 20.0
"""Seconds a fork server may take to fork a child, on a machine with too much to do."""


class Exit(NamedTuple):
    """How a child ended: its wait status, and seconds of CPU it had used."""

    status: int
    cpu: float

    @property
    def signal(self) -> int:
        return os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0


class Born(NamedTuple):
    """A child: our number for it, and what it can be killed by."""

    number: int
    handle: int

    @property
    def pid(self) -> int:
        """As we see it; 0 where that is not told, or it has ended."""
        return pid_of(self.handle)


class ForkServer:
    """May be used by several threads; children are asked for one at a time."""

    def __init__(self, channel: socket.socket, handle: int = -1, forked: int = 0) -> None:
        """The fork server at the other end of `channel`; with a `handle` (a pidfd) one that was used before and has
        `forked` so many children. Raises `Interrupted` where it does not start."""
        self.channel, self.handle, self.forked = channel, handle, forked
        self._lock = threading.Lock()
        self._exits: dict[int, Exit] = {}
        self._births: dict[int, Born | str] = {}
        """Children that are there; of those that could not be started, why."""
        self._open: set[int] = set()
        if handle < 0:
            try:
                _, self.handle = await_ready(channel, ANSWERING)
            except OSError:
                channel.close()
                raise Interrupted("the fork server ended") from None

    def fork(self, pipes: Sequence[int], folder: str, seconds: int, memory: int, kind: int = FORK) -> Born:
        """A child on the other ends of `pipes`, which stay open here. Raises `Interrupted`."""
        return self.born(self.ask(pipes, folder, seconds, memory, kind))

    def ask(self, pipes: Sequence[int], folder: str, seconds: int, memory: int, kind: int = FORK) -> int:
        """Asks for one, and does not wait for it to be `born`. Raises `Interrupted`."""
        with self._lock:
            self.forked += 1
            number = self.forked
            try:
                socket.send_fds(self.channel, [Request(kind, number, seconds, memory, folder).packed()], list(pipes))
            except OSError:
                raise Interrupted("the fork server ended") from None
            self._open.add(number)
            return number

    def born(self, number: int) -> Born:
        """The child that was asked for as this number. Raises `Interrupted`."""
        deadline = time.monotonic() + ANSWERING
        with self._lock:
            while number not in self._births:
                if not self._heard(deadline):
                    raise Interrupted("the fork server ended")
            born = self._births.pop(number)
        if isinstance(born, str):
            raise Interrupted(f"no child could be started: {born}")
        return born

    def exit_of(self, number: int, patience: float) -> Exit | None:
        """How a child ended; None where that is not told in time (or will never be: see `alive`)."""
        deadline = time.monotonic() + patience
        with self._lock:
            while number in self._open:
                if not self._heard(deadline):
                    return None
            return self._exits.pop(number, None)

    @property
    def alive(self) -> bool:
        return self.handle >= 0 and not _ended_within(self.handle, 0)

    def sung(self) -> list[str]:
        """What the self-test says: each attack of it that succeeded, then `done`; or why it could not be let out.

        Raises `Interrupted`."""
        reading, writing = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        with open(reading, "rb") as told:
            try:
                born = self.fork((nothing, writing, writing), "", 10, 256, CANARY)
            finally:
                os.close(nothing)
                os.close(writing)
            poll = select.poll()
            poll.register(told, select.POLLIN)
            said = b""
            deadline = time.monotonic() + ANSWERING
            while not said.endswith(b"done\n") and poll.poll(max(0, 1000 * (deadline - time.monotonic()))):
                part = os.read(told.fileno(), 4096)
                if not part:
                    break
                said += part
            kill(born.handle)
            os.close(born.handle)
            self.exit_of(born.number, 1.0)
        return said.decode("utf-8", "replace").splitlines()

    def let_go(self) -> None:
        """Another process has been given it, and speaks with it from now on."""
        self.channel.close()
        os.close(self.handle)
        self.handle = -1

    def close(self) -> None:
        """Ends it and every child of it."""
        if self.handle < 0:
            return
        self.channel.close()
        if not _ended_within(self.handle, 2.0):
            kill(self.handle)
        os.close(self.handle)
        self.handle = -1
        for born in self._births.values():
            if isinstance(born, Born):
                os.close(born.handle)
        self._births.clear()

    def _heard(self, deadline: float) -> bool:
        """Whether it has said something in time; what that was is noted."""
        try:
            found = _answer(self.channel, deadline) if self.handle >= 0 else None
        except OSError:
            return False
        if found is None:
            return False
        told, handle = found
        if told.kind == FORKED and handle >= 0:
            self._births[told.number] = Born(told.number, handle)
        elif told.kind == EXITED:
            self._open.discard(told.number)
            self._exits[told.number] = Exit(told.first, told.second / 1000)
        else:
            self._open.discard(told.number)
            self._births[told.number] = os.strerror(told.first)
        return True


def await_ready(channel: socket.socket, seconds: float) -> tuple[int, int]:
    """The number of threads of a fork server, and its pidfd, once it says that it is ready. Raises `OSError`."""
    found = _answer(channel, time.monotonic() + seconds)
    if found is None or found[0].kind != READY or found[1] < 0:
        raise ConnectionRefusedError("the fork server is not there")
    return found[0].first, found[1]


def _answer(channel: socket.socket, deadline: float) -> tuple[Answer, int] | None:
    """The next answer and its handle (-1: none); None where there is none in time. Raises `OSError`."""
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    if not poll.poll(max(0.0, 1000 * (deadline - time.monotonic()))):
        return None
    packet, handles, _, _ = socket.recv_fds(channel, ANSWER_SIZE, 1)
    if not packet:
        raise ConnectionResetError("the fork server is gone")
    return answer(packet), handles[0] if handles else -1


def _ended_within(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(1000 * seconds))


def kill(handle: int) -> None:
    """By handle, so that no other process can be met that has been given the number since."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def pid_of(handle: int) -> int:
    """The pid as this process sees it; a fork server with a namespace of its own knows others."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/self/fdinfo/{handle}", encoding="ascii") as file:
        for line in file:
            name, _, number = line.partition(":")
            if name == "Pid":
                return max(int(number), 0)
    return 0
