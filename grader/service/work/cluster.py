"""Grading hosts on other machines: the workers of a dask.distributed cluster, as for `grader batch --cluster`.

A worker of the cluster gets what a host gets: an exercise, its secret, the bytes of a file. It never learns where the
database is, nor any secret of the service.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from functools import cache
from typing import Any

from grader.batch.cluster_connection import connected, quietly
from grader.batch.isolation import children_for
from grader.batch.jobs import Bundle, Record, fault, from_line, grader_version, record_of, to_line
from grader.errors import GraderError
from grader.model import Isolation
from grader.service.work.grading_host import Host
from grader.service.work.host_process import DEADLINE
from grader.service.work.task import GradingTask, told_of


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
    try:
        with _lock:
            result = _host(told["mode"]).mark(told, content)
        return to_line(record_of(told["work"], result))
    except GraderError as error:
        return to_line(fault(told["work"], str(error)))
    except Exception as error:  # any other error is a bug of the grader and must not affect the next submission
        return to_line(fault(told["work"], f"{type(error).__name__}: {error}"))


_lock = threading.Lock()


@cache
def _host(mode: Isolation) -> Host:
    """What grades in this process, kept warm from one file to the next."""
    host = Host(children_for(mode))
    host.warm(())
    return host
