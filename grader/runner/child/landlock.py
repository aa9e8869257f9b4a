"""Landlock: a process gives up every file but those below some places, for reading only; and, where the kernel knows
how, TCP, signals to others and abstract sockets. No privilege is needed, and nothing of it can be taken back.
"""

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
"""All that the first version of Landlock can forbid."""

_SINCE = ((2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
"""REFER, TRUNCATE, IOCTL_DEV, and the version each came with."""

_TCP, _SCOPES = 0b11, 0b11

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version this kernel has; 0 where it has none, or it is switched off."""
    found = _libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return max(int(found), 0)


def ruleset(readable: Sequence[str], listable: Sequence[str] = ()) -> int:
    """The descriptor of a set of rules by which files can be read below `readable`, and folders be listed there and
    below `listable`; nothing else. Raises `OSError`."""
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
    """From now on, for this process and all it starts. Raises `OSError`."""
    _checked(_libc.syscall(_RESTRICT, rules, ctypes.c_uint32(0)))


def _allow(rules: int, path: str, of_file: int, of_folder: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there cannot be read
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
