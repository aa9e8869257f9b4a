"""Landlock: the process can from then on only read, and only files below given paths; where the kernel supports it, it
also loses TCP, signals to other processes and abstract sockets. Needs no privilege, and cannot be undone."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Sequence

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_FIRST = (1 << 13) - 1
"""All rights that the first version of Landlock can restrict."""

_SINCE = ((2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
"""REFER, TRUNCATE, IOCTL_DEV, with the version that introduced each."""

_TCP, _SCOPES = 0b11, 0b11

_libc = ctypes.CDLL(None if os.name == "posix" else "msvcrt", use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's Landlock version; 0 where it has none, or it is switched off."""
    found = _libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return max(int(found), 0)


def ruleset(readable: Sequence[str], listable: Sequence[str] = ()) -> int:
    """The descriptor of a ruleset that allows reading files below `readable`, and listing folders there and below
    `listable`; nothing else. Raises `OSError`."""
    known = version()
    files = _FIRST | sum(right for since, right in _SINCE if known >= since)
    attributes = _Ruleset(files, _TCP if known >= 4 else 0, _SCOPES if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    rules = _checked(_libc.syscall(_CREATE, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0)))
    for path in readable:
        _allow(rules, path, _READ_FILE, _READ_DIR)
    for path in listable:
        _allow(rules, path, 0, _READ_DIR)
    return rules


def restrict(rules: int) -> None:
    """Apply the rules to this process and everything it starts from now on. Raises `OSError`."""
    _checked(_libc.syscall(_RESTRICT, rules, ctypes.c_uint32(0)))


def _allow(rules: int, path: str, of_file: int, of_folder: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # a path that does not exist needs no rule
    try:
        allowed = of_file | (of_folder if stat.S_ISDIR(os.fstat(place).st_mode) else 0)
        if allowed:
            beneath = _Beneath(allowed, place)
            _checked(_libc.syscall(_ADD, rules, _PATH_BENEATH, ctypes.byref(beneath), ctypes.c_uint32(0)))
    finally:
        os.close(place)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
