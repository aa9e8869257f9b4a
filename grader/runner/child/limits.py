"""Limits the worker puts on itself; behind them are the grader's deadline and the subreaper."""

from __future__ import annotations

import contextlib
import signal
import time
from types import FrameType

WALL_FRACTION = 0.9
"""Fraction of the grader's wall-clock limit after which the run stops itself."""


class TimeLimit(BaseException):
    """The run has used its time. Not an `Exception`, so that a student's `except Exception` does not catch it."""


class Timer:
    """Raises `TimeLimit` in the running code once its CPU time, or its wall time, is used up.

    Use as a context manager where nothing may be raised.

    Raised again every tenth of a second, in case the code caught it; never while a frame is being sent. Without `wall`,
    wall time is left to the grader, which can tell waiting for a processor from idling."""

    def __init__(self, wall: bool = True) -> None:
        self._held = 0
        self._cpu = 0.0
        self._signals = [
            (getattr(signal, name), getattr(signal, timer))
            for name, timer in (("SIGPROF", "ITIMER_PROF"), ("SIGALRM", "ITIMER_REAL"))
            if hasattr(signal, name) and (wall or name == "SIGPROF")
        ]

    def __enter__(self) -> None:
        """Suppress `TimeLimit` in this block."""
        self._held += 1

    def __exit__(self, *_: object) -> None:
        self._held -= 1

    def start(self, cpu: float, wall: float) -> None:
        """Start with these limits, in seconds of CPU time and wall time."""
        self._cpu = time.process_time() + cpu
        for number, timer in self._signals:
            signal.signal(number, self._expired)
            signal.setitimer(timer, cpu if timer == signal.ITIMER_PROF else WALL_FRACTION * wall, 0.1)

    def stop(self) -> None:
        for _, timer in self._signals:
            signal.setitimer(timer, 0)

    def _expired(self, number: int, frame: FrameType | None) -> None:
        if self._held:
            return
        left = self._cpu - time.process_time()
        if number == getattr(signal, "SIGPROF", None) and left > 0:
            # This timer counts ticks, and counts too many on a busy machine.
            signal.setitimer(signal.ITIMER_PROF, max(left, 0.001), 0.1)
            return
        raise TimeLimit


def limit_memory(megabytes: int) -> None:
    """Limit the address space to its current size plus `megabytes`, and forbid core files. No effect where the system
    has no such limits."""
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
