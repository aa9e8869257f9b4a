"""What all children share: frames over three pipes, under a deadline, a limit of CPU time and one of printed text."""

from __future__ import annotations

import math
import os
import select
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence

from grader.model import CompanionFile
from grader.runner import wire
from grader.runner.protocols import (
    FRAME_OVERHEAD_BYTES,
    KEPT_OUTPUT_BYTES,
    OUTPUT_LIMIT_FACTOR,
    ChildEnded,
    Frame,
    Interrupted,
)
from grader.runner.types import Limits

CLOCK_INTERVAL = 0.2
"""Seconds between two readings of a child's clocks, however much or little it sends."""

CPU_SLACK = 0.5
"""Seconds of CPU beyond the limit, in which the child may notice the limit itself and send what it has."""


class PipedChild(ABC):
    """A `Child` without a process: a subclass starts one, connects its pipes, says why it ended, and ends it.

    The grader's ends of the pipes do not block, except for an input on systems that cannot wait for pipes."""

    def __init__(self) -> None:
        self._input = self._results = self._printing = -1
        self._read: Callable[[int, int], bytes] = os.read
        self._keep = KEPT_OUTPUT_BYTES
        self._printed = bytearray()
        self._printed_in_run = self._received = 0
        self._buffer = bytearray()
        self._seconds = math.inf
        self._before: tuple[float, float] | None = None
        self._look_at = 0.0
        self._closed = False

    @abstractmethod
    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None: ...

    @abstractmethod
    def _clocks(self) -> tuple[float, float]:
        """Seconds of CPU the process has used, and seconds it was runnable without a free processor; 0 where the
        system does not say."""

    @abstractmethod
    def _why_gone(self) -> ChildEnded | Interrupted:
        """Why the process is gone: `ChildEnded` through its own doing, `Interrupted` through that of the machine."""

    @abstractmethod
    def _end(self) -> None:
        """End the process and all its descendants, and close the pipes."""

    @property
    def output(self) -> str:
        return bytes(self._printed[: self._keep]).decode("utf-8", "replace")

    def begin(self, seconds: float) -> None:
        self.settle()  # what the previous run printed does not belong to this one
        self._received = self._printed_in_run = 0
        self._seconds = seconds
        # Most runs end before the first reading of the clocks, which takes a tenth of the time of such a run.
        self._before, self._look_at = None, time.monotonic() + CLOCK_INTERVAL

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        left = memoryview(wire.frame(kind, body))
        while left:
            try:
                left = left[os.write(self._input, left) :]
            except BlockingIOError:
                self._wait(deadline, writing=True)
            except OSError:
                raise self._why_gone() from None

    def receive(self, deadline: float) -> Frame:
        while (frame := self._frame()) is None:
            self._wait(deadline)
            self._receive_part()
        return frame

    def settle(self) -> None:
        for _ in range(OUTPUT_LIMIT_FACTOR * self._keep // 4096 + 1):
            if not self._collect():
                break

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.settle()
            self._end()

    def _frame(self) -> Frame | None:
        """The next frame, where it is complete. Raises `ChildEnded`."""
        buffer = self._buffer
        if len(buffer) < wire.HEADER:
            return None
        try:
            kind, flags, size = wire.header(buffer)
        except wire.WireError:
            raise ChildEnded("protocol") from None
        if len(buffer) < size:
            return None
        self._received += size + FRAME_OVERHEAD_BYTES
        if self._received > wire.MAX_RUN_BYTES:
            raise ChildEnded("protocol")
        body = bytes(memoryview(buffer)[wire.HEADER : size])
        del buffer[:size]
        return kind, flags, body

    def _receive_part(self) -> None:
        part = self._part(self._results)
        if part == b"":
            raise ChildEnded("protocol") if self._buffer else self._why_gone()
        self._buffer += part or b""

    def _wait(self, deadline: float, writing: bool = False) -> None:
        """Wait until there are results to read or, where `writing`, until the input accepts more. Collects printed text
        and, where `writing`, results. Raises `ChildEnded` and `Interrupted`."""
        self._look_at = min(self._look_at, deadline)
        while True:
            if (now := time.monotonic()) >= self._look_at:
                self._look_at = now + min(self._seconds_left(deadline), CLOCK_INTERVAL)
            reading = [] if writing and len(self._buffer) > wire.MAX_RUN_BYTES else [self._results]
            reading += [self._printing] if self._printing >= 0 else []
            found = ready(reading, [self._input] if writing else [], self._look_at - now)
            if (self._input if writing else self._results) in found:
                return  # of results and text, results first: they may have been sent before too much was printed
            if self._results in found:
                self._receive_part()
            if self._printing in found:
                self._collect()
                if self._printed_in_run > OUTPUT_LIMIT_FACTOR * self._keep:
                    raise ChildEnded("output")

    def _seconds_left(self, deadline: float) -> float:
        """Raises `ChildEnded` where either clock has run out. Time in which the child was runnable without a free
        processor does not count."""
        cpu, waited = self._clocks()
        cpu_before, waited_before = self._before = self._before or (cpu, waited)
        left = deadline + (waited - waited_before) - time.monotonic()
        if left <= 0 or cpu - cpu_before > self._seconds + CPU_SLACK:
            raise ChildEnded("timeout")
        return left

    def _collect(self) -> bool:
        """Collect printed text; whether there was any."""
        part = self._part(self._printing) if self._printing >= 0 else None
        if part == b"":
            self._printing = -1
        self._printed_in_run += len(part or b"")
        self._printed += (part or b"")[: max(0, self._keep - len(self._printed))]
        return bool(part)

    def _part(self, descriptor: int) -> bytes | None:
        """The available bytes; b"" at the end of the stream; None where nothing is available yet."""
        try:
            return self._read(descriptor, 65536)
        except BlockingIOError:
            return None
        except OSError:
            return b""


POLLS = hasattr(select, "poll")
"""Whether the system can wait for pipes."""


def ready(reading: Iterable[int], writing: Iterable[int], seconds: float) -> set[int]:
    """Those of the descriptors that can be read or written, or were closed at the other end, within so many seconds."""
    if not POLLS:
        return {one for found in select.select(reading, writing, (), max(0.0, seconds)) for one in found}
    poll = select.poll()
    for descriptor in reading:
        poll.register(descriptor, select.POLLIN)
    for descriptor in writing:
        poll.register(descriptor, select.POLLOUT)
    return {descriptor for descriptor, _ in poll.poll(max(0.0, 1000 * seconds))}
