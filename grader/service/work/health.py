"""Whether a server can do its work: asked by what watches it, and by whoever looks for a fault."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grader.service.store.migrate import out_of_date
from grader.service.work.background import Background
from grader.service.work.metrics import oldest_wait

LONGEST_WAIT = 300.0
"""Seconds that a job may wait before the server is said to be behind."""

LEAST_SPACE = 200 * 2**20
"""Bytes that have to be free."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of health: `words` say what is wrong, or what was seen."""

    name: str
    well: bool
    words: str


def signs(engine: Engine, background: Background, data: Path, now: datetime) -> Iterator[Sign]:
    """Every sign; with the database away there are none about the queue."""
    try:
        problem = out_of_date(engine)
        yield Sign("database", not problem, problem or "answers")
        with Session(engine) as session:
            waits = oldest_wait(session, now)
        yield Sign("queue", waits < LONGEST_WAIT, f"the oldest job has waited {waits:.0f} s")
    except DBAPIError as error:
        yield Sign("database", False, f"does not answer ({type(error.orig).__name__})")
    yield Sign("threads", background.alive, "all live" if background.alive else "some have ended: start it again")
    free = shutil.disk_usage(data).free
    yield Sign("disk", free > LEAST_SPACE, f"{free // 2**20} MiB are free")
