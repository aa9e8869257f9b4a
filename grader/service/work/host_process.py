"""The grading hosts of a server, as their workers see them."""

from __future__ import annotations

import contextlib
import subprocess
import threading

from grader.batch import worker_process
from grader.batch.bundle import Bundle
from grader.batch.record import Record
from grader.model import Isolation
from grader.runner.preloader_pool import PreloaderPool
from grader.service.work import grading_host
from grader.service.work.task import Task

DEADLINE = 600.0
"""Seconds after which a host that has not answered is ended: no exercise gives a submission so much time."""


class HostProcess:
    """A host, started when it is first asked and again after it died. Used by one thread; `kill` by any."""

    def __init__(self, isolation: Isolation, pool: PreloaderPool | None) -> None:
        """`pool`: where the processes of submissions come from, shared by all hosts; None in mode `process`."""
        self._isolation = isolation
        self._pool = pool
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process of the host; None if there is none now."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def start(self) -> None:
        """Start the host in advance, if there is none."""
        if self.pid is None:
            self.end()
            self._process = self._started()

    def graded(self, task: Task) -> Record | None:
        """The record of a task; None if the host died. Raises `IsolationMissing`."""
        if self._process is None:
            self._process = self._started()
        process = self._process
        told = {"work": str(task.job_id), "student": task.student, "file": task.file, "exercise": task.exercise,
                "secret": task.secret}  # fmt: skip
        late = threading.Timer(DEADLINE, process.kill)
        late.daemon = True
        late.start()
        try:
            # Packed, so that no file that was handed in is taken for several.
            record = worker_process.asked(process, told, Bundle(task.content).packed())
        finally:
            late.cancel()
        if record is None:
            self.end()
        return record

    def kill(self) -> None:
        """End the host at once, in the middle of its work."""
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()

    def end(self) -> None:
        """End the host and whatever it runs."""
        process, self._process = self._process, None
        if process is not None:
            worker_process.end(process)

    def _started(self) -> subprocess.Popen[bytes]:
        shared = None if self._pool is None else self._pool.shared()
        descriptors = () if shared is None else (shared["descriptor"],)
        process = worker_process.run(grading_host.COMMAND, descriptors, grading_host.environment())
        worker_process.begin(process, {"mode": self._isolation, "core": None, "preloader_pool": shared})
        return process
