"""How the command ends: with which exit status; by a signal, as an exception, so that cleanup runs."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

from grader.model import Result

ALL_RIGHT = 0
NOT_ALL_RIGHT = 1
UNREADABLE = 2
FAULT = 3
INTERRUPTED = 130


def status_of(result: Result) -> int:
    """The exit status for a graded submission. A submission that could not be graded does not count as wrong."""
    if result.score is None:
        return UNREADABLE
    return ALL_RIGHT if result.complete and result.first_error is None else NOT_ALL_RIGHT


_NAMES = ("SIGTERM", "SIGHUP")


class EndedBySignal(BaseException):
    """The command was ended by a signal, for which its exit `status` stands."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.status = 128 + number


def end_by_exception() -> None:
    """From now on, raise `EndedBySignal` at the first signal that would end the process. Those that follow do not
    disturb the cleanup."""
    for name in _NAMES:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    for name in _NAMES:
        other = getattr(signal, name, None)
        if other is not None and signal.getsignal(other) is _end:
            signal.signal(other, signal.SIG_IGN)
    raise EndedBySignal(number)


def end_process(status: int) -> NoReturn:
    """End this process with an exit status. All cleanup that was registered runs, but Python is not taken down module
    by module, which would be a tenth of a check."""
    try:
        if threading.active_count() == 1:  # Python itself waits for other threads
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    except (AttributeError, OSError, ValueError):  # Python reports streams that are closed or broken
        pass
    sys.exit(status)
