"""On Linux the child is two processes: the worker, and this one, which runs no student code and outlives the worker.
Whatever the worker leaves behind, daemons included, is reparented to the subreaper, which ends it.

The subreaper also limits how many processes the worker starts. A loop around `os.fork()` fills the process table of a
machine in a second; the kernel's own limit counts threads, and does not apply to root.

As it has run no student code, it can start another worker in place of one that it has ended: a run in a new process
then takes milliseconds instead of the seconds in which an interpreter imports torch.
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
from typing import Any, Protocol

MAX_PROCESSES = 256
"""Maximum number of processes below the subreaper at a time, including ended ones that are not reaped yet."""

TOO_MANY_STATUS = 79
"""The exit status of a subreaper that ended all processes because there were too many."""

COUNT_INTERVAL = 0.05
"""Seconds between two counts of the processes."""

PAUSE_PER_COUNT = 4
"""Counting may take at most one part in this many of the time between two counts."""

_COUNT_BYTES = 8
"""Bytes of the process count, in memory that all the processes share."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


_AWAITED = {signal.SIGCHLD, signal.SIGUSR1} if hasattr(signal, "sigtimedwait") else set[signal.Signals]()
"""Signals that the subreaper waits for, and that do nothing else there."""

END, ENDED = b"end", b"ended"
"""The grader's request to end the worker, which SIGUSR1 announces, and the answer once it and all that it had started
have ended."""

PIPES = 3
"""The descriptors that come with an order for another worker: frames of the grader, results, printed text."""


class Workers(Protocol):
    """Where the subreaper is told to end its worker and to start another one."""

    def asked_to_end(self) -> bool:
        """Whether the grader wants the worker to end."""

    def another(self) -> tuple[int, ...]:
        """Wait, after a worker has ended, until another one is asked for. Returns the descriptors that only it may
        hold."""


def fork_worker(private: tuple[int, ...], workers: Workers | None = None) -> None:
    """Fork the worker and return in it; the subreaper stays here until the worker has ended. Only on Linux; elsewhere
    one process, without a subreaper.

    `private` are descriptors that only the worker may hold, so that the grader notices when it closes them. With
    `workers`, another one may follow."""
    if sys.platform != "linux":
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    while not _forked(libc, private, workers):
        private = workers.another() if workers is not None else ()


def _forked(libc: Any, private: tuple[int, ...], workers: Workers | None) -> bool:
    """Fork a worker; whether this is it. In the subreaper, return when it was ended at the grader's request."""
    started = mmap(-1, _COUNT_BYTES)
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    worker = os.fork()
    # A process group of its own can be killed at once, without missing a fork that is under way. Parent and child both
    # set it, since either may run first.
    with contextlib.suppress(OSError):
        os.setpgid(worker, worker)
    if worker:
        for descriptor in private:
            os.close(descriptor)
        _supervise(worker, started, workers)
        return False
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    os.register_at_fork(before=lambda: _wait_for_a_count(started))
    return True


def _wait_for_a_count(started: mmap) -> None:
    """Called before each fork: between two counts, no more processes are started than may exist in all.

    Processes that increment at the same time may count one instead of two; the subreaper's own count is decisive."""
    while (count := int.from_bytes(started[:], "little")) > MAX_PROCESSES:
        time.sleep(COUNT_INTERVAL)
    started[:] = (count + 1).to_bytes(_COUNT_BYTES, "little")


def _supervise(worker: int, started: mmap, workers: Workers | None) -> None:
    """Exit when the worker has ended by itself; return when it was ended so that there can be another one."""

    def end(*_: object) -> None:
        _end_all(worker)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    pause = COUNT_INTERVAL
    while worker not in _reaped():
        told = signal.sigtimedwait(_AWAITED, pause)
        # A submission may send that signal too.
        if told is not None and told.si_signo == signal.SIGUSR1 and workers is not None and workers.asked_to_end():
            _end_all(worker)
            return
        began = time.thread_time()
        count = sum(1 for _ in islice(descendants(), MAX_PROCESSES + 1))
        if count > MAX_PROCESSES:
            _end_all(worker)
            os._exit(TOO_MANY_STATUS)
        started[:] = count.to_bytes(_COUNT_BYTES, "little")
        pause = max(COUNT_INTERVAL, PAUSE_PER_COUNT * (time.thread_time() - began))
    _end_all(worker)
    os._exit(0)


def _end_all(worker: int) -> None:
    """Kill all descendants, by group. The children of a killed process are reparented to this one, and found in the
    next round."""
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
        _reaped()
        time.sleep(pause)
        pause = min(2 * pause, 0.05)


def _group(process: int) -> int:
    """The process group; 0 where the process is gone."""
    with contextlib.suppress(OSError):
        return os.getpgid(process)
    return 0


def _reaped() -> set[int]:
    """Reap ended children; returns their pids."""
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
    """Children started by any thread of the process."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{thread}/children", "rb") as file:
                found += map(int, file.read().split())
    return found


def _by_parents() -> Iterator[int]:
    """For kernels that do not list children: find them by the parent pid of every process."""
    below: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{entry}/stat", "rb") as file:
                # The process name in brackets may contain anything, also spaces and brackets.
                below.setdefault(int(file.read().rpartition(b")")[2].split()[1]), []).append(int(entry))
    left = [os.getpid()]
    while left:
        children = below.get(left.pop(), [])
        yield from children
        left += children
