"""Grading on warm fork servers, where there can be some: no test waits for an interpreter or for torch to be imported.

The verdicts are those of a plain process (`tests/hostile/test_legitimate.py`); tests of that mode itself call
`grader.check`.
"""

from __future__ import annotations

import atexit
from functools import cache, partial

import grader
from grader.errors import IsolationMissing
from grader.model import Result
from grader.runner.fork_servers import ForkServers
from grader.runner.preloader_pool import PreloaderPool
from grader.runner.process import Processes
from grader.runner.protocols import Children


@cache
def children() -> Children:
    """The children all tests of this process share."""
    try:
        fork_servers = ForkServers(PreloaderPool("portable"))
        fork_servers.warm()
    except IsolationMissing:
        return Processes()
    atexit.register(fork_servers.close)
    return fork_servers


def check(*arguments: object, **options: object) -> Result:
    """As `grader.check`."""
    return partial(grader.check, children=children())(*arguments, **options)  # type: ignore[arg-type]
