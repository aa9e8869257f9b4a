"""The seccomp filter, compiled once by libseccomp in the grader's process; children only load it.

Loading takes a child 0.3 ms; compiling there would take 2 ms and need libseccomp where the submission runs.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable
from functools import cache

from grader.runner.isolation.syscalls import MISSING, RULES, Rule

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
def program(rules: tuple[Rule, ...] = RULES, missing: tuple[str, ...] = MISSING) -> bytes:
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
        _add(library, context, _ERRNO | errno.ENOSYS, map(Rule, missing))
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


def _add(library: ctypes.CDLL, context: int, action: int, rules: Iterable[Rule]) -> None:
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
