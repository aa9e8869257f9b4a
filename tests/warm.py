"""Grading on zygotes kept warm, where they can be had: no test waits for an interpreter or for torch to be imported.

The verdicts are those of a plain process (`tests/hostile/test_legitimate.py`); tests of that mode itself call
`grader.check`.
"""

from __future__ import annotations

import atexit
from functools import cache, partial

import grader
from grader.errors import IsolationMissing
from grader.model import Result
from grader.runner.contract import Children
from grader.runner.nursery import Nursery
from grader.runner.process import Processes
from grader.runner.zygotes import Zygotes


@cache
def children() -> Children:
    """The children all tests of this process share."""
    try:
        zygotes = Zygotes(Nursery("portable"))
        zygotes.warm()
    except IsolationMissing:
        return Processes()
    atexit.register(zygotes.close)
    return zygotes


def check(*arguments: object, **options: object) -> Result:
    """As `grader.check`."""
    return partial(grader.check, children=children())(*arguments, **options)  # type: ignore[arg-type]
