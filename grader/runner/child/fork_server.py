"""The fork server: a process that has imported what submissions import. It forks a child for each submission, or
another fork server, which then works on its own with its own socket.

It never reads a byte of a submission, or of anything derived from one: its memory is inherited by every later child.
With each request the grader passes three pipes, which go to the child unread. The fork server has one thread, since a
fork copies only the calling thread.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
from collections.abc import Sequence
from typing import NamedTuple

from grader.runner.child.requests import REQUEST_SIZE, SPLIT, Request, packed


class _Process(NamedTuple):
    """A process that was forked here; `status` is None for another fork server."""

    pid: int
    status: socket.socket | None


class Forked(NamedTuple):
    """What a child knows of itself."""

    request: Request
    """The request that it was forked for."""
    pipes: Sequence[int]
    """The descriptors of its three pipes: frames of the grader, results, printed text."""
    parent: int
    """The pid of the fork server."""


class ForkServer:
    """The main loop. It ends once the grader has closed the control socket and no process forked here is left."""

    def __init__(self, channel: socket.socket) -> None:
        self._processes: dict[int, _Process] = {}
        """By pidfd."""
        self._channel: socket.socket | None = channel
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)
        self._threads = len(os.listdir("/proc/self/task"))
        pidfd = os.pidfd_open(os.getpid())
        _send(channel, self._threads, pidfd)
        os.close(pidfd)

    def until_forked(self) -> Forked:
        """Returns only in a child."""
        while self._channel is not None or self._processes:
            # One event at a time: what is done for one may close the descriptors of the others.
            descriptor, _ = self._poll.poll()[0]
            if descriptor in self._processes:
                self._reap(descriptor)
            elif self._channel is None or descriptor != self._channel.fileno():
                self._abandoned(descriptor)
            elif (forked := self._serve(self._channel)) is not None:
                return forked
        os._exit(0)

    def close(self) -> None:
        """Close all sockets and pidfds, in a process that was forked here."""
        for pidfd, process in self._processes.items():
            os.close(pidfd)
            if process.status is not None:
                process.status.close()
        if self._channel is not None:
            self._channel.close()

    def _serve(self, channel: socket.socket) -> Forked | None:
        packet, given = b"", list[int]()
        with contextlib.suppress(ConnectionResetError):  # the grader closed without reading everything
            packet, given, _, _ = socket.recv_fds(channel, REQUEST_SIZE, 4)
        if not packet:
            self._poll.unregister(channel)
            channel.close()
            self._channel = None
            return None
        request, parent, error = Request.unpacked(packet), os.getpid(), 0
        if request.kind == SPLIT and self._threads > 1:
            # A fork copies only the calling thread: locks held by the others would stay locked for ever.
            with socket.socket(fileno=given[0]) as asker:
                _send(asker, self._threads)
            return None
        try:
            pid = os.fork()
        except OSError as failed:
            pid, error = -1, failed.errno or 0
        if pid == 0:
            self.close()
            if request.kind != SPLIT:
                return Forked(request, given[:3], parent)
            ForkServer.__init__(self, socket.socket(fileno=given[0]))
            return None
        status = None if request.kind == SPLIT else socket.socket(fileno=given.pop())
        for descriptor in given:
            os.close(descriptor)
        if pid > 0:
            self._started(pid, status)
        elif status is not None:
            with status:
                _send(status, error)
        return None

    def _started(self, pid: int, status: socket.socket | None) -> None:
        pidfd = os.pidfd_open(pid)
        self._processes[pidfd] = _Process(pid, status)
        self._poll.register(pidfd, select.POLLIN)
        if status is not None:
            self._poll.register(status, 0)  # tells when the grader has closed its end
            _send(status, 0, pidfd)

    def _abandoned(self, descriptor: int) -> None:
        """Kill the child whose status socket the grader has closed."""
        self._poll.unregister(descriptor)
        for process in self._processes.values():
            if process.status is not None and process.status.fileno() == descriptor:
                os.kill(process.pid, signal.SIGKILL)

    def _reap(self, pidfd: int) -> None:
        process = self._processes.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        _, wait_status = os.waitpid(process.pid, 0)
        if process.status is not None:
            _send(process.status, wait_status)
            with contextlib.suppress(KeyError):
                self._poll.unregister(process.status)
            process.status.close()


def _send(to: socket.socket, number: int, *descriptors: int) -> None:
    with contextlib.suppress(OSError):  # the grader has closed its end
        socket.send_fds(to, [packed(number)], descriptors)
