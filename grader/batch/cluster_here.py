"""A cluster on this machine that only this batch can connect to: it uses temporary certificates, and none of its
processes serves HTTP. By default the library opens an HTTP server in each process, even without a dashboard, for anyone
who can reach the machine.
"""

from __future__ import annotations

import logging
import multiprocessing
from typing import Any, cast

import dask
from distributed import LocalCluster, Nanny, Scheduler, Security, Worker


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
