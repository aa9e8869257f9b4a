"""A cluster on this machine that nobody can speak with but this batch: certificates are made for it, and none of its
processes answers HTTP. The library opens such a server in each, dashboard or not, for whoever can reach the machine.
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
    """Starts a worker, and another in its place where it dies."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "worker_class": _Worker})
        self.exits: list[int] = []

    def _on_worker_exit_sync(self, exitcode: int) -> None:
        self.exits.append(exitcode)
        cast(Any, super())._on_worker_exit_sync(exitcode)


class ClusterHere(LocalCluster):
    """Use as a context manager."""

    async def _start(self) -> None:
        self.scheduler_spec["cls"] = _Scheduler
        await cast(Any, super())._start()

    @property
    def last_words(self) -> str:
        """How a worker ended that was not told to; "" where none did."""
        exits = [code for nanny in self.workers.values() for code in nanny.exits if code]
        if not exits:
            return ""
        return f"the last was ended by signal {-exits[-1]}" if exits[-1] < 0 else f"the last ended with {exits[-1]}"


def cluster_here(workers: int, folder: str) -> ClusterHere:
    """Of so many workers, which keep what they write below `folder`."""
    for name in ("distributed", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
    # Its folder is no other cluster's, and with locks in it, it would come back once it is removed.
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
    """Ends those that were only now being started as their cluster was closed."""
    for process in multiprocessing.active_children():
        process.kill()
        process.join(5)
