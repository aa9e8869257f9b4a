"""The layers a forked child puts around itself before it reads any input from outside. None of them can be undone.

Their order matters: each needs something that the next one takes away.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from grader.runner.child import landlock

LAYERS = ("rlimits", "landlock", "seccomp")

PID_PLACEHOLDER = 0x5E1F5E1F
"""Placeholder in the filter for the pid of the child, which may send signals to itself only."""

MAX_CPU_SECONDS = 3600
"""CPU time of a child over all its runs, in case the grader's own limit is not enforced."""

MAX_DESCRIPTORS = 32
MAX_STACK_BYTES = 8 * 1024 * 1024

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_FILTER = 2

_libc = ctypes.CDLL(None if os.name == "posix" else "msvcrt", use_errno=True)


@dataclass(frozen=True, slots=True)
class Confinement:
    """The layers around a child: their names, the descriptor of its Landlock ruleset, and its seccomp program."""

    layers: Sequence[str]
    rules: int
    program: bytes


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(around: Confinement, parent: int, megabytes: int) -> None:
    """Put the layers on. Raises `OSError` where one fails; no code of a submission may run then."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise OSError("the fork server is gone")
    _prctl(_PR_SET_DUMPABLE, 0)
    if "rlimits" in around.layers:
        _limit(megabytes)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if "landlock" in around.layers:
        landlock.restrict(around.rules)
        os.close(around.rules)
    if "seccomp" in around.layers:
        _filter(around.program)


def _limit(megabytes: int) -> None:
    import resource  # this module is also imported where there is no such thing

    with open("/proc/self/statm", "rb") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    for what, most in (
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_AS, now + megabytes * 1024 * 1024),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, MAX_DESCRIPTORS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_STACK, MAX_STACK_BYTES),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _filter(program: bytes) -> None:
    own = program.replace(struct.pack("<I", PID_PLACEHOLDER), struct.pack("<I", os.getpid()))
    loaded = _Program(len(own) // 8, own)
    _prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(loaded))


def _prctl(option: int, first: int, second: int = 0) -> None:
    if _libc.prctl(option, ctypes.c_ulong(first), ctypes.c_ulong(second), ctypes.c_ulong(0), ctypes.c_ulong(0)) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
