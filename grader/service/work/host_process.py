"""The grading hosts of a server, as their workers see them: processes of this machine, or the workers of a
dask.distributed cluster, as for `grader batch --cluster`.

A worker of the cluster gets what a host gets: an exercise, its secret, the bytes of a file. It never learns where the
database is, nor any secret of the service.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any, Protocol

from grader.batch.cluster import connected, quietly
from grader.batch.isolation import children_for
from grader.batch.jobs import Bundle, Record, fault, from_line, grader_version, record_or_fault, to_line
from grader.batch.worker import READY
from grader.batch.worker_pool import asked, end_worker, greeted, set_up_worker, start_worker
from grader.model import Isolation
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.protocols import START_SECONDS
from grader.service.work import grading_host
from grader.service.work.grading_host import Host
from grader.service.work.task import GradingTask, told_of

DEADLINE = 600.0
"""Seconds after which a host that has not answered is ended: no exercise gives a submission so much time."""


_lock = threading.Lock()


class GradingHost(Protocol):
    """What grades one file after the other for a worker. Used by one thread; `kill` by any."""

    @property
    def pid(self) -> int | None:
        """Its process: with another one, everything is to be prepared anew. None if there is none now."""

    def start(self) -> bool:
        """Start it, if there is none, and wait until it can grade; False if it died before that."""

    def graded(self, task: GradingTask) -> Record | None:
        """The record of a task; None if the host died."""

    def kill(self) -> None:
        """End it at once, in the middle of its work."""

    def end(self) -> None:
        """End it and whatever it runs."""


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

    def start(self) -> bool:
        """Start the host, if there is none, and wait until it can grade; False if it died before that.

        Raises `IsolationMissing`."""
        if self.pid is not None:
            return True
        self.end()
        process = self._process = self._started()
        with _ended_after(START_SECONDS, process):
            well = greeted(process, READY)
        if not well:
            self.end()
        return well

    def graded(self, task: GradingTask) -> Record | None:
        """The record of a task; None if the host died. It has been started."""
        process = self._process
        if process is None:
            return None
        with _ended_after(DEADLINE, process):
            # Packed, so that no file that was handed in is taken for several.
            record = asked(process, told_of(task), Bundle(task.content).packed())
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
            end_worker(process)

    def _started(self) -> subprocess.Popen[bytes]:
        shared = None if self._pool is None else self._pool.shared()
        descriptors = () if shared is None else (shared["descriptor"],)
        process = start_worker(grading_host.COMMAND, descriptors, grading_host.environment())
        first = {"mode": self._isolation, "core": None, "preloader_pool": shared, "greets": True}
        set_up_worker(process, first)
        return process


@contextlib.contextmanager
def _ended_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a process that takes longer."""
    late = threading.Timer(seconds, process.kill)
    late.daemon = True
    late.start()
    try:
        yield
    finally:
        late.cancel()


class Cluster:
    """A connection to a cluster. Use as a context manager."""

    def __init__(self, address: str, isolation: Isolation) -> None:
        """`address` as for `grader batch --cluster`; `local:2` starts two workers here.

        Raises `EnvironmentProblem` if nothing answers there, and `UsageError`."""
        self.isolation = isolation
        with ExitStack() as ending:
            self.client = connected(address, ending)
            self._ending = ending.pop_all()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()


class ClusterHost:
    """A place in the cluster, for one thread: whichever worker is free grades the next file."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._future: Any = None

    @property
    def pid(self) -> int | None:
        """One number for all: there is no process here whose preparations could be lost."""
        return 0

    def start(self) -> bool:
        """Nothing is started for a place."""
        return True

    def graded(self, task: GradingTask) -> Record | None:
        """The record of a task; None if the workers died at it, or the cluster is gone."""
        told = {**told_of(task), "version": grader_version(), "mode": self._cluster.isolation}
        try:
            self._future = self._cluster.client.submit(
                grade_there, told, Bundle(task.content).packed(), pure=False, retries=0
            )
            return from_line(self._future.result(timeout=DEADLINE))
        except Exception:  # whatever the library raises for a worker, a scheduler or a connection that is gone
            return None
        finally:
            self.kill()

    def kill(self) -> None:
        """Give up what is being graded here."""
        future, self._future = self._future, None
        if future is not None:
            quietly(future.cancel)

    def end(self) -> None:
        """Nothing is left of a place."""
        self.kill()


def grade_there(told: dict[str, str], content: bytes) -> bytes:
    """Runs on a worker of the cluster: grade a file and return its record as a line."""
    mine = grader_version()
    if told["version"] != mine:
        return to_line(fault(told["work"], f"a machine that grades has grader {mine}, the server {told['version']}"))
    with _lock:
        return to_line(record_or_fault(told["work"], lambda: _host(told["mode"]).mark(told, content)))


@cache
def _host(mode: Isolation) -> Host:
    """What grades in this process, kept warm from one file to the next."""
    host = Host(children_for(mode))
    host.warm(())
    return host
