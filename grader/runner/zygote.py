"""One zygote, as the grader sees it: started, asked for children, and told of how each of them ended."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from grader.errors import IsolationMissing
from grader.runner.child.requests import (
    ANSWER_SIZE,
    CANARY,
    EXITED,
    FORK,
    FORKED,
    READY,
    SOCKET,
    Answer,
    Request,
    answer,
)
from grader.runner.contract import Interrupted
from grader.runner.isolation import bubblewrap
from grader.runner.isolation.modes import Plan
from grader.runner.isolation.places import HOUSE, places
from grader.runner.rehearsal import rehearsals
from grader.scratch import Scratch

STARTING = 180.0
"""Seconds a zygote may take to import what it is to have."""

ANSWERING = 20.0
"""Seconds a zygote may take to fork a child, on a machine with too much to do."""

_START = "import sys; sys.path.insert(0, {code!r}); from grader.runner.child.zygote import main; main()"


class Exit(NamedTuple):
    """How a child ended: its wait status, and seconds of CPU it had used."""

    status: int
    cpu: float

    @property
    def signal(self) -> int:
        return os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0


class Born(NamedTuple):
    """A child: our number for it, its pid as we see it (0 where that is not told), and what it can be killed by."""

    number: int
    pid: int
    handle: int


class Zygote:
    """May be used by several threads; children are asked for one at a time."""

    def __init__(self, plan: Plan, libraries: Sequence[str], data: str) -> None:
        """`data` is the folder below which children may read the folders named when they are asked for.

        Raises `IsolationMissing` where it does not start."""
        self.libraries = frozenset(libraries)
        self.threads = 1
        self.forked = 0
        self._plan = plan
        self._lock = threading.Lock()
        self._exits: dict[int, Exit] = {}
        self._open: set[int] = set()
        self._scratch = Scratch(passable=plan.uid is not None)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        with open(os.path.join(self._scratch.path, "bait"), "wb") as file:
            file.write(b"what no submission may read")
        self._channel, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with inner:
                self._process = self._start(inner.fileno(), data)
            self._await_ready(libraries, data)
        except BaseException:
            self.close()
            raise

    def _start(self, descriptor: int, data: str) -> subprocess.Popen[bytes]:
        wrapper, there = self._plan.bubblewrap, places()
        scratch = bubblewrap.SCRATCH if wrapper else self._own(os.path.join(self._scratch.path, "scratch"))
        environment = _environment(scratch, descriptor)
        code = bubblewrap.CODE if wrapper else os.path.dirname(HOUSE)
        command = [there.interpreter, "-I", "-S", "-X", "utf8", "-c", _START.format(code=code)]
        if wrapper:
            root = self._plan.uid is not None
            command = bubblewrap.command(wrapper, there, data, environment, command, root=root)
        # Not ended by the death of the thread that started it: it ends when its socket does.
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=environment,
            cwd="/",
            pass_fds=(descriptor,),
            start_new_session=True,
        )

    def _own(self, folder: str) -> str:
        os.mkdir(folder, 0o700)
        if self._plan.uid is not None:
            os.chown(folder, self._plan.uid, -1)
        return folder

    def _await_ready(self, libraries: Sequence[str], data: str) -> None:
        there = places()
        told = {
            "libraries": list(libraries),
            "search": there.search,
            "readable": there.readable,
            "listable": there.listable,
            "uid": self._plan.uid,
            "layers": self._plan.layers,
            "filter": base64.b64encode(self._plan.program).decode(),
            "rehearsals": rehearsals(libraries),
            "data": bubblewrap.DATA if self._plan.bubblewrap else data,
            "bait": os.path.join(self._scratch.path, "bait"),
        }
        try:
            self._channel.send(json.dumps(told).encode())
            found = self._next(time.monotonic() + STARTING)
        except OSError:
            found = None
        if found is None or found[0].kind != READY:
            raise IsolationMissing(self._why_not())
        self.threads = found[0].first

    def _why_not(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
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

    def fork(self, pipes: Sequence[int], folder: str, seconds: int, memory: int, kind: int = FORK) -> Born:
        """A child on the other ends of `pipes`, which stay open here. Raises `Interrupted`."""
        with self._lock:
            self.forked += 1
            number = self.forked
            asked = Request(kind, number, seconds, memory, folder)
            try:
                socket.send_fds(self._channel, [asked.packed()], list(pipes))
                self._open.add(number)
                while (found := self._next(time.monotonic() + ANSWERING)) is not None:
                    told, handle = found
                    if told.kind == FORKED and told.number == number and handle >= 0:
                        return Born(number, _pid(handle), handle)
                    if told.kind == EXITED:
                        self._ended(told)
                    else:
                        raise Interrupted(f"no child could be started: {os.strerror(told.first)}")
            except OSError:
                pass
            raise Interrupted("the zygote ended")

    def exit_of(self, number: int, patience: float) -> Exit | None:
        """How a child ended; None where that is not told in time (or will never be: see `alive`)."""
        deadline = time.monotonic() + patience
        with self._lock:
            while number in self._open:
                with contextlib.suppress(OSError):
                    if (found := self._next(deadline)) is not None:
                        self._ended(found[0])
                        continue
                return None
            return self._exits.pop(number, None)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def breaches(self) -> list[str]:
        """What the canary could do that this mode promises to stop. Raises `Interrupted`."""
        reading, writing = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        with open(reading, "rb") as told:
            try:
                born = self.fork((nothing, writing, writing), "", 10, 256, CANARY)
            finally:
                os.close(nothing)
                os.close(writing)
            poll = select.poll()
            poll.register(told, select.POLLIN)
            said = b""
            deadline = time.monotonic() + ANSWERING
            while not said.endswith(b"done\n") and poll.poll(max(0, 1000 * (deadline - time.monotonic()))):
                part = os.read(told.fileno(), 4096)
                if not part:
                    break
                said += part
            kill(born.handle)
            os.close(born.handle)
            self.exit_of(born.number, 1.0)
        lines = said.decode("utf-8", "replace").splitlines()
        if lines[-1:] != ["done"]:
            raise IsolationMissing(f"isolation {self._plan.mode} cannot start: {lines[-1] if lines else 'no word'}")
        return [line for line in lines[:-1] if line not in self._plan.permits]

    def close(self) -> None:
        """Ends it and every child of it."""
        self._channel.close()
        process = getattr(self, "_process", None)
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._log.close()
        self._scratch.close()

    def _next(self, deadline: float) -> tuple[Answer, int] | None:
        """The next answer and its handle (-1: none); None where there is none in time. Raises `OSError`."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        if not poll.poll(max(0.0, 1000 * (deadline - time.monotonic()))):
            return None
        packet, handles, _, _ = socket.recv_fds(self._channel, ANSWER_SIZE, 1)
        if not packet:
            raise ConnectionResetError("the zygote is gone")
        return answer(packet), handles[0] if handles else -1

    def _ended(self, told: Answer) -> None:
        self._open.discard(told.number)
        self._exits[told.number] = Exit(told.first, told.second / 1000)


def kill(handle: int) -> None:
    """By handle, so that no other process can be met that has been given the number since."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def _pid(handle: int) -> int:
    """The pid as this process sees it; a zygote with a namespace of its own knows others."""
    with contextlib.suppress(OSError, ValueError), open(f"/proc/self/fdinfo/{handle}", encoding="ascii") as file:
        for line in file:
            name, _, number = line.partition(":")
            if name == "Pid":
                return max(int(number), 0)
    return 0


def _environment(scratch: str, descriptor: int) -> dict[str, str]:
    """All a zygote and its children see of ours: nothing."""
    return {
        "HOME": scratch,
        "TMPDIR": scratch,
        "MPLCONFIGDIR": scratch,
        "TORCHINDUCTOR_CACHE_DIR": scratch,
        "LANG": "C.UTF-8",
        "PATH": "",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "PYTHONDONTWRITEBYTECODE": "1",
        SOCKET: str(descriptor),
    }
