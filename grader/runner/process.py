"""Isolation `process`: a plain subprocess with limits, on every system. It contains a student's own mistakes, but not
malicious code."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from grader.errors import EnvironmentProblem
from grader.model import CompanionFile, Isolation
from grader.runner.child import subreaper
from grader.runner.child.subreaper import END, ENDED, PIPES
from grader.runner.piped_child import POLLS, PipedChild
from grader.runner.protocols import CHILD_ENVIRONMENT, Child, ChildEnded
from grader.runner.types import Limits
from grader.temp_folders import TempFolder

_ROOT = str(Path(__file__).parents[2])
_START = (
    "import sys; sys.path.insert(0, {root!r}); from grader.runner.child.main import main; "
    "sys.path.remove({root!r}) if {root!r} not in sys.path[1:] else None; main({control})"
)
_KEPT_FROM_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMPDIR",
    "USERPROFILE",
)  # fmt: skip

END_SECONDS = 10.0
"""Seconds a subreaper may take to end all descendants: possibly thousands of processes, on an overloaded machine."""

PUMP_SECONDS = 0.02
"""Seconds in which a thread passes on what was printed, on systems that cannot wait for pipes."""


KEEPS = sys.platform == "linux" and hasattr(socket, "send_fds")
"""Whether a subreaper can start one worker after the other."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter whose subreaper starts a worker and stays behind; `control` is where it is told of another worker,
    None if it cannot start one."""

    process: subprocess.Popen[bytes]
    control: socket.socket | None

    def end_worker(self) -> bool:
        """End the worker and all that it has started; whether the process lives on, and can start another."""
        if self.control is None or self.process.poll() is not None:
            return False
        try:
            self.control.settimeout(END_SECONDS)
            self.control.send(END)
            self.process.send_signal(signal.SIGUSR1)
            return self.control.recv(len(ENDED)) == ENDED
        except OSError:
            return False

    def start_worker(self, folder: str, libraries: Sequence[str]) -> list[IO[bytes]]:
        """Start another worker; returns the grader's ends of its pipes. Raises `OSError`."""
        assert self.control is not None
        inner, outer = [], []
        for number in range(PIPES):
            reading, writing = os.pipe()
            inner.append(writing if number else reading)
            outer.append(reading if number else writing)
        try:
            order = json.dumps({"folder": folder, "libraries": list(libraries)}).encode()
            socket.send_fds(self.control, [order], inner)
        finally:
            for one in inner:
                os.close(one)
        return [os.fdopen(one, "rb" if number else "wb", buffering=0) for number, one in enumerate(outer)]

    def close(self) -> None:
        """End the process, which has no worker."""
        if self.control is not None:
            self.control.close()
        self.process.kill()
        self.process.wait()


class ChildProcess(PipedChild):
    """A child with an interpreter of its own, or one that the interpreter of an ended child starts."""

    def __init__(self, origin: Processes | None = None, libraries: Sequence[str] = ()) -> None:
        super().__init__()
        self._scratch = TempFolder()
        self._origin = origin
        interpreter = None if origin is None else origin.idle(libraries)
        try:
            if interpreter is not None:
                self._interpreter, pipes = interpreter, interpreter.start_worker(self._scratch.path, libraries)
            else:
                self._interpreter, pipes = self._started()
        except OSError as error:
            self._scratch.close()
            raise EnvironmentProblem(f"no process can be started to run a submission in: {error}") from error
        self._process, self.libraries = self._interpreter.process, tuple(libraries)
        connected: list[IO[bytes] | socket.socket] = [*pipes]
        if POLLS:
            for pipe in pipes:
                os.set_blocking(pipe.fileno(), False)
        else:
            connected[1:] = sockets = [_pumped(stream) for stream in pipes[1:]]
            by_number = {one.fileno(): one for one in sockets}
            self._read = lambda descriptor, size: by_number[descriptor].recv(size)
        self._pipes = connected
        self._input, self._results, self._printing = (pipe.fileno() for pipe in connected)

    def _started(self) -> tuple[Interpreter, list[IO[bytes]]]:
        """A new interpreter, and the grader's ends of its pipes."""
        kept = {name: os.environ[name] for name in _KEPT_FROM_ENVIRONMENT if name in os.environ}
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET) if KEEPS and self._origin else (None, None)
        control = None if theirs is None else theirs.fileno()
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", "-c", _START.format(root=_ROOT, control=control)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=self._scratch.path,
            env={**kept, **CHILD_ENVIRONMENT, "TMPDIR": self._scratch.path},
            start_new_session=True,
            pass_fds=() if control is None else (control,),
        )
        if theirs is not None:
            theirs.close()
        streams = (process.stdin, process.stdout, process.stderr)
        return Interpreter(process, ours), [cast(IO[bytes], stream) for stream in streams]

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None:
        self._keep = limits.output * 1024
        for file in files:
            with contextlib.suppress(OSError):
                place = os.path.join(self._scratch.path, file.name)
                os.makedirs(os.path.dirname(place), exist_ok=True)
                shutil.copyfile(file.path, place)

    def settle(self) -> None:
        if not POLLS:
            time.sleep(PUMP_SECONDS)
        super().settle()

    def _clocks(self) -> tuple[float, float]:
        return 0.0, 0.0  # the worker limits its CPU time itself

    def _why_gone(self) -> ChildEnded:
        with contextlib.suppress(subprocess.TimeoutExpired):
            if self._process.wait(1) == subreaper.TOO_MANY_STATUS:
                return ChildEnded("processes")
        return ChildEnded("killed")

    def stop(self) -> None:
        self._process.terminate()

    def _end(self) -> None:
        if self._origin is not None and self._interpreter.end_worker():
            self._origin.keep(self._interpreter, self.libraries)
        else:
            self._end_process()
        self.settle()
        for pipe in self._pipes:
            pipe.close()
        self._input = self._results = self._printing = -1
        self._scratch.close()

    def _end_process(self) -> None:
        process = self._process
        if process.poll() is None:
            # The subreaper ends the worker and all its descendants; without a subreaper, this ends the worker.
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            if process.wait() < 0:
                _end_session(process.pid)  # of the subreaper: killed itself, it has ended no other process
        self._interpreter.close()


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
    """Makes `ChildProcess`es. Interpreters whose child was closed are kept for the next one."""

    isolation: Isolation = "process"

    def __init__(self) -> None:
        self._idle: list[tuple[Interpreter, tuple[str, ...]]] = []
        weakref.finalize(self, _close, self._idle)

    def child(self, libraries: Sequence[str]) -> Child:
        return ChildProcess(self, libraries)

    def close(self) -> None:
        _close(self._idle)

    def idle(self, libraries: Sequence[str]) -> Interpreter | None:
        """An interpreter that was kept, and has imported nothing but these libraries."""
        for one in self._idle:
            if one[1] == tuple(libraries):
                self._idle.remove(one)
                return one[0]
        return None

    def keep(self, interpreter: Interpreter, libraries: tuple[str, ...]) -> None:
        """Keep an interpreter, which runs nothing now, until this is closed."""
        self._idle.append((interpreter, libraries))


def _close(idle: list[tuple[Interpreter, tuple[str, ...]]]) -> None:
    while idle:
        idle.pop()[0].close()
