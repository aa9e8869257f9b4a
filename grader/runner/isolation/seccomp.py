"""The seccomp filter, compiled once by libseccomp in the grader's process; children only load it.

Loading takes a child 0.3 ms; compiling there would take 2 ms and need libseccomp where the submission runs.

The system calls a submission may make, some only with certain arguments. All others are refused with EPERM, which
Python turns into exceptions.

What is not listed is impossible, whatever machine code a submission executes: it cannot start another process or thread
(so there are no daemons, and a memory limit per process is enough), reach another process, send anything anywhere, or
create, rename or remove a file. Nor can two submissions signal to each other: they cannot learn which pages of a file
are in memory or wait at a shared page, and can read no clocks but those of the machine and their own.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from grader.runner.child.isolation_layers import PID_PLACEHOLDER


@dataclass(frozen=True, slots=True)
class CallRule:
    """An allowed call, where each of the listed arguments (numbered from 0) has the given value.

    Several rules for one call are alternatives."""

    call: str
    arguments: tuple[tuple[int, int], ...] = ()


_FILES = (
    "access chdir close close_range dup dup2 dup3 eventfd2 faccessat faccessat2 fchdir fstat fstatfs getcwd "
    "getdents64 lseek lstat newfstatat open openat openat2 pipe pipe2 pread64 preadv pwrite64 pwritev read readlink "
    "readlinkat readv stat statfs statx write writev"
)
_MEMORY = "brk membarrier mmap mprotect mremap msync munmap"
_SIGNALS = (
    "alarm getitimer pause restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend "
    "rt_sigtimedwait setitimer sigaltstack"
)
_TIME = "getrusage gettimeofday nanosleep time times"
_WAITING = "epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_wait poll ppoll pselect6 sched_yield select"
_ITSELF = (
    "arch_prctl exit exit_group get_robust_list getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid "
    "getpriority getrandom getresgid getresuid getrlimit getsid gettid getuid rseq sched_get_priority_max "
    "sched_get_priority_min sched_getaffinity sched_getparam sched_getscheduler set_robust_list set_tid_address "
    "uname"
)

_FCNTL = (0, 1, 2, 3, 4, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC: no owners, no locks, no leases."""

_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: whether something is a terminal, and the like."""

_PRCTL = (15, 16)
"""PR_SET_NAME, PR_GET_NAME."""

_CLOCKS = range(12)
"""Clocks of the machine, and of the process itself. Higher numbers are the clocks of every other process."""

_MADVISE = (0, 1, 2, 4, 8, 10, 11, 14, 15, 16, 17)
"""MADV_NORMAL to MADV_SEQUENTIAL, DONTNEED, FREE, DONTFORK, DOFORK, HUGEPAGE, NOHUGEPAGE, DONTDUMP, DODUMP: for its own
memory. None that reads a file ahead or drops pages of one, which other processes could detect."""

_FUTEX = tuple(128 | operation | clock for operation in range(14) for clock in (0, 256))
"""With FUTEX_PRIVATE_FLAG: without it, a process can wait for another, and wake it, at any page of a file that both can
read."""

_OWN_SIGNALS = (0, 1, 2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15)
"""What a process may send itself. Not SIGKILL: it would look like a kill by the grader or the machine."""

RULES: tuple[CallRule, ...] = (
    *(CallRule(call) for group in (_FILES, _MEMORY, _SIGNALS, _TIME, _WAITING, _ITSELF) for call in group.split()),
    *(CallRule("fcntl", ((1, command),)) for command in _FCNTL),
    *(CallRule("ioctl", ((1, command),)) for command in _IOCTL),
    *(CallRule("prctl", ((0, option),)) for option in _PRCTL),
    *(
        CallRule(call, ((0, clock),))
        for call in ("clock_getres", "clock_gettime", "clock_nanosleep")
        for clock in _CLOCKS
    ),
    *(CallRule("madvise", ((2, advice),)) for advice in _MADVISE),
    *(CallRule("futex", ((1, operation),)) for operation in _FUTEX),
    *(CallRule(call, ((5, 0),)) for call in ("preadv2", "pwritev2")),  # RWF_NOWAIT tells what is in memory
    CallRule("prlimit64", ((0, 0), (2, 0))),  # its own limits, and only to read them
    *(CallRule("kill", ((0, PID_PLACEHOLDER), (1, number))) for number in _OWN_SIGNALS),
    *(CallRule("tgkill", ((0, PID_PLACEHOLDER), (2, number))) for number in _OWN_SIGNALS),
)

MISSING = ("clone3",)
"""Calls reported as not existing (ENOSYS): the C library falls back to other calls, which are then refused."""


_LIBRARY = "libseccomp.so.2"
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_BAD_ARCHITECTURE, _OPTIMIZE = 2, 8
_AS_A_TREE = 2
_EQUAL = 4


class Unavailable(Exception):
    """libseccomp is missing, or it cannot make the filter."""


class _Comparison(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


_CONTEXT, _ACTION = ctypes.c_void_p, ctypes.c_uint32
_SIGNATURES = (
    ("seccomp_init", _ACTION),
    ("seccomp_attr_set", _CONTEXT, ctypes.c_int, ctypes.c_uint32),
    ("seccomp_syscall_resolve_name", ctypes.c_char_p),
    ("seccomp_rule_add_array", _CONTEXT, _ACTION, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(_Comparison)),
    ("seccomp_export_bpf", _CONTEXT, ctypes.c_int),
    ("seccomp_release", _CONTEXT),
)


@cache
def program(rules: tuple[CallRule, ...] = RULES, missing: tuple[str, ...] = MISSING) -> bytes:
    """The filter in the kernel's format: instructions of 8 bytes. Raises `Unavailable`."""
    library = _library()
    context = library.seccomp_init(_ERRNO | errno.EPERM)
    if not context:
        raise Unavailable("libseccomp gives no filter")
    try:
        # Other architectures number their calls differently: i386 and x32 calls would bypass the list.
        library.seccomp_attr_set(context, _BAD_ARCHITECTURE, _KILL_PROCESS)
        library.seccomp_attr_set(context, _OPTIMIZE, _AS_A_TREE)
        _add(library, context, _ALLOW, rules)
        _add(library, context, _ERRNO | errno.ENOSYS, map(CallRule, missing))
        return _exported(library, context)
    finally:
        library.seccomp_release(context)


def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(_LIBRARY, use_errno=True)
    except OSError as error:
        raise Unavailable(f"there is no {_LIBRARY}") from error
    for name, *arguments in _SIGNATURES:
        getattr(library, name).argtypes = arguments
    library.seccomp_init.restype = ctypes.c_void_p
    return library


def _add(library: ctypes.CDLL, context: int, action: int, rules: Iterable[CallRule]) -> None:
    for rule in rules:
        number = library.seccomp_syscall_resolve_name(rule.call.encode())
        if number < 0:
            continue  # this architecture has no such call
        made = (_Comparison * len(rule.arguments))(
            *(_Comparison(where, _EQUAL, value, 0) for where, value in rule.arguments)
        )
        done = library.seccomp_rule_add_array(context, action, number, len(rule.arguments), made)
        if done < 0:
            raise Unavailable(f"libseccomp refuses a rule for {rule.call}: {os.strerror(-done)}")


def _exported(library: ctypes.CDLL, context: int) -> bytes:
    with open(os.memfd_create("filter"), "w+b") as file:
        if library.seccomp_export_bpf(context, file.fileno()) < 0:
            raise Unavailable("libseccomp cannot write the filter out")
        file.seek(0)
        return file.read()
