"""Batch grading on a dask.distributed cluster, by address or started on this machine. Each cluster worker keeps its own
fork servers.

Records are returned as bytes and stored in the local database as they arrive. If a worker dies, the scheduler gives its
job to another worker. A job that has killed several workers is retried on this machine at the end, alone.
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

from grader.batch.jobs import Record, from_line
from grader.batch.store import BatchJob
from grader.batch.worker_pool import Content, Orders, WorkerPool
from grader.errors import EnvironmentProblem, UsageError
from grader.exercise.types import Exercise
from grader.temp_folders import TempFolder, sweep

JOINING = 60
"""Seconds to wait for the first worker."""

SETTING_UP = 3
"""Number of attempts to set up the workers, since some may die meanwhile."""

RETURNING = 20
"""Seconds to wait for a replacement of a dead worker."""

UNDER_WAY = 8
"""Jobs in flight per worker: enough that no worker idles, few enough that memory use stays flat."""

_GONE = "the cluster's scheduler is gone; what was graded is kept, and the same command goes on"

CONNECTING = 15
"""Seconds to wait for the scheduler to answer."""

_HERE = re.compile(r"^local(?::(\d+))?$")


def is_here(address: str) -> bool:
    """Whether an address asks for a cluster on this machine: `local`, or `local:2` for two workers."""
    return _HERE.match(address) is not None


def connected(address: str, ending: ExitStack) -> Any:
    """Connect to the scheduler at `address`; `ending` closes the connection and what was started for it.

    Raises `UsageError`, and `EnvironmentProblem` if nothing answers there."""
    library = distributed()
    here = _HERE.match(address)
    if here is None and "://" not in address and ":" not in address:
        raise UsageError(f"{address!r} is no address of a cluster: tcp://host:8786 is one, and local:2.")
    try:
        target = address if here is None else _started_here(int(here[1] or os.cpu_count() or 1), ending)
        client = library.Client(target, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise EnvironmentProblem(f"no cluster answers at {address}: {error or type(error).__name__}") from None
    ending.callback(quietly, client.close, timeout=5)
    return client


def _started_here(workers: int, ending: ExitStack) -> Any:
    """Start a cluster on this machine. Its folders are removed with it, including those of killed workers."""
    from grader.batch.cluster_worker import cluster_here, end_workers

    scratch = TempFolder()
    ending.callback(sweep)
    ending.callback(lambda: scratch.close())  # the lambda keeps `scratch` alive until then
    ending.callback(end_workers)
    # Ctrl-C must reach only this process: it ends its own workers.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return ending.enter_context(cluster_here(max(1, workers), scratch.path))
    finally:
        signal.signal(signal.SIGINT, before)


def quietly(leave: Callable[..., object], *arguments: object, **options: object) -> None:
    """Call and ignore errors: the other side may already be gone."""
    with contextlib.suppress(Exception):  # of the library, about a connection of which nothing is known
        leave(*arguments, **options)


def distributed() -> Any:
    """The library. Raises `EnvironmentProblem` if it is not installed."""
    try:
        import distributed as library
    except ImportError:
        raise EnvironmentProblem(
            "grading on a cluster needs dask.distributed: install it with pip install 'grader[cluster]'"
        ) from None
    return library


class BatchCluster:
    """A connection to a cluster. Use as a context manager: leaving it cancels unfinished jobs."""

    def __init__(self, address: str, exercise: Exercise, orders: Orders) -> None:
        """Connect to the scheduler at `address`, or for `local:2` start two workers on this machine, ended with the
        batch.

        Raises `EnvironmentProblem` if the scheduler does not answer, has no workers or they cannot grade, and
        `UsageError`."""
        self._library = distributed()
        self._orders = orders
        self._bench = f"grader-{uuid.uuid4().hex}"
        with ExitStack() as ending:
            self._client = connected(address, ending)
            self._set_up(address, exercise, ending)
            self._ending = ending.pop_all()

    def __enter__(self) -> BatchCluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.close()

    def _set_up(self, address: str, exercise: Exercise, ending: ExitStack) -> None:
        from grader.batch import cluster_worker as there

        sent = there.parcel(exercise, self._orders.secrets, self._orders.mode)
        ending.callback(quietly, self._client.unregister_worker_plugin, self._bench)
        for attempt in range(1, SETTING_UP + 1):
            self._await_worker(address, JOINING if attempt == 1 else RETURNING)
            try:
                self._agreed(address, there.version_refused, sent.version)
                self._client.register_plugin(there.Bench(self._bench, sent, own=is_here(address)))
                self._agreed(address, there.set_up_refused, self._bench)
                return
            except OSError:  # a worker died; if something restarts workers, another one comes
                quietly(self._client.unregister_worker_plugin, self._bench)
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
        """Ask every worker why it cannot grade. Raises `EnvironmentProblem` if one gives a reason."""
        told = self._client.run(refused, asked)
        for where, why in told.items():
            if why:
                raise EnvironmentProblem(f"the cluster at {address} cannot grade: at {where} {why}")

    def _last_words(self) -> str:
        """How the last worker ended, if this process started the workers; for others refer to their logs."""
        cluster = self._client.cluster
        return (cluster.last_words if cluster is not None else "") or "the logs of the workers say why"

    def results(self, jobs: Sequence[BatchJob], content: Content) -> Iterator[Record]:
        """Yield a record per job in order of completion. Raises `EnvironmentProblem` if the scheduler is lost."""
        lost: list[BatchJob] = []
        try:
            yield from self._done(jobs, content, lost)
        except (OSError, TimeoutError) as error:
            raise EnvironmentProblem(f"{_GONE} ({error or type(error).__name__})") from None
        yield from self._alone(lost, content)

    def _done(self, jobs: Sequence[BatchJob], content: Content, lost: list[BatchJob]) -> Iterator[Record]:
        from grader.batch.cluster_worker import grade_there

        waiting = iter(jobs)
        running: dict[str, BatchJob] = {}
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
        """Maximum number of jobs in flight, from the current number of workers, which may change."""
        return UNDER_WAY * max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def _alone(self, lost: Sequence[BatchJob], content: Content) -> Iterator[Record]:
        if not lost:
            return
        with WorkerPool(self._orders, 1) as pool:
            yield from pool.results(lost, content)
