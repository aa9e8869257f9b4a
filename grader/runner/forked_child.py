"""A child of a fork server: its pipes, its CPU clock, and how it ended.

The limit is CPU time, measured by the kernel and read from outside, so nothing the child does can stop the clock. Wall
time is the backstop; time in which the child was runnable but had no processor does not count against it.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
from collections.abc import Callable, Sequence

from grader.model import CompanionFile
from grader.runner.fork_server import ForkedProcess, pid_of
from grader.runner.piped_child import PipedChild
from grader.runner.protocols import Ended, Interrupted
from grader.runner.types import Limits

ENDING = 5.0
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

    def _why_gone(self) -> Ended | Interrupted:
        if self._process is not None and self._process.reaped(2.0):
            status = self._process.wait_status
            if status is not None and not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
                return Ended("killed")
        return Interrupted("the process that ran it was ended from outside: the machine is out of memory, perhaps")

    def _end(self) -> None:
        self._input = self._results = self._printing = -1
        if self._process is not None:
            self._process.kill()
            self._process.reaped(ENDING)
            self._process.close()
