"""The queue of attempts to be graded: a table; and who holds a lease in it: a process, named so that others on its
machine can tell whether it still runs.

A process that was killed gives nothing back. The next one on the machine need not wait until its leases have run
out, if it is certain that nobody holds them any more; from elsewhere that cannot be seen, and then time decides.

A job is leased for some seconds, and whoever holds the latest lease may finish it. A lease that is not extended runs
out, and the next worker takes the job: a worker that died loses nothing, and what a worker says whose lease was lost
counts for nothing. So every attempt gets one outcome."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import ColumnElement, CursorResult, Update, and_, func, or_, select, update
from sqlalchemy.orm import Session

from grader import __version__
from grader.errors import UsageError
from grader.service.store.tables import Attempt, Job, Outcome, Push, Regrade

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


DEATHS = 3
"""A job at which so many grading processes ended, or could not grade it, is tried no more."""

MAX_LEASES = 10
"""Nor is one that was leased so often: it may end whole servers."""

MAX_WAITING = 20
"""At most so many attempts of one user wait at a time."""

REGRADES = 1000
"""Added to the rank of attempts that are graded again: what students hand in meanwhile goes first."""

ENDED = (
    "The process that graded this file ended, each time it was tried. That is no verdict on it: nothing was taken off. "
    "Your instructor can have it graded again."
)
"""Shown to the student."""


class TooManyWaiting(UsageError):
    """A user has too many attempts waiting to hand in another one."""


def queued(session: Session, attempt: Attempt, now: datetime, regrade: Regrade | None = None) -> Job:
    """The job of an attempt (of a regrade: for that regrade), which is queued if there is none.

    Raises `TooManyWaiting`."""
    session.flush()
    # Whoever else queues jobs of this attempt, or finishes some, comes before or after.
    session.execute(select(Attempt.id).where(Attempt.id == attempt.id).with_for_update())
    own = Job.regrade_id.is_(None) if regrade is None else Job.regrade_id == regrade.id
    known = session.scalar(select(Job).where(Job.attempt_id == attempt.id, own).order_by(Job.id.desc()).limit(1))
    if known is not None:
        return known
    waiting = waiting_of(session, attempt.user_id)
    if regrade is None and waiting >= MAX_WAITING:
        raise TooManyWaiting(f"{waiting} of your files are still waiting to be graded. Wait until some are.")
    job = Job(
        attempt_id=attempt.id,
        user_id=attempt.user_id,
        regrade_id=None if regrade is None else regrade.id,
        state="queued",
        rank=waiting if regrade is None else REGRADES + waiting,
        queued_at=now,
        lease=0,
        tries=0,
        deaths=0,
    )
    session.add(job)
    session.flush()
    return job


def waiting_of(session: Session, user_id: int) -> int:
    """How many attempts of a user wait to be graded or are being graded, without those that are graded again."""
    found = select(func.count()).where(Job.user_id == user_id, _UNFINISHED, Job.regrade_id.is_(None))
    return session.scalar(found) or 0


def ahead_of(session: Session, job: Job) -> int:
    """How many jobs go before a queued one."""
    first = or_(Job.rank < job.rank, and_(Job.rank == job.rank, Job.id < job.id))
    return session.scalar(select(func.count()).where(Job.state == "queued", first)) or 0


def is_due(session: Session, now: datetime) -> bool:
    """Whether a worker would find a job; takes no lock."""
    return session.scalar(select(Job.id).where(_due(now)).limit(1)) is not None


def leased(session: Session, worker: str, seconds: float, now: datetime) -> Job | None:
    """The next job, leased to `worker` for some seconds from `now`; None if there is none.

    `job.lease` is what proves later that the lease is still held. Jobs that were tried too often fail on the way."""
    while True:
        found = session.execute(
            select(Job.id, Job.lease, Job.tries)
            .where(_due(now))
            .order_by(Job.rank, Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if found is None:
            return None
        if found.tries >= MAX_LEASES:
            job = session.get_one(Job, found.id)
            _failed(session, job, now)
            continue
        taken = update(Job).where(Job.id == found.id, Job.lease == found.lease, _due(now))
        if _changed(
            session,
            taken.values(
                state="leased",
                worker=worker,
                lease=found.lease + 1,
                tries=found.tries + 1,
                leased_until=now + timedelta(seconds=seconds),
            ),
        ):
            return session.get_one(Job, found.id, populate_existing=True)


def extended(session: Session, job_id: int, lease: int, seconds: float, now: datetime) -> bool:
    """Hold a lease for some seconds from `now`; False if it was lost, and the work is in vain."""
    return _changed(session, _held(job_id, lease).values(leased_until=now + timedelta(seconds=seconds)))


def returned(session: Session, job_id: int, lease: int) -> bool:
    """Give a job back, untried: the worker is being stopped. False if the lease was lost."""
    back = {"state": "queued", "leased_until": None, "worker": None, "tries": Job.tries - 1}
    return _changed(session, _held(job_id, lease).values(back))


def died(session: Session, job_id: int, lease: int, now: datetime) -> bool:
    """The grading process ended at this job, which is tried again, or fails: then its outcome is a fault, never a 0.

    False if the lease was lost."""
    if put_behind(session, job_id, lease):
        return True
    if not _changed(session, _held(job_id, lease).values(deaths=Job.deaths + 1)):
        return False
    _failed(session, session.get_one(Job, job_id, populate_existing=True), now)
    return True


def put_behind(session: Session, job_id: int, lease: int) -> bool:
    """Try a job again that came to nothing through a fault of ours, after what others have waiting.

    What ends one process after the other, such as memory that is short, or what keeps them from grading, may pass
    meanwhile; and it meets another file first, so that no file is blamed for it. False if the lease was lost, or the
    job was tried often enough."""
    back = {"state": "queued", "leased_until": None, "worker": None, "deaths": Job.deaths + 1, "rank": Job.rank + 1}
    return _changed(session, _held(job_id, lease).where(Job.deaths < DEATHS - 1).values(back))


def finished(session: Session, job_id: int, lease: int, outcome: Outcome) -> bool:
    """Store what grading gave, if this lease is still held; False if it was lost, and then nothing is stored.

    The outcome of an attempt becomes its current one; that of a regrade is a preview."""
    if not _changed(session, _held(job_id, lease).values(state="done", leased_until=None, done_at=outcome.graded_at)):
        return False
    _store(session, session.get_one(Job, job_id, populate_existing=True), outcome)
    return True


def again(session: Session, job: Job, now: datetime) -> None:
    """Queue a job that has failed once more, at an instructor's request. Any other is left alone."""
    once_more = {"state": "queued", "tries": 0, "deaths": 0, "queued_at": now, "done_at": None, "leased_until": None}
    _changed(session, update(Job).where(Job.id == job.id, Job.state == "failed").values(once_more))
    session.refresh(job)


