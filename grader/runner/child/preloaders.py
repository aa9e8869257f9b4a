"""The processes from which fork servers are split: one forks a preloader for each set of libraries, and each preloader
imports them once. None of them reads a byte of a submission.

Huge pages: a fork copies the page tables of the process, which are long with torch loaded.

The warm-up: a fork server runs everything once that it will do in each child, before it forks one.

Python specialises code that runs often, and stores that in the code objects. Without the warm-up, each child would
specialise again, and pay with a copy of every memory page that is written to.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import site
import socket
import struct
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NoReturn

from grader.runner import wire
from grader.runner.child import landlock, limits, privilege, selftest
from grader.runner.child.channel import Channel
from grader.runner.child.fault import IntegritySnapshot
from grader.runner.child.fork_server import Forked, ForkServer
from grader.runner.child.isolation_layers import Confinement, confine
from grader.runner.child.libraries import Libraries, importing
from grader.runner.child.main import serve, standing
from grader.runner.child.processes import Starts
from grader.runner.child.requests import MAX_REQUEST_BYTES, SELFTEST, SOCKET, SPLIT, Request, Start
from grader.runner.child.worker import Worker
from grader.runner.wire import Wired

_MADV_COLLAPSE = 25
_HUGE_PAGE_BYTES = 2 * 1024 * 1024


def collapse_into_huge_pages() -> None:
    """Move the anonymous memory of this process into huge pages, where the kernel supports it (6.1)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(OSError, ValueError), open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        for line in file.read().splitlines():
            where, rights, _, _, inode = line.split()[:5]
            start, end = (int(bound, 16) for bound in where.split("-"))
            if rights.startswith("rw-p") and inode == "0" and end - start >= _HUGE_PAGE_BYTES:
                libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE)


WARM_UP_RUNS = 12
"""Python has specialised code by the eighth time it is run."""


def warm_up(warm_up_texts: Sequence[Sequence[str]], libraries: Libraries, snapshot: IntegritySnapshot) -> None:
    """Each text consists of a setup and its orders, as the grader would send them to a child."""
    for setup, *orders in warm_up_texts:
        for _ in range(WARM_UP_RUNS):
            worker = Worker(_StandInGrader(), json.loads(setup), libraries, snapshot, Starts())
            for order in orders:
                worker.run(json.loads(order))


class _StandInGrader:
    """Stands in for the grader: keeps one value, and replaces the next."""

    def __init__(self) -> None:
        self.timer = limits.Timer(wall=False)
        self.prompt = False
        self._asked = 0

    def is_forked(self) -> bool:
        return False

    def send(self, kind: int, body: bytes = b"", flags: int = 0) -> None:
        if kind in (wire.FAULT, wire.RAISED):
            raise RuntimeError(body.decode("utf-8", "replace"))
        with self.timer:
            wire.frame(kind, body, flags)

    def ask(self, body: bytes) -> Wired | None:
        self.send(wire.ASK, body)
        self._asked += 1
        answer = wire.pack_value(Wired(wire.NUMBERS, "float64", (), struct.pack("<d", 0.25)))
        return wire.unpack_value(answer) if self._asked % 2 else None


MAX_PRELOADERS = 4
"""Maximum number of preloaders kept: one with torch takes about a quarter of a gigabyte."""


def main() -> None:
    channel = socket.socket(fileno=int(os.environ.pop(SOCKET)))
    start = Start.unpacked(channel.recv(MAX_REQUEST_BYTES))
    channel, wanted = _until_preloader(channel)
    # From here on, this is a preloader.
    libraries = _imported(wanted, start.search)
    if start.read_only:
        with contextlib.suppress(OSError):
            privilege.close_mounts()
    if start.uid is not None:
        privilege.drop(start.uid, start.readable)
    rules = landlock.ruleset(start.readable, start.listable) if "landlock" in start.layers else -1
    snapshot = standing()
    with contextlib.suppress(Exception):  # a fault of our own code is reported where a grader is connected
        warm_up([text for library, text in start.warm_ups if library in ("", *wanted)], libraries, snapshot)
    gc.collect()
    gc.freeze()
    collapse_into_huge_pages()
    forked = ForkServer(channel).until_forked()
    # From here on, this is the child.
    _run(forked, start, rules, libraries, snapshot)


