"""Gives up root privileges before any code of a submission is loaded."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

_PR_SET_KEEPCAPS = 8
_CAP_DAC_READ_SEARCH = 2
_VERSION_3 = 0x20080522

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
