"""Gives up privileges before any code of a submission is loaded: those of root, and writable file systems.

A fork server and its children have every file system read-only. Otherwise reading a file would change its access time,
by which one submission could signal to another. bubblewrap does this itself; this is for running without."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

_PR_SET_KEEPCAPS = 8
_CAP_DAC_READ_SEARCH = 2
_VERSION_3 = 0x20080522

_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000
_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
_RDONLY = 1

_libc = ctypes.CDLL(None, use_errno=True)


def drop(uid: int, readable: Sequence[str]) -> None:
    """Switch to user `uid`, without capabilities.

    One exception: where the interpreter lies in a folder that only root may enter, the capability to read is kept,
    without which no further module could be imported. Landlock then restricts what may be read. Raises `OSError`."""
    there = [path for path in readable if os.path.exists(path)]
    _libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    keep(0 if all(os.access(path, os.R_OK) for path in there) else 1 << _CAP_DAC_READ_SEARCH)


def keep(kept: int) -> None:
    """Drop all capabilities except `kept`, a bit mask. Raises `OSError`."""
    header = struct.pack("<Ii", _VERSION_3, 0)
    data = struct.pack("<IIIIII", kept, kept, 0, 0, 0, 0)
    if _libc.capset(header, data) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("users", ctypes.c_uint64),
    )


def close_mounts() -> bool:
    """Make all mounts read-only; returns whether that worked. It fails where the system does not allow a process mounts
    of its own (in a container).

    This process must have one thread; if it is not root, it is in a user namespace of its own afterwards."""
    if _libc.unshare(_NEW_MOUNTS) == 0:
        return _read_only()
    uid, gid = os.getuid(), os.getgid()
    if _libc.unshare(_NEW_MOUNTS | _NEW_USERS) < 0:
        return False
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "wb") as file:
                file.write(text.encode())
    finally:
        done = _read_only()
        keep(0)
    return done


def _read_only() -> bool:
    wanted = _Attributes(_RDONLY, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    return int(_libc.syscall(_MOUNT_SETATTR, -1, b"/", _AT_RECURSIVE, ctypes.byref(wanted), size)) == 0
