"""One fork server, from the grader's side: request children, and learn how each of them ended."""

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
"""Seconds a fork server may take to fork a child, on an overloaded machine."""


class Exit(NamedTuple):
    """How a child ended: its wait status, and the seconds of CPU it used."""

    status: int
    cpu: float

    @property
    def signal(self) -> int:
        return os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0


class Born(NamedTuple):
    """A forked child: the grader's number for it, and the pidfd to kill it by."""

    number: int
    handle: int

    @property
    def pid(self) -> int:
        """The pid as this process sees it; 0 where it is not known, or the child has ended."""
        return pid_of(self.handle)


class ForkServer:
    """Connection to one fork server. Thread-safe; children are requested one at a time."""

    def __init__(self, channel: socket.socket, handle: int = -1, forked: int = 0) -> None:
        """Connect to the fork server at the other end of `channel`.

        With a `handle` (a pidfd), the fork server was used before and has forked `forked` children. Raises
        `Interrupted` where it does not start."""
        self.channel, self.handle, self.forked = channel, handle, forked
        self._lock = threading.Lock()
        self._exits: dict[int, Exit] = {}
        self._births: dict[int, Born | str] = {}
        """Children that have been forked, by number; for those that could not be forked, the reason."""
        self._open: set[int] = set()
        if handle < 0:
            try:
                _, self.handle = await_ready(channel, ANSWERING)
            except OSError:
                channel.close()
                raise Interrupted("the fork server ended") from None

    def fork(self, pipes: Sequence[int], folder: str, seconds: int, memory: int, kind: int = FORK) -> Born:
        """Fork a child and wait for it. It gets `pipes`, which stay open here. Raises `Interrupted`."""
        return self.born(self.ask(pipes, folder, seconds, memory, kind))

    def ask(self, pipes: Sequence[int], folder: str, seconds: int, memory: int, kind: int = FORK) -> int:
        """Request a child without waiting for it; `born` waits. Returns its number. Raises `Interrupted`."""
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
        """Wait for the child that was requested under this number. Raises `Interrupted`."""
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
        """How a child ended; None where no answer comes in time (or none will ever come: see `alive`)."""
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
        """Run the self-test in a child; return its lines: the attacks that succeeded, then `done`, or why it could not
        start.

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
        """Close this process's descriptors: another process has been given this fork server and uses it from now on."""
        self.channel.close()
        os.close(self.handle)
        self.handle = -1

    def close(self) -> None:
        """End the fork server and all its children."""
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
        """Wait for the next answer of the fork server and record it; False where none came by the deadline."""
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
    """Wait until a fork server or preloader is ready; return its number of threads and its pidfd. Raises `OSError`."""
    found = _answer(channel, time.monotonic() + seconds)
    if found is None or found[0].kind != READY or found[1] < 0:
        raise ConnectionRefusedError("the fork server is not there")
    return found[0].first, found[1]


def _answer(channel: socket.socket, deadline: float) -> tuple[Answer, int] | None:
    """The next answer and the pidfd sent with it (-1: none); None where none comes in time. Raises `OSError`."""
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
    """Kill by pidfd, since the pid may have been reused for another process."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def pid_of(handle: int) -> int:
    """The pid as this process sees it; inside a PID namespace of its own, the fork server sees other pids."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/self/fdinfo/{handle}", encoding="ascii") as file:
        for line in file:
            name, _, number = line.partition(":")
            if name == "Pid":
                return max(int(number), 0)
    return 0
