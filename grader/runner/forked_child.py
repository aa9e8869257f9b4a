"""A child of a fork server: three pipes, its CPU clock, and a pidfd to kill it by.

The limit is CPU time, measured by the kernel and read from outside, so nothing the child does can stop the clock. Wall
time is the backstop; time in which the child was runnable but had no processor does not count against it.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import time
from collections.abc import Callable, Sequence

from grader.model import CompanionFile
from grader.runner import wire
from grader.runner.fork_server import Born
from grader.runner.pending_child import PendingChild
from grader.runner.protocols import FLOOD, FRAME_COSTS, KEPT, Ended, Frame, Interrupted
from grader.runner.types import Limits

LOOK = 0.2
"""Seconds between two readings of a child's clocks, however much or little it sends."""

SLACK = 0.5
"""Seconds of CPU beyond the limit, in which the child may notice the limit itself and send what it has."""


class ForkedChild:
    """A child that is forked only when its limits are known, since they cannot be raised afterwards."""

    def __init__(
        self,
        expect: Callable[[Sequence[CompanionFile], int], PendingChild],
        take_back: Callable[[PendingChild | None, bool], None],
    ) -> None:
        """`expect` returns a child that may read the given files and use the given MiB of memory; `take_back` takes
        that child to be killed, and whether everything was in order."""
        self._expect, self._take_back = expect, take_back
        self._expected: PendingChild | None = None
        self._born: Born | None = None
        self._early: list[bytes] = []
        self._keep = KEPT
        self._printed = bytearray()
        self._total = self._received = 0
        self._buffer = bytearray()
        self._seconds = math.inf
        self._before: tuple[float, float] | None = None
        self._look_at = 0.0
        self._in = self._out = self._err = -1
        self._closed = False
        self._orderly = True

    @property
    def output(self) -> str:
        return bytes(self._printed[: self._keep]).decode("utf-8", "replace")

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        self._keep = limits.output * 1024
        if self._born is None:
            try:
                self._fork(files, limits.memory)
            except Interrupted:
                self._orderly = False
                raise

    def _fork(self, files: Sequence[CompanionFile], memory: int) -> None:
        self._expected = expected = self._expect(files, memory)
        self._in, self._out, self._err = expected.input, expected.output, expected.printed
        self._born = expected.born()
        self._look_at = time.monotonic() + LOOK
        for data in self._early:
            self._write(data, math.inf)
        self._early.clear()

    def begin(self, seconds: float) -> None:
        self.settle()  # what the previous run printed does not belong to this one
        self._received = self._total = 0
        self._seconds = seconds
        # Most runs end before the first reading of the clocks, which takes a tenth of the time of such a run.
        self._before, self._look_at = None, time.monotonic() + LOOK

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        data = wire.frame(kind, body)
        if self._born is None:
            self._early.append(data)
        else:
            self._write(data, deadline)

    def _write(self, data: bytes, deadline: float) -> None:
        left = memoryview(data)
        while True:
            try:
                left = left[os.write(self._in, left) :]
            except BlockingIOError:
                pass
            except OSError:
                raise self._end() from None
            if not left:
                return
            while self._in not in self._wait(deadline, writing=True):
                pass

    def receive(self, deadline: float) -> Frame:
        while True:
            if (frame := self._frame()) is not None:
                return frame
            if self._out in self._wait(deadline):
                part = self._read(self._out)
                if part == b"":
                    raise Ended("protocol") if self._buffer else self._end()
                self._buffer += part or b""

    def _frame(self) -> Frame | None:
        """The next frame, where it is complete. Raises `Ended`."""
        buffer = self._buffer
        if len(buffer) < wire.HEADER:
            return None
        try:
            kind, flags, size = wire.header(buffer)
        except wire.WireError:
            raise Ended("protocol") from None
        if len(buffer) < size:
            return None
        self._received += size + FRAME_COSTS
        if self._received > wire.MAX_RUN:
            raise Ended("protocol")
        body = bytes(memoryview(buffer)[wire.HEADER : size])
        del buffer[:size]
        return kind, flags, body

    def _wait(self, deadline: float, writing: bool = False) -> set[int]:
        """Wait for descriptors that can be read or written and return them; collects printed text. Raises `Ended`."""
        poll = select.poll()
        poll.register(self._out, 0 if writing and len(self._buffer) > wire.MAX_RUN else select.POLLIN)
        poll.register(self._err, select.POLLIN)
        if writing:
            poll.register(self._in, select.POLLOUT)
        while True:
            if (now := time.monotonic()) >= self._look_at:
                self._look_at = now + min(self._patience(deadline), LOOK)
            ready = {descriptor for descriptor, _ in poll.poll(max(0.0, 1000 * (self._look_at - now)))}
            if self._out in ready and not writing:
                return ready  # read the bindings sent before it printed too much, then end it for that
            if self._err in ready and self._keep_printed() and ready == {self._err}:
                poll.unregister(self._err)
                continue
            if writing and self._out in ready and self._in not in ready:
                part = self._read(self._out)
                if part == b"":
                    raise self._end()
                self._buffer += part or b""
            if ready:
                return ready

    def _patience(self, deadline: float) -> float:
        """Seconds left. Raises `Ended` where either clock has run out."""
        now = self._clocks()
        cpu, waited = self._before = self._before or now
        if now[0] - cpu > self._seconds + SLACK:
            raise Ended("timeout")
        left = deadline + (now[1] - waited) - time.monotonic()
        if left <= 0:
            raise Ended("timeout")
        return left

    def _keep_printed(self) -> bool:
        """Collect printed text; True at the end of the stream. Raises `Ended`."""
        part = self._read(self._err)
        if part is None:
            return False
        self._total += len(part)
        self._printed += part[: max(0, self._keep - len(self._printed))]
        if self._total > FLOOD * self._keep:
            raise Ended("output")
        return not part

    @staticmethod
    def _read(descriptor: int) -> bytes | None:
        """The available bytes; b"" at the end of the stream; None where nothing is available yet."""
        try:
            return os.read(descriptor, 65536)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _end(self) -> Ended | Interrupted:
        """Why the child is gone: `Ended` through its own doing, `Interrupted` through that of the machine."""
        found = None if self._expected is None else self._expected.ended(2.0)
        if found is None or found.signal == signal.SIGKILL:
            self._orderly = False
            return Interrupted("the process that ran it was ended from outside: the machine is out of memory, perhaps")
        return Ended("killed")

    def settle(self) -> None:
        for _ in range(FLOOD * self._keep // 4096 + 1):
            if not (part := self._read(self._err)):
                break
            self._printed += part[: max(0, self._keep - len(self._printed))]

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._born is not None:
            self.settle()
        self._born, self._in, self._out, self._err = None, -1, -1, -1
        self._take_back(self._expected, self._orderly)

    def _clocks(self) -> tuple[float, float]:
        """Seconds of CPU the process has used, and seconds it was runnable without a free processor."""
        pid = 0 if self._born is None else self._born.pid
        cpu = waited = 0.0
        if pid:
            with contextlib.suppress(OSError):
                cpu = time.clock_gettime((~pid << 3) | 2)
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/schedstat", "rb") as file:
                waited = int(file.read().split()[1]) / 1e9
        return cpu, waited
