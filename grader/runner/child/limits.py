"""Limits the worker puts on itself. The grader's deadline and the subreaper stand behind them."""

from __future__ import annotations

import contextlib
import signal
import time
from types import FrameType

WALL = 0.9
"""Of the wall time after which the grader ends a run, the part after which the run is told so itself."""


class TimeLimit(BaseException):
    """The run has used its time. No `Exception`, so that a student's `except Exception` does not keep it."""


class Timer:
    """Raises `TimeLimit` in the running code once its CPU time, or its wall time, is used up.

    Use as a context manager where nothing may be raised.

    Raised again every tenth of a second, in case the code caught it; never while a frame is on its way. Without `wall`
    that clock is left to a grader who can tell waiting for a processor from idling."""

    def __init__(self, wall: bool = True) -> None:
        self._held = 0
        self._cpu = 0.0
        self._signals = [
            (getattr(signal, name), getattr(signal, timer))
            for name, timer in (("SIGPROF", "ITIMER_PROF"), ("SIGALRM", "ITIMER_REAL"))
            if hasattr(signal, name) and (wall or name == "SIGPROF")
        ]

    def __enter__(self) -> None:
        """Time may run out in here, but nothing is raised."""
        self._held += 1

    def __exit__(self, *_: object) -> None:
        self._held -= 1

    def start(self, cpu: float, wall: float) -> None:
        """From now on there are so many seconds, of CPU and of a clock."""
        self._cpu = time.process_time() + cpu
        for number, timer in self._signals:
            signal.signal(number, self._expired)
            signal.setitimer(timer, cpu if timer == signal.ITIMER_PROF else WALL * wall, 0.1)

    def stop(self) -> None:
        for _, timer in self._signals:
            signal.setitimer(timer, 0)

    def _expired(self, number: int, frame: FrameType | None) -> None:
        if self._held:
            return
        left = self._cpu - time.process_time()
        if number == getattr(signal, "SIGPROF", None) and left > 0:
            # This timer counts ticks, and on a busy machine too many of them.
            signal.setitimer(signal.ITIMER_PROF, max(left, 0.001), 0.1)
            return
        raise TimeLimit


def limit_memory(megabytes: int) -> None:
    """No more address space than now and `megabytes` on top; no core files. Nothing where the system has no limits."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError, IndexError), open("/proc/self/statm", "rb") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
        ceiling = now + megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
