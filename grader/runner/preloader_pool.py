"""Where fork servers come from: the process of the pool, which neither imports libraries nor runs submissions.

It forks a preloader for each set of libraries, which imports them once, and from which all fork servers with them are
split. A batch has one `PreloaderPool`; its workers use it as `SharedPreloaderPool`.

Before it forks, a fork server is warmed up: it runs a script of the grader's own per library, as submissions are run.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Collection, Mapping
from typing import Any

from grader.errors import IsolationMissing
from grader.instrument.name_matching import normal
from grader.model import Value
from grader.runner import child_messages
from grader.runner.budget import Budget
from grader.runner.bytecode import instrumented, program
from grader.runner.child.requests import SOCKET, Start
from grader.runner.fork_server_handle import ForkServerHandle, pid_of, sockets
from grader.runner.isolation import bubblewrap
from grader.runner.isolation.modes import Confined, ConfinementPlan, plan
from grader.runner.isolation.readable_paths import HOUSE, places
from grader.runner.piped_child import ready
from grader.runner.program_ends import Endings
from grader.runner.protocols import CHILD_ENVIRONMENT, START_SECONDS, Interrupted
from grader.runner.readable_folders import open_folder
from grader.runner.types import Labels, Limits, Order, Setup
from grader.temp_folders import TempFolder

_TEXT = """
{imports}
w, x = {two}, {half}
a = w * x
b = {tanh}(a)
c = w * b
db_da = (1 - b**2) * 1.0
dc_dx = w * db_da * w
dc_dw = b + w * db_da * x
"""
_SCRIPTS = {
    "": _TEXT.format(imports="import math", two="2.0", half="0.5", tanh="math.tanh"),
    "numpy": _TEXT.format(imports="import numpy as np", two="np.array(2.0)", half="np.array(0.5)", tanh="np.tanh"),
    "torch": _TEXT.format(imports="import torch", two="torch.tensor(2.0)", half="torch.tensor(0.5)", tanh="torch.tanh"),
}


def warm_up_texts() -> list[tuple[str, list[str]]]:
    """By library ("": plain Python), the setup and three runs: one to find out which bindings are inputs, one at
    another point, and one with replaced values."""
    return [(library, _warm_up_text(script)) for library, script in _SCRIPTS.items()]


def _warm_up_text(script: str) -> list[str]:
    cells = instrumented([script])
    (w, x, *others) = cells[0].sites
    quantities = frozenset(name for site in others for name in site.names)
    given = {"w": Value.scalar(2.0), "x": Value.scalar(0.5)}
    point = {"w": Value.scalar(1.5), "x": Value.scalar(0.75)}
    spelled = frozenset(map(normal, quantities))
    labels = Labels({"w": "w", "x": "x"}, quantities, spelled, tuple(frozenset({name}) for name in spelled))
    setup = Setup("warmup.py", (script,), ("warmup.py#0",), labels, given, True, instrumented=cells)
    inputs = {(w.number, 0): "w", (x.number, 0): "x"}
    stops = frozenset((site.number, 0) for site in others)
    runs = (Order(given), Order(point, inputs, observe=True), Order(point, inputs, stops, observe=True))
    orders = (
        child_messages.order(run, Budget(Limits()).allowance("ordinary"), frozenset(), Endings(False)) for run in runs
    )
    return [
        child_messages.setup(setup, cells, program(setup.sources, setup.names, cells)).decode(),
        *(order.decode() for order in orders),
    ]


_START = "import sys; sys.path.insert(0, {code!r}); from grader.runner.child.preloaders import main; main()"


class SharedPreloaderPool:
    """A pool, from the side of any process that has its control socket. Thread-safe."""

    def __init__(self, channel: socket.socket, isolation: Confined, data: str, permits: Collection[str] | None) -> None:
        """`data` is the folder that holds the folders children may read, `permits` are the attacks of the self-test
        that may succeed (None: no self-test)."""
        self._channel, self.isolation, self.data, self._permits = channel, isolation, data, permits

    @classmethod
    def attached(cls, shared: Mapping[str, Any]) -> SharedPreloaderPool:
        """The pool of another process, as its `shared` describes it."""
        channel = socket.socket(fileno=shared["descriptor"])
        return cls(channel, shared["isolation"], shared["data"], shared["permits"])

    def shared(self) -> dict[str, Any]:
        """What another process, which inherits the descriptor, needs for `attached`."""
        permits = None if self._permits is None else sorted(self._permits)
        descriptor = self._channel.fileno()
        return {"descriptor": descriptor, "isolation": self.isolation, "data": self.data, "permits": permits}

    @property
    def alive(self) -> bool:
        descriptor = self._channel.fileno()
        return descriptor >= 0 and not ready([descriptor], [], 0)  # the pool says nothing there

    def prepare(self, libraries: Collection[str]) -> None:
        """Have these libraries imported, without waiting for it."""
        with contextlib.suppress(Interrupted):
            self._split(libraries).close()

    def fork_server(self, libraries: Collection[str]) -> ForkServerHandle:
        """A fork server with these libraries that passed the self-test; it is moved to the cores of this process.
        Raises `IsolationMissing` and `Interrupted`."""
        try:
            server = ForkServerHandle(self._split(libraries), START_SECONDS)
        except Interrupted:
            raise Interrupted("the fork server ended" if self.alive else "the batch ended") from None
        if server.pidfd < 0:  # the libraries have started threads
            server.close()
            return self.fork_server(())
        with contextlib.suppress(OSError):  # slower, nothing worse: child and grader share cores less often
            os.sched_setaffinity(pid_of(server.pidfd), os.sched_getaffinity(0))
        try:
            self._test(server)
        except BaseException:
            server.close()
            raise
        return server

    def close(self) -> None:
        self._channel.close()

    def _split(self, libraries: Collection[str]) -> socket.socket:
        outer, inner = sockets()
        with inner:
            try:
                socket.send_fds(self._channel, [json.dumps(sorted(libraries)).encode()], [inner.fileno()])
            except OSError:
                outer.close()
                raise Interrupted("the batch ended") from None
        return outer

    def _test(self, server: ForkServerHandle) -> None:
        if self._permits is None:
            return
        *breaches, last = server.selftest() or ["no word"]
        if last != "done":
            raise IsolationMissing(f"isolation {self.isolation} cannot start: {last}")
        if breaches := [breach for breach in breaches if breach not in self._permits]:
            raise IsolationMissing(
                f"isolation {self.isolation} does not hold here: a test program could {', and '.join(breaches)}; "
                "nothing is run"
            )


class PreloaderPool(SharedPreloaderPool):
    """Starts the process of the pool. Use as a context manager: leaving it ends all processes and removes all files."""

    def __init__(self, mode: Confined, *, made_of: ConfinementPlan | None = None, selftest: bool = True) -> None:
        """`made_of` replaces the plan of the mode, and `selftest` can be switched off: for tests, which take layers
        away.

        Raises `IsolationMissing`."""
        self._plan = made_of or plan(mode)
        self._lock = threading.Lock()
        self._closed = self._worked = False
        self._scratch = TempFolder(passable=True)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        data, self._forbidden = (os.path.join(self._scratch.path, name) for name in ("data", "forbidden"))
        open_folder(data)
        with open(self._forbidden, "wb") as file:
            file.write(b"what no submission may read")
        channel, self._process = self._started(data)
        super().__init__(channel, self._plan.mode, data, self._plan.permits if selftest else None)

    def __enter__(self) -> PreloaderPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def shared(self) -> dict[str, Any]:
        self._restart_if_gone()
        return super().shared()

    def fork_server(self, libraries: Collection[str]) -> ForkServerHandle:
        if self._worked:
            self._restart_if_gone()
        try:
            server = super().fork_server(libraries)
        except Interrupted:
            if self._closed:
                raise Interrupted("the batch ended") from None
            if self._worked:
                raise
            raise IsolationMissing(self._why_not()) from None
        self._worked = True
        return server

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._end()
            self._log.close()
            self._scratch.close()

    def _end(self) -> None:
        with contextlib.suppress(OSError):  # the pool ends, and with it its processes, whoever shares it
            self._channel.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._channel.close()

    def _restart_if_gone(self) -> None:
        with self._lock:
            if not self._closed and not self.alive:
                self._end()
                self._channel, self._process = self._started(self.data)

    def _started(self, data: str) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        wrapper, there = self._plan.bubblewrap, places()
        scratch = bubblewrap.SCRATCH if wrapper else self._own(os.path.join(self._scratch.path, "scratch"))
        channel, inner = sockets()
        environment = _environment(scratch, inner.fileno())
        code = bubblewrap.CODE if wrapper else os.path.dirname(HOUSE)
        command = [there.interpreter, "-I", "-S", "-X", "utf8", "-c", _START.format(code=code)]
        if wrapper:
            root = self._plan.uid is not None
            command = bubblewrap.command(wrapper, there, data, environment, command, root=root)
        start = Start(
            search=there.search,
            readable=there.readable,
            listable=there.listable,
            uid=self._plan.uid,
            layers=self._plan.layers,
            program=base64.b64encode(self._plan.program).decode(),
            read_only=self._plan.read_only and not wrapper,
            warm_ups=warm_up_texts(),
            data=bubblewrap.DATA if wrapper else data,
            forbidden=self._forbidden,
        )
        with inner:
            # Must outlive the thread that starts it, so no parent-death signal: it ends when its socket closes.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env=environment,
                cwd="/",
                pass_fds=(inner.fileno(),),
                start_new_session=True,
            )
        with contextlib.suppress(OSError):  # already ended: `fork_server` says why
            channel.send(start.packed())
        return channel, process

    def _own(self, folder: str) -> str:
        os.makedirs(folder, 0o700, exist_ok=True)
        if self._plan.uid is not None:
            os.chown(folder, self._plan.uid, -1)
        return folder

    def _why_not(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0 if self.alive else 2)
        self._log.seek(0)
        said = self._log.read(65536).decode("utf-8", "replace").strip().splitlines()
        last = said[-1] if said else f"exit status {self._process.poll()}"
        if self._plan.bubblewrap and last.startswith("bwrap:"):
            return (
                f"isolation strict needs bubblewrap, which cannot start here ({last}): allow user namespaces (Ubuntu "
                "24.04: an AppArmor profile for bwrap; Docker: --security-opt seccomp=unconfined --security-opt "
                "apparmor=unconfined), or choose --isolation portable"
            )
        return f"isolation {self._plan.mode} cannot start: {last}"


def _environment(scratch: str, descriptor: int) -> dict[str, str]:
    """The whole environment of the pool's processes: nothing of the grader's own."""
    return {
        "HOME": scratch,
        "TMPDIR": scratch,
        "MPLCONFIGDIR": scratch,
        "TORCHINDUCTOR_CACHE_DIR": scratch,
        "LANG": "C.UTF-8",
        "PATH": "",
        **CHILD_ENVIRONMENT,
        # Makes glibc ask for huge pages from the start, which leaves `preloaders` less to convert.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        SOCKET: str(descriptor),
    }