def make_current(session: Session, outcome: Outcome) -> None:
    """Let this outcome be the one that counts for its attempt, and no other."""
    session.flush()
    session.execute(select(Attempt.id).where(Attempt.id == outcome.attempt_id).with_for_update())
    others = update(Outcome).where(Outcome.attempt_id == outcome.attempt_id, Outcome.current, Outcome.id != outcome.id)
    session.execute(others.values(current=False))
    outcome.current = True
    session.flush()


_UNFINISHED = Job.state.in_(("queued", "leased"))


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(Job.state == "queued", and_(Job.state == "leased", Job.leased_until < now))


def _held(job_id: int, lease: int) -> Update:
    return update(Job).where(Job.id == job_id, Job.lease == lease, Job.state == "leased")


def _changed(session: Session, change: Update) -> bool:
    done = session.execute(change.execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    return done.rowcount == 1


def _failed(session: Session, job: Job, now: datetime) -> None:
    job.state, job.leased_until, job.done_at = "failed", None, now
    _store(session, job, Outcome(status="fault", message=ENDED, version=__version__, graded_at=now))


def _store(session: Session, job: Job, outcome: Outcome) -> None:
    outcome.attempt_id, outcome.regrade_id = job.attempt_id, job.regrade_id
    outcome.current = False
    session.add(outcome)
    session.flush()
    if job.regrade_id is None:
        make_current(session, outcome)
    else:
        _complete(session, job.regrade_id)


def _complete(session: Session, regrade_id: int) -> None:
    """A regrade is ready once none of its jobs is unfinished."""
    regrade = session.get_one(Regrade, regrade_id, with_for_update=True, populate_existing=True)
    left = session.scalar(select(func.count()).where(Job.regrade_id == regrade_id, _UNFINISHED))
    if not left and regrade.state == "running":
        regrade.state = "ready"
    session.flush()
