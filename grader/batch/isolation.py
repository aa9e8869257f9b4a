"""Choose the isolation of a batch: never weaker than requested, and never weak without an explicit option."""

from __future__ import annotations

from grader.errors import IsolationMissing, UsageError
from grader.model import Isolation
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation.modes import Confined
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.process import Processes, unlimited
from grader.runner.protocols import Children


def isolation_for(wanted: str | None, trusted: bool) -> Isolation:
    """The isolation mode to run in: the requested one, otherwise the strictest that works on this machine.

    Raises `IsolationMissing` if none works, and `UsageError` if `process` is requested without accepting its risk."""
    if wanted == "process" and not trusted:
        raise UsageError(
            "As `process` every submission can read and change whatever you can, classmates' files and this batch's "
            "results included; if you trust all who wrote them, say so with --i-trust-these-files." + unlimited()
        )
    if wanted == "process":
        return "process"
    if wanted is not None:
        chosen: Confined = "strict" if wanted == "strict" else "portable"
        _try(chosen)
        return chosen
    try:
        _try("strict")
    except IsolationMissing:
        _try("portable")
        return "portable"
    return "strict"


def _try(mode: Confined) -> None:
    """Start the isolation once and run the attacks it must withstand. Raises `IsolationMissing`."""
    with PreloaderPool(mode) as preloader_pool:
        preloader_pool.fork_server(()).close()


def children_for(mode: Isolation) -> Children:
    """The source of child processes for an isolation mode."""
    return Processes() if mode == "process" else ForkServers(PreloaderPool(mode))
