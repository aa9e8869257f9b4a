"""Huge pages: a fork copies the page tables of the process, which are long with torch loaded."""

from __future__ import annotations

import contextlib
import ctypes

_MADV_COLLAPSE = 25
_HUGE = 2 * 1024 * 1024


def collapse() -> None:
    """Move the anonymous memory of this process into huge pages, where the kernel supports it (6.1)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with contextlib.suppress(OSError, ValueError), open("/proc/self/maps", encoding="ascii", errors="replace") as file:
        for line in file.read().splitlines():
            where, rights, _, _, inode = line.split()[:5]
            start, end = (int(bound, 16) for bound in where.split("-"))
            if rights.startswith("rw-p") and inode == "0" and end - start >= _HUGE:
                libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_COLLAPSE)
