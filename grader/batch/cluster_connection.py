"""A connection to a dask.distributed cluster, or to one that is started on this machine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from grader.errors import EnvironmentProblem, UsageError
from grader.temp_folders import TempFolder, sweep

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
    from grader.batch.cluster_here import cluster_here, end_workers

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
