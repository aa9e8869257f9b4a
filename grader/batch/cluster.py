"""The same work on many machines: a dask.distributed cluster. Each of its workers keeps fork servers of its own.

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

from grader.batch.record import Record, from_line
from grader.batch.store import Job
from grader.batch.worker_pool import Content, Orders, WorkerPool
from grader.errors import EnvironmentProblem, UsageError
from grader.exercise.types import Exercise
from grader.temp_folders import TempFolder, sweep

CONNECTING = 15
"""Seconds the scheduler may take to answer."""

JOINING = 60
"""Seconds the first worker may take to join."""

SETTING_UP = 3
"""How often it is tried to set workers up, where some die meanwhile."""

RETURNING = 20
"""Seconds another may take to come where one has died."""

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
            target = address if here is None else self._here(int(here[1] or os.cpu_count() or 1), ending)
            client = self._library.Client(target, timeout=CONNECTING, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise EnvironmentProblem(f"no cluster answers at {address}: {error or type(error).__name__}") from None
        ending.callback(_quietly, client.close, timeout=5)
        return client

    def _here(self, workers: int, ending: ExitStack) -> Any:
        """A cluster on this machine, whose folders go with it, those of workers that were killed included."""
        from grader.batch.cluster_here import cluster_here, end_workers

        scratch = TempFolder()
        ending.callback(sweep)
        ending.callback(lambda: scratch.close())  # which has to be kept until then
        ending.callback(end_workers)
        # Interrupting is for the process that was told to grade: workers, which are its own, end with it.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return ending.enter_context(cluster_here(max(1, workers), scratch.path))
        finally:
            signal.signal(signal.SIGINT, before)

    def _set_up(self, address: str, exercise: Exercise, ending: ExitStack) -> None:
        from grader.batch import cluster_worker as there

        sent = there.parcel(exercise, self._orders.secrets, self._orders.mode)
        ending.callback(_quietly, self._client.unregister_worker_plugin, self._bench)
        for attempt in range(1, SETTING_UP + 1):
            self._await_worker(address, JOINING if attempt == 1 else RETURNING)
            try:
                self._agreed(address, there.version_refused, sent.version)
                self._client.register_plugin(there.Bench(self._bench, sent, own=_HERE.match(address) is not None))
                self._agreed(address, there.set_up_refused, self._bench)
                return
            except OSError:  # a worker is gone; where something starts workers, another comes
                _quietly(self._client.unregister_worker_plugin, self._bench)
                if attempt == SETTING_UP:
                    raise EnvironmentProblem(
                        f"the workers of the cluster at {address} die while they are being set up, {attempt} times of "
                        f"{attempt}: {self._last_words()}"
                    ) from None
            except EnvironmentProblem:
                raise
            except Exception as error:  # whatever a worker without the grader raises
                raise EnvironmentProblem(
                    f"the workers of the cluster at {address} cannot grade: {str(error) or type(error).__name__}; each "
                    "needs grader[cluster], in the same version as here"
                ) from None

    def _await_worker(self, address: str, seconds: int) -> None:
        try:
            self._client.wait_for_workers(1, timeout=seconds)
        except TimeoutError:
            raise EnvironmentProblem(
                f"the cluster at {address} has no workers: start some with `dask worker {address}`"
            ) from None

    def _agreed(self, address: str, refused: Callable[..., str], asked: str) -> None:
        """Asks every worker why it cannot grade. Raises `EnvironmentProblem` where one says so."""
        told = self._client.run(refused, asked)
        for where, why in told.items():
            if why:
                raise EnvironmentProblem(f"the cluster at {address} cannot grade: at {where} {why}")

    def _last_words(self) -> str:
        """How the last worker ended, where those are here that start them; others have logs."""
        cluster = self._client.cluster
        return (cluster.last_words if cluster is not None else "") or "the logs of the workers say why"

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
        with WorkerPool(self._orders, 1) as pool:
            yield from pool.results(lost, content)


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
