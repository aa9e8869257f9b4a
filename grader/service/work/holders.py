"""Who holds a lease: a process, named so that others on its machine can tell whether it still runs.

A process that was killed gives nothing back. The next one on the machine need not wait until its leases have run out,
if it is certain that nobody holds them any more; from elsewhere that cannot be seen, and then time decides."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from grader.service.store.tables import Job, Push

UNKNOWN = ""
"""The name of a process on a system that does not say enough about its processes."""


@cache
def _machine() -> str:
    """This start of this machine, and the numbering of processes in it: containers have one each."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}:{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return UNKNOWN


def own_name() -> str:
    """The name of this process, which no other one ever has."""
    began = _began(os.getpid())
    return f"{_machine()}:{os.getpid()}:{began}" if _machine() and began else UNKNOWN


def is_gone(name: str) -> bool:
    """Whether the process of this name certainly runs no more."""
    machine, _, process = name.rpartition(":")[0].rpartition(":")
    if not machine or machine != _machine():
        return False
    pid, began = int(process), name.rpartition(":")[2]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # somebody else's
    # The number may have gone to another process. One that may not be looked at is taken for the same.
    return _began(pid) not in ("", began)


def _began(pid: int) -> str:
    """When a process began, in ticks since the machine did; "" if that is not told, "ended" if nobody has asked how it
    ended."""
    try:
        # Its name stands before, in brackets, and may hold anything.
        told = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return "ended" if told[0] in "ZX" else told[19]
    except (OSError, IndexError):
        return ""


def taken_back(session: Session, table: type[Job] | type[Push]) -> int:
    """Queue again what is leased to processes that run no more; return how much that was."""
    held = session.scalars(select(table.worker).where(table.state == "leased").distinct()).all()
    gone = [name for name in held if name and is_gone(name)]
    # Whoever leased a row meanwhile stands in it by their own name.
    back = update(table).where(table.state == "leased", table.worker.in_(gone))
    done = session.execute(back.values(state="queued", worker=None, leased_until=None))
    assert isinstance(done, CursorResult)
    return done.rowcount
