"""Isolation `process`: a plain subprocess with limits, on every system. It contains a student's own mistakes, but not
malicious code."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from grader.errors import EnvironmentProblem
from grader.model import CompanionFile, Isolation
from grader.runner.child import subreaper
from grader.runner.piped_child import POLLS, PipedChild
from grader.runner.protocols import ALIKE, Child, ChildEnded
from grader.runner.types import Limits
from grader.temp_folders import TempFolder

_HOUSE = str(Path(__file__).parents[2])
_START = (
    "import sys; sys.path.insert(0, {house!r}); from grader.runner.child.main import main; "
    "sys.path.remove({house!r}) if {house!r} not in sys.path[1:] else None; main()"
)
_KEPT_FROM_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMPDIR",
    "USERPROFILE",
)  # fmt: skip

ENDING = 10.0
"""Seconds a subreaper may take to end all descendants: possibly thousands of processes, on an overloaded machine."""

PUMPING = 0.02
"""Seconds in which a thread passes on what was printed, on systems that cannot wait for pipes."""


class ChildProcess(PipedChild):
    """A child with an interpreter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._scratch = TempFolder()
        kept = {name: os.environ[name] for name in _KEPT_FROM_ENVIRONMENT if name in os.environ}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-X", "utf8", "-c", _START.format(house=_HOUSE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=self._scratch.path,
                env={**kept, **ALIKE, "TMPDIR": self._scratch.path},
                start_new_session=True,
            )
        except OSError as error:
            self._scratch.close()
            raise EnvironmentProblem(f"no process can be started to run a submission in: {error}") from error
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        pipes: list[IO[bytes] | socket.socket] = [cast(IO[bytes], stream) for stream in streams]
        if POLLS:
            for pipe in pipes:
                os.set_blocking(pipe.fileno(), False)
        else:
            pipes[1:] = sockets = [_pumped(cast(IO[bytes], stream)) for stream in streams[1:]]
            by_number = {one.fileno(): one for one in sockets}
            self._read = lambda descriptor, size: by_number[descriptor].recv(size)
        self._pipes = pipes
        self._input, self._results, self._printing = (pipe.fileno() for pipe in pipes)

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        self._keep = limits.output * 1024
        for file in files:
            with contextlib.suppress(OSError):
                place = os.path.join(self._scratch.path, file.name)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.copyfile(file.path, place)

    def settle(self) -> None:
        if not POLLS:
            time.sleep(PUMPING)
        super().settle()

    def _clocks(self) -> tuple[float, float]:
        return 0.0, 0.0  # the worker limits its CPU time itself

    def _why_gone(self) -> ChildEnded:
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process.wait(1) == subreaper.FULL:
                return ChildEnded("processes")
        return ChildEnded("killed")

    def stop(self) -> None:
        self._process.terminate()

    def _end(self) -> None:
        process = self._process
        if process.poll() is None:
            # The subreaper ends the worker and all its descendants; without a subreaper, this ends the worker.
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(ENDING)
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            if process.wait() < 0:
                _end_session(process.pid)  # of the subreaper: killed itself, it has ended no other process
        process.kill()
        process.wait()
        self.settle()
        for pipe in self._pipes:
            pipe.close()
        self._input = self._results = self._printing = -1
        self._scratch.close()


def _pumped(stream: IO[bytes]) -> socket.socket:
    """What arrives at a pipe, as a socket: `select` can wait for sockets on every system, for pipes not on Windows."""
    outer, inner = socket.socketpair()
    outer.setblocking(False)

    def pump() -> None:
        with stream, inner, contextlib.suppress(OSError):
            while part := os.read(stream.fileno(), 65536):
                inner.sendall(part)

    threading.Thread(target=pump, daemon=True).start()
    return outer


def _end_session(leader: int) -> None:
    """Kill what is left of the session of a process that is gone."""
    with contextlib.suppress(OSError):
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.getsid(int(entry)) == leader:
                    os.kill(int(entry), signal.SIGKILL)


def unlimited() -> str:
    """What this system does not let mode `process` limit, as a sentence after another; "" where all is limited."""
    linux = sys.platform == "linux"
    try:
        import resource
    except ImportError:
        resource = None  # type: ignore[assignment]
    limits = {
        "memory": linux and resource is not None,
        "the number of processes": linux and hasattr(os, "fork"),
        "processor time (only time by the clock)": hasattr(signal, "setitimer"),
    }
    missing = [name for name, limited in limits.items() if not limited]
    return f" This system does not let us limit {' or '.join(missing)}." if missing else ""


class Processes:
    """Makes `ChildProcess`es."""

    isolation: Isolation = "process"

    def child(self, libraries: Sequence[str]) -> Child:
        return ChildProcess()

    def close(self) -> None: ...
