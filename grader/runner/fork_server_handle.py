"""The grader's end of a fork server: the socket over which it is asked for children or for another fork server.

A child is a `ForkedProcess`: requested, forked, killed, reaped, in this order. It lives no longer than its status
socket is open here; a fork server lives as long as its control socket is open here, or it has children.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Sequence
from enum import IntEnum

from grader.runner.child.requests import FORK, NUMBER_SIZE, SELFTEST, Request, number
from grader.runner.piped_child import ready
from grader.runner.protocols import Interrupted

FORK_SECONDS = 20.0
"""Seconds a fork server may take to fork a child, on an overloaded machine."""

_ENDED = "the fork server ended"


class ForkServerHandle:
    """One fork server. Thread-safe, since every request brings the socket on which it is answered."""

    def __init__(self, channel: socket.socket, seconds: float = FORK_SECONDS) -> None:
        """Wait until the fork server at the other end of `channel` is ready. Raises `Interrupted`."""
        self.channel = channel
        self.pidfd = -1
        try:
            _, self.pidfd = _answer(channel, seconds)
        except OSError:
            channel.close()
            raise Interrupted(_ENDED) from None

    @property
    def alive(self) -> bool:
        return self.pidfd >= 0 and not ready([self.pidfd], [], 0)

    def request(self, request: Request, descriptors: Sequence[int]) -> None:
        """Raises `Interrupted`."""
        try:
            socket.send_fds(self.channel, [request.packed()], list(descriptors))
        except OSError:
            raise Interrupted(_ENDED) from None

    def selftest(self) -> list[str]:
        """Run the self-test in a child; returns its lines: the attacks that succeeded, then `done`, or why it could not
        start. Raises `Interrupted`."""
        process = ForkedProcess(self, kind=SELFTEST)
        process.reaped(FORK_SECONDS)
        said = b""
        with contextlib.suppress(BlockingIOError):
            for pipe in (process.results, process.printing):
                said += os.read(pipe, 65536)
        process.close()
        return said.decode("utf-8", "replace").splitlines()

    def leave(self) -> None:
        """Request nothing more: it ends with the last of its children."""
        self.channel.close()
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1

    def close(self) -> None:
        """End the fork server, with all its children where it does not end by itself within two seconds."""
        self.channel.close()
        if self.pidfd >= 0 and not ready([self.pidfd], [], 2.0):
            kill(self.pidfd)
        self.leave()


class State(IntEnum):
    """How far a forked process is. One that ends by itself is reaped without having been killed."""

    REQUESTED = 1
    FORKED = 2
    KILLED = 3
    REAPED = 4


class ForkedProcess:
    """A child of a fork server, with the grader's ends of its pipes, which do not block."""

    def __init__(self, server: ForkServerHandle, folder: str = "", memory: int = 256, kind: int = FORK) -> None:
        """Request it, and wait until it is forked. `folder` is the name of the folder it may read, `memory` is in MiB.
        Raises `Interrupted`."""
        self.state = State.REQUESTED
        self.pidfd = -1
        self.wait_status: int | None = None
        """How it ended; None also where nobody can say any more."""
        (inner_input, self.input), (self.results, inner_results) = os.pipe(), os.pipe()
        (self.printing, inner_printing), (self._status, inner_status) = os.pipe(), sockets()
        for descriptor in (self.input, self.results, self.printing):
            os.set_blocking(descriptor, False)
        given = (inner_input, inner_results, inner_printing, inner_status.detach())
        try:
            try:
                server.request(Request(kind, memory, folder), given)
            finally:
                for descriptor in given:
                    os.close(descriptor)
            self._forked(server)
        except Interrupted:
            self.close()
            raise

    def _forked(self, server: ForkServerHandle) -> None:
        try:
            error, self.pidfd = _answer(self._status, FORK_SECONDS)
        except OSError as failed:
            if isinstance(failed, TimeoutError):
                kill(server.pidfd)  # it hangs: the next child comes from another
            raise Interrupted(_ENDED) from None
        if error:
            raise Interrupted(f"no child could be started: {os.strerror(error)}")
        self.state = State.FORKED

    def reaped(self, seconds: float) -> bool:
        """Wait until it has ended and is reaped; False where that takes longer."""
        if self.state < State.REAPED:
            try:
                self.wait_status, _ = _answer(self._status, seconds)
            except TimeoutError:
                return False
            except OSError:
                pass  # its fork server has ended: so has the child
            self.state = State.REAPED
        return self.state == State.REAPED

    def kill(self) -> None:
        """Kill it, without waiting until it is gone."""
        if self.state == State.FORKED:
            kill(self.pidfd)
            self.state = State.KILLED

    def close(self) -> None:
        """Close all descriptors; a process that still runs is killed by the fork server."""
        self._status.close()
        for descriptor in (self.input, self.results, self.printing, self.pidfd):
            if descriptor >= 0:
                os.close(descriptor)
        self.input = self.results = self.printing = self.pidfd = -1


def sockets() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _answer(channel: socket.socket, seconds: float) -> tuple[int, int]:
    """The next answer and the pidfd sent with it (-1: none). Raises `OSError`, where it takes longer `TimeoutError`."""
    if not ready([channel.fileno()], [], seconds):
        raise TimeoutError
    packet, handles, _, _ = socket.recv_fds(channel, NUMBER_SIZE, 1)
    if not packet:
        raise ConnectionResetError(_ENDED)
    return number(packet), handles[0] if handles else -1


def kill(pidfd: int) -> None:
    """Kill by pidfd, since the pid may have been reused for another process."""
    with contextlib.suppress(OSError):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


def pid_of(pidfd: int) -> int:
    """The pid as this process sees it; 0 where the process has ended. In a PID namespace of its own, the fork server
    sees other pids."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name == "Pid":
                return max(int(value), 0)
    return 0
