"""Processes that each work in a copy of the repository, forked from this one."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from time import monotonic

from faults import Fault


@dataclass(frozen=True, slots=True)
class Task:
    """What a process does, and after how many seconds it is ended; `fault` is put into its copy until then."""

    work: Callable[[], int]
    seconds: float
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A process with its task."""

    process: ForkProcess
    number: int
    home: Path
    end: float
    undo: Callable[[], None]

    def status(self) -> int | None:
        """The exit status of a process that has ended, or is ended now (None); its home is as before."""
        status = None if self.process.is_alive() else self.process.exitcode
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.join()
        shutil.rmtree(self.home / "tmp", ignore_errors=True)
        self.undo()
        return status


def forked(tasks: Sequence[Task], homes: Sequence[Path]) -> Iterator[tuple[int, int | None]]:
    """The number and exit status of each task (None: ended), as they end; as many run at once as there are homes."""
    free, waiting, running = list(homes), deque(enumerate(tasks)), list[Running]()
    try:
        while waiting or running:
            while waiting and free:
                running.append(_started(*waiting.popleft(), free.pop()))
            wait([one.process.sentinel for one in running], min(one.end for one in running) - monotonic())
            for one in [one for one in running if not one.process.is_alive() or monotonic() > one.end]:
                running.remove(one)
                status = one.status()
                free.append(one.home)
                yield one.number, status
    finally:
        for one in running:
            one.status()


def _started(number: int, task: Task, home: Path) -> Running:
    undo = _put(task.fault, home, number) if task.fault else lambda: None
    process = multiprocessing.get_context("fork").Process(target=_work_in, args=(home, task.work))
    process.start()
    return Running(process, number, home, monotonic() + task.seconds, undo)


def _put(fault: Fault, home: Path, number: int) -> Callable[[], None]:
    """Puts a fault into a copy, and returns what takes it out again."""
    file = home / fault.file
    before, changed = file.read_bytes(), file.stat().st_mtime
    _write(file, fault.text.encode(), number)  # times of their own: no bytecode of one is taken for that of another
    return partial(_write, file, before, changed)


def _write(file: Path, text: bytes, changed: float) -> None:
    file.write_bytes(text)
    os.utime(file, (changed, changed))


def _work_in(home: Path, work: Callable[[], int]) -> None:
    os.setsid()
    os.chdir(home)
    (home / "tmp").mkdir(mode=0o755)
    os.environ.update(PYTHONPATH=str(home), TMPDIR=str(home / "tmp"), PYTHONDONTWRITEBYTECODE="1")
    tempfile.tempdir, sys.dont_write_bytecode = None, True
    sys.path.insert(0, str(home))
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os._exit(work())
