"""A preloader: a process that imports what submissions import, once, and forks fork servers. Neither the preloader nor
its own children ever run a submission."""

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
from collections.abc import Sequence

from grader.errors import IsolationMissing
from grader.runner.child.requests import SOCKET, SPLIT, Request
from grader.runner.fork_server import ForkServer, await_ready
from grader.runner.isolation import bubblewrap
from grader.runner.isolation.modes import Plan
from grader.runner.isolation.readable_paths import HOUSE, places
from grader.runner.protocols import ALIKE, Interrupted
from grader.runner.warmup import warm_up_texts
from grader.temp_folders import TempFolder

STARTING = 180.0
"""Seconds a preloader may take to import its libraries."""

_START = "import sys; sys.path.insert(0, {code!r}); from grader.runner.child.fork_server import main; main()"


class Preloader:
    """The grader's handle of a preloader. Starts it at once; `ready` waits until it can fork. Thread-safe."""

    def __init__(self, plan: Plan, libraries: Sequence[str], data: str) -> None:
        """`data` is the folder that holds the folders children may read; a request for a child names one of them."""
        self._plan = plan
        self._lock = threading.Lock()
        self._threads = 0
        self._closed = False
        self._scratch = TempFolder(passable=plan.uid is not None)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        with open(os.path.join(self._scratch.path, "bait"), "wb") as file:
            file.write(b"what no submission may read")
        self._channel, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with inner:
                self._process = self._start(inner.fileno(), data)
            with contextlib.suppress(OSError):  # already ended: `ready` says why
                self._channel.send(json.dumps(self._told(libraries, data)).encode())
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
        # Must outlive the thread that starts it, so no parent-death signal: the preloader ends when its socket closes.
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

    def _told(self, libraries: Sequence[str], data: str) -> dict[str, object]:
        there = places()
        return {
            "libraries": list(libraries),
            "search": there.search,
            "readable": there.readable,
            "listable": there.listable,
            "uid": self._plan.uid,
            "layers": self._plan.layers,
            "mounts": self._plan.read_only and self._plan.bubblewrap is None,
            "filter": base64.b64encode(self._plan.program).decode(),
            "warm_ups": warm_up_texts(libraries),
            "data": bubblewrap.DATA if self._plan.bubblewrap else data,
            "bait": os.path.join(self._scratch.path, "bait"),
        }

    def ready(self) -> int:
        """Wait until the preloader is ready; return its number of threads. Raises `IsolationMissing` where it does not
        start, and `Interrupted` where it is closed before that."""
        with self._lock:
            if self._closed:
                raise Interrupted("the batch ended")
            if not self._threads:
                try:
                    self._threads, handle = await_ready(self._channel, STARTING)
                except (OSError, ValueError):  # ValueError: closed meanwhile
                    if self._closed:
                        raise Interrupted("the batch ended") from None
                    raise IsolationMissing(self._why_not()) from None
                os.close(handle)
            return self._threads

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

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def split(self) -> ForkServer:
        """Split off another fork server. Raises `Interrupted`."""
        outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with inner, contextlib.suppress(OSError):  # already ended: `ForkServer` finds its channel closed
            socket.send_fds(self._channel, [Request(SPLIT, 0, 0, 0, "").packed()], [inner.fileno()])
        return ForkServer(outer)

    def leave(self) -> None:
        """Request nothing more: the preloader ends with the last of its fork servers, or when it is closed."""
        self._channel.close()

    def close(self) -> None:
        """End the preloader, its fork servers and all their children."""
        self._closed = True
        self._channel.close()
        process = getattr(self, "_process", None)
        if process is not None:
            if self._threads:  # a started preloader listens, and ends by itself
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(2)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._log.close()
        self._scratch.close()


def _environment(scratch: str, descriptor: int) -> dict[str, str]:
    """The whole environment of the preloader, its fork servers and their children: nothing of the grader's own."""
    return {
        "HOME": scratch,
        "TMPDIR": scratch,
        "MPLCONFIGDIR": scratch,
        "TORCHINDUCTOR_CACHE_DIR": scratch,
        "LANG": "C.UTF-8",
        "PATH": "",
        **ALIKE,
        # Makes glibc ask for huge pages from the start, which leaves `huge_pages.collapse` less to convert.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        SOCKET: str(descriptor),
    }