def _until_preloader(channel: socket.socket) -> tuple[socket.socket, list[str]]:
    """Pass every request for a fork server on to the preloader with its libraries. Returns only in a new preloader:
    its control socket, and the libraries."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for preloaders that have ended
    preloaders: OrderedDict[bytes, socket.socket] = OrderedDict()
    while True:
        wanted, given, _, _ = socket.recv_fds(channel, MAX_REQUEST_BYTES, 1)
        if not wanted:
            os.killpg(0, signal.SIGKILL)  # preloaders that import would not notice before they are done
        if not _passed_on(given, preloaders.get(wanted)):
            outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for other in (channel, outer, *preloaders.values()):
                    other.close()
                for descriptor in given:
                    os.close(descriptor)
                return inner, json.loads(wanted)
            inner.close()
            preloaders[wanted] = outer
            _passed_on(given, outer)
        preloaders.move_to_end(wanted)
        for descriptor in given:
            os.close(descriptor)
        if len(preloaders) > MAX_PRELOADERS:
            preloaders.popitem(last=False)[1].close()  # it ends with the last of its fork servers


def _passed_on(given: Sequence[int], preloader: socket.socket | None) -> bool:
    """Whether the request could be sent: the preloader has not ended."""
    try:
        return preloader is not None and socket.send_fds(preloader, [Request(SPLIT).packed()], given) > 0
    except OSError:
        return False


def _run(forked: Forked, start: Start, rules: int, libraries: Libraries, snapshot: IntegritySnapshot) -> NoReturn:
    """Be a child: put the layers on, and follow the grader's frames. `rules` are those without a folder."""
    request = forked.request
    for descriptor, pipe in enumerate(forked.pipes):
        os.dup2(pipe, descriptor)
    folder = os.path.join(start.data, request.folder)
    with contextlib.suppress(OSError):
        os.chdir(folder)
    try:
        if request.folder and "landlock" in start.layers:
            rules = landlock.ruleset([*start.readable, folder], start.listable)
        for first, last in ((3, rules), (rules + 1, os.sysconf("SC_OPEN_MAX"))):
            os.closerange(max(first, 3), max(last, 3))
        layers = Confinement(start.layers, rules, base64.b64decode(start.program))
        confine(layers, forked.parent, request.memory)
        if request.kind == SELFTEST:
            selftest.run_selftest(start.forbidden, forked.parent)
        serve(Channel(wall=False), libraries, snapshot, Starts())  # unwatched: no process can be started
    except OSError as error:
        os.write(2, f"the layers around a submission cannot be put on: {error}".encode())
    os._exit(1)


def _imported(wanted: Sequence[str], search: Sequence[str]) -> Libraries:
    """Import what submissions will import, and do everything once that is slow the first time."""
    sys.path[:] = search
    # What `site` does for students, without the files it would execute.
    site.setquit()
    site.setcopyright()
    site.sethelper()
    # tempfile finds its folder by writing, which no child can; some libraries ask for it while they are imported.
    tempfile.gettempdir()
    libraries = Libraries()
    with importing():
        for name in wanted:
            with contextlib.suppress(BaseException):
                importlib.import_module(name)
                if (first := _FIRST.get(name)) is not None:
                    first(sys.modules)
    libraries.imported()
    return libraries


def _numpy(modules: Any) -> None:
    numpy = modules["numpy"]
    a = numpy.random.default_rng(0).normal(size=(4, 4))
    numpy.linalg.solve(a @ a.T + numpy.eye(4), numpy.tanh(a)).sum()
    str(a)


def _torch(modules: Any) -> None:
    torch = modules["torch"]
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    a = torch.ones(4, 4, requires_grad=True)
    torch.tanh(a @ a).sum().backward()
    str(a.grad)


def _matplotlib(modules: Any) -> None:
    # Reads the system's fonts, for which it starts a thread; no child may start one.
    importlib.import_module("matplotlib.pyplot").figure()


_FIRST = {"numpy": _numpy, "torch": _torch, "matplotlib": _matplotlib}
