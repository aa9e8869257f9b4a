"""On Linux the child is two processes: this one, which runs nothing of the student's and outlives it,
and the worker. Whatever the worker leaves behind, daemons included, becomes the subreaper's child and is ended by it.

The subreaper also counts what the worker starts. A loop around `os.fork()` fills the process table of a machine in a
second, and the kernel's own limit counts threads, and is none for root.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from itertools import islice
from mmap import mmap
from typing import NoReturn

MOST = 256
"""Processes below the subreaper at a time, those that have ended and that nobody has waited for included."""

FULL = 79
"""The exit status of a subreaper that ended all of them because there were more."""

LOOK = 0.05
"""Seconds between looks at how many there are."""

SHARE = 4
"""A look takes at most one part of so many of the time between two."""

_COUNT = 8
"""Bytes of the number of processes, in memory that all of them share."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def fork_worker(private: tuple[int, ...]) -> None:
    """Returns in the worker; the subreaper stays here until that has ended. Not on Linux: one process, no subreaper.

    `private` are descriptors only the worker may hold, so that the grader sees their end."""
    if sys.platform != "linux":
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    started = mmap(-1, _COUNT)
    worker = os.fork()
    # A group of its own, so that all of it can be ended at once: no fork that is under way in it escapes. Each of the
    # two does it, as nobody knows which of them is first.
    with contextlib.suppress(OSError):
        os.setpgid(worker, worker)
    if worker:
        for descriptor in private:
            os.close(descriptor)
        _keep(worker, started)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.register_at_fork(before=lambda: _wait_for_a_look(started))


def _wait_for_a_look(started: mmap) -> None:
    """In whatever is about to fork: between two looks no more are started than there may be at all.

    Processes that count at once may count one instead of two; what counts is what the subreaper sees."""
    while (count := int.from_bytes(started[:], "little")) > MOST:
        time.sleep(LOOK)
    started[:] = (count + 1).to_bytes(_COUNT, "little")


def _keep(worker: int, started: mmap) -> NoReturn:
    def end(*_: object) -> None:
        _end_all(worker)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    pause = LOOK
    while worker not in _buried():
        signal.sigtimedwait({signal.SIGCHLD}, pause)
        began = time.thread_time()
        count = sum(1 for _ in islice(descendants(), MOST + 1))
        if count > MOST:
            _end_all(worker)
            os._exit(FULL)
        started[:] = count.to_bytes(_COUNT, "little")
        pause = max(LOOK, SHARE * (time.thread_time() - began))
    _end_all(worker)
    os._exit(0)


def _end_all(worker: int) -> None:
    """Ends every descendant, in groups: what an ended one leaves becomes ours, and is found in the next round."""
    with contextlib.suppress(OSError):
        os.killpg(worker, signal.SIGKILL)
    pause = 0.001
    while found := list(descendants()):
        for group in set(map(_group, found)) - {os.getpgrp(), 0}:
            with contextlib.suppress(OSError):
                os.killpg(group, signal.SIGKILL)
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        _buried()
        time.sleep(pause)
        pause = min(2 * pause, 0.05)


def _group(process: int) -> int:
    """0 where it is gone."""
    with contextlib.suppress(OSError):
        return os.getpgid(process)
    return 0


def _buried() -> set[int]:
    """Children that have ended, and are gone for good now."""
    found: set[int] = set()
    with contextlib.suppress(ChildProcessError):
        while (process := os.waitpid(-1, os.WNOHANG)[0]) > 0:
            found.add(process)
    return found


def descendants() -> Iterator[int]:
    """Every process below this one, parents before their children."""
    if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
        yield from _by_parents()
        return
    left = [os.getpid()]
    while left:
        for child in _children(left.pop()):
            yield child
            left.append(child)


def _children(process: int) -> list[int]:
    """Those that any thread of it has started."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    return found


def _by_parents() -> Iterator[int]:
    """Where the kernel does not list children: whoever says that one of them is its parent."""
    below: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{entry}/stat", "rb") as file:
                # The name in brackets may hold anything, spaces and brackets included.
                below.setdefault(int(file.read().rpartition(b")")[2].split()[1]), []).append(int(entry))
    left = [os.getpid()]
    while left:
        children = below.get(left.pop(), [])
        yield from children
        left += children
