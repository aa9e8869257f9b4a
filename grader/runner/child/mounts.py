"""Makes every file system read-only for a fork server and its children. Otherwise reading a file would change its
access time, by which one submission could signal to another. bubblewrap does this itself; this is for running
without."""

from __future__ import annotations

import ctypes
import os

from grader.runner.child import privilege

_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000
_MOUNT_SETATTR = 442
_AT_RECURSIVE = 0x8000
_RDONLY = 1

_libc = ctypes.CDLL(None, use_errno=True)


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("users", ctypes.c_uint64),
    )


def close() -> bool:
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
        privilege.keep(0)
    return done


def _read_only() -> bool:
    wanted = _Attributes(_RDONLY, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    return int(_libc.syscall(_MOUNT_SETATTR, -1, b"/", _AT_RECURSIVE, ctypes.byref(wanted), size)) == 0
