"""Choose the isolation of a batch: never weaker than requested, and never weak without an explicit option."""

from __future__ import annotations

from dataclasses import dataclass

from grader.errors import IsolationMissing, UsageError
from grader.model import Isolation
from grader.runner.fork_servers import ForkServers
from grader.runner.isolation.modes import Confined, system_can_isolate
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.process import Processes, unlimited
from grader.runner.protocols import Children


@dataclass(frozen=True, slots=True)
class IsolationChoice:
    """The isolation mode to run in, and a sentence that says it if it was not requested, but chosen."""

    mode: Isolation
    told: str = ""


def needs_trust(wanted: str | None) -> bool:
    """Whether submissions will run with the rights of the caller: as requested, or because this system has no other
    mode."""
    return wanted == "process" or (wanted is None and not system_can_isolate())


def risk() -> str:
    """What mode `process` does not promise."""
    return (
        "In mode `process` every submission can read and change whatever you can, also classmates' files and the "
        "results of this batch." + unlimited()
    )


def isolation_for(wanted: str | None, trusted: bool, allowed_by: str = "--i-trust-these-files") -> IsolationChoice:
    """The isolation mode to run in: the requested one, otherwise the strictest that works on this machine. `allowed_by`
    is the option that accepts the risk of `process`.

    Raises `IsolationMissing` if none works, and `UsageError` if it is `process` and its risk is not accepted."""
    if needs_trust(wanted):
        only = "" if wanted else "This system can keep submissions apart in no other mode than `process`. "
        if not trusted:
            raise UsageError(f"{only}{risk()} If you trust all who wrote them, say so with {allowed_by}.")
        return IsolationChoice(
            "process", "" if wanted else "isolation: process, which keeps nothing apart: this system has no other"
        )
    if wanted is not None:
        chosen: Confined = "strict" if wanted == "strict" else "portable"
        _try(chosen)
        return IsolationChoice(chosen)
    try:
        _try("strict")
    except IsolationMissing as missing:
        _try("portable")
        return IsolationChoice("portable", f"isolation: portable, since strict does not work here: {missing}")
    return IsolationChoice("strict", "isolation: strict, the default where it works")


def _try(mode: Confined) -> None:
    """Start the isolation once and run the attacks it must withstand. Raises `IsolationMissing`."""
    with PreloaderPool(mode) as preloader_pool:
        preloader_pool.fork_server(()).close()


def children_for(mode: Isolation) -> Children:
    """The source of child processes for an isolation mode."""
    return Processes() if mode == "process" else ForkServers(PreloaderPool(mode))
