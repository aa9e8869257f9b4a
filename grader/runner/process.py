"""One child process and its pipes: start it, feed it, read its frames under a deadline, end it with all descendants."""

from __future__ import annotations

import contextlib
import math
import os
import queue
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from grader.errors import EnvironmentProblem
from grader.model import CompanionFile, Isolation
from grader.runner import wire
from grader.runner.child import subreaper
from grader.runner.protocols import ALIKE, FLOOD, FRAME_COSTS, KEPT, Child, Ended, Frame
from grader.runner.types import Limits
from grader.temp_folders import TempFolder

_HOUSE = str(Path(__file__).parents[2])
_START = (
    "import sys; sys.path.insert(0, {house!r}); from grader.runner.child.main import main; "
    "sys.path.remove({house!r}) if {house!r} not in sys.path[1:] else None; main()"
)
_KEPT_FROM_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SYSTEMROOT",
    "TEMP",
    "TMPDIR",
    "USERPROFILE",
)


ENDING = 10.0
"""Seconds a subreaper may take to end all descendants: possibly thousands of processes, on an overloaded machine."""


class ChildProcess:
    """Isolation `process`: a plain child with limits. It contains a student's own mistakes, but not malicious code."""

    def __init__(self) -> None:
        self._scratch = TempFolder()
        self._keep = KEPT
        self._printed = bytearray()
        self._flooded = False
        self._total = 0
        self._received = 0
        self._reading = threading.Lock()
        self._frames: queue.SimpleQueue[Frame | str] = queue.SimpleQueue()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", "-c", _START.format(house=_HOUSE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self._scratch.path,
                env=_environment(self._scratch.path),
                start_new_session=True,
            )
        except OSError as error:
            self._scratch.close()
            raise EnvironmentProblem(f"no process can be started to run a submission in: {error}") from error
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._listen, self._collect)]
        for thread in self._threads:
            thread.start()

    @property
    def output(self) -> str:
        return bytes(self._printed[: self._keep]).decode("utf-8", "replace")

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        self._keep = limits.output * 1024
        for file in files:
            with contextlib.suppress(OSError):
                place = os.path.join(self._scratch.path, file.name)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.copyfile(file.path, place)

    def begin(self, seconds: float) -> None:
        self.settle()  # what the previous run printed does not belong to this one
        self._received = 0
        with self._reading:
            self._total = 0

    def send(self, kind: int, body: bytes = b"", deadline: float = math.inf) -> None:
        try:
            descriptor = cast(IO[bytes], self._process.stdin).fileno()
            data = memoryview(wire.frame(kind, body))
            while data:
                if not _ready(descriptor, select.POLLOUT if _POLLS else 0, deadline):
                    raise Ended("timeout")
                # A pipe that polls as ready accepts this many bytes without blocking.
                data = data[os.write(descriptor, data[: select.PIPE_BUF] if _POLLS else data) :]
        except (OSError, ValueError):
            raise Ended("killed") from None

    def receive(self, deadline: float) -> Frame:
        while True:
            if time.monotonic() >= deadline:
                raise Ended("timeout")
            try:
                found: Frame | str | None = self._frames.get(timeout=max(0.0, min(deadline - time.monotonic(), 0.5)))
            except queue.Empty:
                found = None
            # Bindings sent before the output limit was passed may be read only now; no other frame counts any more.
            if self._flooded and not (isinstance(found, tuple) and found[0] in (wire.BINDING, wire.BEGUN)):
                raise Ended("output")
            if isinstance(found, str):
                raise Ended(found)
            if found is not None:
                return found

    def settle(self) -> None:
        stream = cast(IO[bytes], self._process.stderr)
        if not _POLLS:
            time.sleep(0.02)
            return
        patience = time.monotonic() + 0.5
        with contextlib.suppress(OSError, ValueError):
            while _ready(stream.fileno(), select.POLLIN, 0) and time.monotonic() < patience and not self._flooded:
                time.sleep(0.0005)
        with self._reading:  # wait until `_collect_part` has stored what it read
            pass

    def close(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            cast(IO[bytes], self._process.stdin).close()
        if self._process.poll() is None:
            # The subreaper ends the worker and all its descendants; without a subreaper, this ends the worker.
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ENDING)
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        if self._process.wait() < 0:
            _end_session(self._process.pid)  # of the subreaper: killed itself, it has ended no other process
        for thread in self._threads:
            thread.join(1)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        self._scratch.close()

    def _listen(self) -> None:
        stream = cast(IO[bytes], self._process.stdout)
        try:
            while (frame := wire.read_frame(stream.read)) is not None:
                self._received += len(frame[2]) + FRAME_COSTS
                if self._received > wire.MAX_RUN:
                    raise wire.WireError("more than a run may send")
                self._frames.put(frame)
            self._frames.put(self._why())
        except (wire.WireError, OSError, ValueError):
            self._frames.put("protocol")

    def _why(self) -> str:
        """How the child ended; called at the end of its stream."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process.wait(1) == subreaper.FULL:
                return "processes"
        return "killed"

    def _collect(self) -> None:
        stream = cast(IO[bytes], self._process.stderr)
        with contextlib.suppress(OSError, ValueError):
            while self._collect_part(stream.fileno()):
                pass

    def _collect_part(self, descriptor: int) -> bool:
        if _POLLS:
            _ready(descriptor, select.POLLIN, math.inf)
        with self._reading if _POLLS else contextlib.nullcontext():
            part = os.read(descriptor, 65536)
            self._total += len(part)
            self._printed += part[: max(0, self._keep - len(self._printed))]
            if self._total > FLOOD * self._keep and not self._flooded:
                self._flooded = True
                self._process.terminate()
        return bool(part)


def _end_session(leader: int) -> None:
    """Kill what is left of the session of a process that is gone."""
    with contextlib.suppress(OSError):
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.getsid(int(entry)) == leader:
                    os.kill(int(entry), signal.SIGKILL)


_POLLS = hasattr(select, "poll")


def _ready(descriptor: int, events: int, deadline: float) -> bool:
    """Whether a pipe can be read or written by the deadline (0: poll once). Always true where there is no `poll`."""
    if not _POLLS:
        return True
    poll = select.poll()
    poll.register(descriptor, events)
    left = None if deadline == math.inf else 1000 * max(0.0, deadline - time.monotonic())
    return bool(poll.poll(left))


def _environment(scratch: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT_FROM_ENVIRONMENT if name in os.environ}
    return {
        **kept,
        **ALIKE,
        "TMPDIR": scratch,
    }


class Processes:
    """Makes `ChildProcess`es, each with an interpreter of its own."""

    isolation: Isolation = "process"

    def child(self, libraries: Sequence[str]) -> Child:
        return ChildProcess()
