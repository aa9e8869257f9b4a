"""Communication between worker and grader, over two pipes that no `print` of a student reaches."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from time import perf_counter
from typing import NoReturn, Protocol, cast

from grader.runner import wire
from grader.runner.child import limits
from grader.runner.wire import Wired

HELD_SECONDS, HELD_BYTES = 0.002, 32 * 1024
"""Longest time, and largest total size, that bindings are held back to be sent together."""


class Grader(Protocol):
    """The receiver of a run's reports. The `timer` raises nothing while a frame is being sent; the bindings of a
    `prompt` run are sent at once."""

    timer: limits.Timer
    prompt: bool

    def is_forked(self) -> bool:
        """Whether the submission forked this process."""
        ...

    def send(self, kind: int, body: bytes = b"", flags: int = 0) -> None: ...

    def ask(self, body: bytes) -> Wired | None:
        """Hand a value over; returns the replacement, or None to keep it."""
        ...


class Channel:
    """The two pipes to the grader, moved to descriptors that a student's `print` does not use."""

    def __init__(self, wall: bool = True) -> None:
        self._input, self._output = os.dup(0), os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        os.close(nothing)
        # Line buffering, so that printed text is not lost when a run is ended.
        cast(io.TextIOWrapper, sys.stdout).reconfigure(line_buffering=True)
        self.timer = limits.Timer(wall)
        self.prompt = False
        self._held, self._since = bytearray(), 0.0
        self._sender = 0

    def move(self, given: int, results: int) -> None:
        """Use other pipes from now on."""
        self._input, self._output = given, results

    def keep_from_forks(self) -> None:
        """From now on only this process sends; processes that it forks do not."""
        self._sender = os.getpid()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._let_go)

    def _let_go(self) -> None:
        """Redirect the pipes to devnull in a process the submission forks: its bindings are not part of the run, and
        it gets no answer."""
        self._held.clear()
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in self.descriptors:
            os.dup2(nothing, descriptor, inheritable=False)
        os.close(nothing)

    @property
    def descriptors(self) -> tuple[int, int]:
        return self._input, self._output

    def send(self, kind: int, body: bytes = b"", flags: int = 0) -> None:
        """Send a frame. Bindings are held back for a moment and sent together, since each frame sent alone would wake
        the grader; not in a `prompt` run. Any other frame is sent at once, with everything held back."""
        held, now = self._held, perf_counter()
        if not held:
            self._since = now
        held += wire.frame(kind, body, flags)
        waits = kind == wire.BINDING and not self.prompt and len(held) < HELD_BYTES
        if not waits or now - self._since >= HELD_SECONDS:
            self._release()

    def is_forked(self) -> bool:
        return self._sender not in (0, os.getpid())

    def _keep_to_sender(self) -> None:
        """Let go of the pipes in a process whose fork Python has not seen, as by `ctypes`."""
        if self.is_forked():
            self._let_go()

    def _release(self) -> None:
        self._keep_to_sender()
        with self.timer:
            try:
                data = memoryview(bytes(self._held))
                self._held.clear()
                while data:
                    data = data[os.write(self._output, data) :]
            except OSError:
                os._exit(0)  # the grader is gone

    def ask(self, body: bytes) -> Wired | None:
        with self.timer:
            self.send(wire.ASK, body)
            kind, answer = self.receive()
        return wire.unpack_value(answer) if kind == wire.REPLACE else None

    def receive(self) -> tuple[int, bytes]:
        self._keep_to_sender()
        with self.timer:
            read = wire.read_frame(lambda size: os.read(self._input, min(size, 65536)))
        if read is None or read[0] == wire.STOP:
            leave()
        return read[0], read[2]


def leave() -> NoReturn:
    # A regular exit of the interpreter takes half a second with torch, and there is nothing to clean up.
    flush()
    os._exit(0)


def flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(BaseException):
            if stream is not None:
                stream.flush()
