"""The self-test: tries what no submission may do, in the place of a submission. If an attack succeeds, nothing is
graded."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import socket
from collections.abc import Callable
from typing import NoReturn

Attack = Callable[[str, int], object]


def run_selftest(forbidden: str, parent: int) -> NoReturn:
    """Write the name of every attack that succeeds, one per line, then `done`. `forbidden` is a file of the grader's,
    `parent` the pid of the fork server."""
    for name, attack in ATTACKS.items():
        try:
            succeeded = bool(attack(forbidden, parent))
        except (OSError, ValueError, RuntimeError, MemoryError):
            succeeded = False
        if succeeded:
            os.write(1, f"{name}\n".encode())
    os.write(1, b"done\n")
    os._exit(0)


def _read(forbidden: str, _: int) -> object:
    with open(forbidden, "rb") as file:
        return file.read()


def _look(forbidden: str, _: int) -> object:
    return os.stat(forbidden)


def _list(forbidden: str, _: int) -> object:
    return os.listdir(os.path.dirname(forbidden)) or os.listdir("/")


def _write(forbidden: str, _: int) -> object:
    for place in (os.getcwd(), os.environ.get("TMPDIR", "/tmp"), "/dev/shm", "/tmp"):
        path = os.path.join(place, f"selftest-{os.getpid()}")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
        with contextlib.suppress(OSError):
            os.unlink(path)
        return True
    return False


def _start(_: str, __: int) -> object:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return True


def _connect(_: str, __: int) -> object:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        return one.fileno() >= 0


def _reach(_: str, parent: int) -> object:
    """Reach another process: by a signal, its limits, its memory, its environment."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, parent, 0, 0) == 0:
        libc.ptrace(17, parent, 0, 0)
        return True
    try:
        resource.prlimit(parent, resource.RLIMIT_NOFILE)
    except OSError:
        pass
    else:
        return True
    try:
        os.kill(parent, 0)
    except OSError:
        with open(f"/proc/{parent}/environ", "rb") as file:
            return file.read(1) is not None
    return True


def _undo(_: str, __: int) -> object:
    """Exceed the limits: a namespace of its own, unlimited memory or CPU time, raised limits."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000) == 0:
        return True
    if resource.RLIM_INFINITY in (
        resource.getrlimit(resource.RLIMIT_AS)[1],
        resource.getrlimit(resource.RLIMIT_CPU)[1],
    ):
        return True
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard * 2))
    return True


ATTACKS: dict[str, Attack] = {
    "read a file of the grader's": _read,
    "see that a file of the grader's exists": _look,
    "list a folder": _list,
    "write a file": _write,
    "start a process": _start,
    "open a socket": _connect,
    "reach into another process": _reach,
    "go beyond its own limits": _undo,
}
"""Eight attacks, by what success would mean. Landlock alone does not hide that a file exists."""
