"""The same work on many machines: a dask.distributed cluster. Each of its workers keeps zygotes of its own.

Records come back as bytes and go into the one database here, as they arrive. A worker that dies takes nothing along:
the scheduler gives its work to another, and what killed workers more than once is tried here at the end, alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from grader.batch.crew import Content, Crew, Orders
from grader.batch.record import Record, from_line
from grader.batch.store import Job
from grader.errors import EnvironmentProblem, UsageError
from grader.exercise.types import Exercise

CONNECTING = 15
"""Seconds the scheduler may take to answer."""

JOINING = 60
"""Seconds the first worker may take to join."""

UNDER_WAY = 8
"""Pieces of work under way per worker: enough that none waits, few enough that memory stays flat."""

_GONE = "the cluster's scheduler is gone; what was graded is kept, and the same command goes on"

_HERE = re.compile(r"^local(?::(\d+))?$")


class Cluster:
    """Use as a context manager: leaving it drops whatever was not done."""

    def __init__(self, address: str, exercise: Exercise, orders: Orders) -> None:
        """`address` is a scheduler's, or `local:2` for one of two workers on this machine, which ends with the batch.

        Raises `EnvironmentProblem` where it does not answer, has no workers, or they cannot grade, and `UsageError`."""
        self._library = _library()
        self._orders = orders
        self._bench = f"grader-{uuid.uuid4().hex}"
        with ExitStack() as ending:
            self._client = self._connected(address, ending)
            self._set_up(address, exercise, ending)
            self._ending = ending.pop_all()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def _connected(self, address: str, ending: ExitStack) -> Any:
        here = _HERE.match(address)
        if here is None and "://" not in address and ":" not in address:
            raise UsageError(f"{address!r} is no address of a cluster: tcp://host:8786 is one, and local:2.")
        try:
            target = address if here is None else ending.enter_context(self._here(int(here[1] or os.cpu_count() or 1)))
            client = self._library.Client(target, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise EnvironmentProblem(f"no cluster answers at {address}: {error or type(error).__name__}") from None
        ending.callback(_quietly, client.close, timeout=5)
        return client

    def _here(self, workers: int) -> Any:
        """A cluster on this machine. Whoever may speak to a scheduler may run anything as its user, so that nobody but
        us may: certificates are made for it, and it has no dashboard."""
        # Interrupting is for the process that was told to grade: workers, which are its own, end with it.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return self._library.LocalCluster(
                n_workers=max(1, workers), threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
                security=self._library.Security.temporary(), memory_limit=0, silence_logs="CRITICAL",
            )  # fmt: skip
        finally:
            signal.signal(signal.SIGINT, before)

    def _set_up(self, address: str, exercise: Exercise, ending: ExitStack) -> None:
        try:
            self._client.wait_for_workers(1, timeout=JOINING)
        except TimeoutError:
            raise EnvironmentProblem(
                f"the cluster at {address} has no workers: start some with `dask worker {address}`"
            ) from None
        from grader.batch.cluster_worker import Bench, parcel, version_refused

        sent = parcel(exercise, self._orders.secrets, self._orders.mode)
        try:
            told = self._client.run(version_refused, sent.version)
            refused = next(((where, why) for where, why in told.items() if why), None)
            if refused is None:
                self._client.register_plugin(Bench(self._bench, sent, own=_HERE.match(address) is not None))
        except Exception as error:  # whatever a worker without the grader raises
            raise EnvironmentProblem(
                f"the workers of the cluster at {address} cannot grade: {error}; each needs grader[cluster], in the "
                "same version as here"
            ) from None
        if refused is not None:
            raise EnvironmentProblem(f"the cluster at {address} cannot grade: at {refused[0]} {refused[1]}")
        ending.callback(_quietly, self._client.unregister_worker_plugin, self._bench)

    def results(self, jobs: Sequence[Job], content: Content) -> Iterator[Record]:
        """A record per job, as they are done. Raises `EnvironmentProblem` where the scheduler goes away."""
        lost: list[Job] = []
        try:
            yield from self._done(jobs, content, lost)
        except (OSError, TimeoutError) as error:
            raise EnvironmentProblem(f"{_GONE} ({error or type(error).__name__})") from None
        yield from self._alone(lost, content)

    def _done(self, jobs: Sequence[Job], content: Content, lost: list[Job]) -> Iterator[Record]:
        from grader.batch.cluster_worker import grade_there

        waiting = iter(jobs)
        running: dict[str, Job] = {}
        done = self._library.as_completed(loop=self._client.loop)

        def send() -> bool:
            job = next(waiting, None)
            if job is None:
                return False
            future = self._client.submit(
                grade_there, self._bench, job.work, job.student, job.file, content(job), pure=False, retries=2
            )
            running[future.key] = job
            done.add(future)
            return True

        while len(running) < self._room() and send():
            pass
        for future in done:
            job = running.pop(future.key)
            if future.status == "finished":
                yield from_line(future.result())
            elif self._client.status != "running":
                raise EnvironmentProblem(_GONE)
            else:
                lost.append(job)
            future.release()
            while len(running) < self._room() and send():
                pass

    def _room(self) -> int:
        """How much may be under way: workers come and go."""
        return UNDER_WAY * max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def _alone(self, lost: Sequence[Job], content: Content) -> Iterator[Record]:
        if not lost:
            return
        with Crew(self._orders, 1) as crew:
            yield from crew.results(lost, content)


def _quietly(leave: Callable[..., object], *arguments: object, **options: object) -> None:
    """The other side may be gone already, and then there is nothing to take leave of."""
    with contextlib.suppress(Exception):
        leave(*arguments, **options)


def _library() -> Any:
    try:
        import distributed
    except ImportError:
        raise EnvironmentProblem(
            "grading on a cluster needs dask.distributed: install it with pip install 'grader[cluster]'"
        ) from None
    return distributed
