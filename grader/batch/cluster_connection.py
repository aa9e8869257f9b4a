"""A connection to a dask.distributed cluster, or to one that is started on this machine.

A cluster on this machine that only this batch can connect to: it uses temporary certificates, and none of its
processes serves HTTP. By default the library opens an HTTP server in each process, even without a dashboard, for anyone
who can reach the machine.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import re
import signal
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, cast

import dask
from distributed import LocalCluster, Nanny, Scheduler, Security, Worker

from grader.errors import EnvironmentProblem, UsageError
from grader.temp_folders import TempFolder, sweep


class _Scheduler(Scheduler):
    def start_http_server(self, *_: object, **__: object) -> None:
        pass


class _Worker(Worker):
    def start_http_server(self, *_: object, **__: object) -> None:
        pass


class _Nanny(Nanny):
    """Starts a worker, and restarts it if it dies."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "worker_class": _Worker})
        self.exits: list[int] = []

    def _on_worker_exit_sync(self, exitcode: int) -> None:
        self.exits.append(exitcode)
        cast(Any, super())._on_worker_exit_sync(exitcode)


class ClusterHere(LocalCluster):
    """A cluster on this machine. Use as a context manager."""

    async def _start(self) -> None:
        self.scheduler_spec["cls"] = _Scheduler
        await cast(Any, super())._start()

    @property
    def last_words(self) -> str:
        """How a worker ended unexpectedly; "" if none did."""
        exits = [code for nanny in self.workers.values() for code in nanny.exits if code]
        if not exits:
            return ""
        return f"the last was ended by signal {-exits[-1]}" if exits[-1] < 0 else f"the last ended with {exits[-1]}"


def cluster_here(workers: int, folder: str) -> ClusterHere:
    """Create a cluster with this number of workers, which write only below `folder`."""
    for name in ("distributed", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # errors are reported once, by the grader itself
    # No other cluster uses this folder; lock files would recreate it after its removal.
    dask.config.set({"temporary-directory": folder, "distributed.worker.use-file-locking": False})
    made: ClusterHere = cast(Any, ClusterHere)(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        worker_class=_Nanny,
        security=cast(Any, Security).temporary(),
        memory_limit=0,
        silence_logs="CRITICAL",
    )
    return made


def end_workers() -> None:
    """Kill workers that were still starting when their cluster was closed."""
    for process in multiprocessing.active_children():
        process.kill()
        process.join(5)


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
    with contextlib.suppress(Exception):
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
