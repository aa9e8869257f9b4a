"""Everything of a server that is no page: workers, which lease jobs, have them graded by a grading host each, and store
what it gave; sending of scores; deletion of what is old.

What a platform is asked for a score to arrive, and how, is the business of a `Sender`.

A worker holds a transaction only while it leases a job and while it stores an outcome; never while something runs. It
survives the death of its host and the absence of the database. What it holds when it is killed is leased again: by the
next process on the machine at its start, by others when the lease has run out.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from grader.batch.jobs import Record
from grader.model import Isolation
from grader.runner.preloader_pool import PreloaderPool
from grader.service.monitoring import Metrics
from grader.service.retention import expired, swept
from grader.service.settings import Settings
from grader.service.store.database import sessions
from grader.service.store.tables import Assignment, Attempt, Job, Push, now
from grader.service.work import pushes, queue
from grader.service.work.grading_host import PREPARE
from grader.service.work.host_process import GradingHost, HostProcess
from grader.service.work.pushes import PushAnswer, Sending, queue_push
from grader.service.work.queue import own_name, taken_back
from grader.service.work.task import GradingTask, outcome_of, task_of

PUSH_LOG = logging.getLogger("grader.service.push")

Sender = Callable[[Sending], PushAnswer]
"""Sends a score and says what became of it. Called outside of every transaction; what it raises is tried again."""

LEASE = 120.0
"""Seconds within which a sender has to answer."""


SWEEP = 3600.0
"""Seconds between looks for what is to be deleted."""

LOG = logging.getLogger("grader.service.work")

LOOK_SECONDS = 20.0
"""Seconds between looks for new exercises."""

MAX_PREPARED = 16
"""How many exercises are prepared before anything is handed in."""


@dataclass(frozen=True, slots=True)
class Crew:
    """How many workers there are and how their hosts are isolated. `lease`: seconds, extended while a host works;
    `poll`: seconds between looks at the queue for what other processes have queued."""

    count: int
    isolation: Isolation
    lease: float = 20.0
    poll: float = 0.5


@dataclass(slots=True)
class _Plan:
    """Which exercises a host has prepared, and which it shall; of the process `pid`. Of those in `fatal` it died."""

    pid: int | None = None
    done: set[tuple[str, str]] = field(default_factory=set)
    waiting: list[tuple[str, str]] = field(default_factory=list)
    fatal: set[tuple[str, str]] = field(default_factory=set)
    looked: float = 0.0


class WorkerThreads:
    """The workers of a server. `start` returns at once; `stop` waits for what is being graded."""

    def __init__(
        self, sessions: sessionmaker[Session], crew: Crew, metrics: Metrics, hosts: Sequence[GradingHost] = ()
    ) -> None:
        """`hosts`: one for each of the crew; without them, processes on this machine."""
        self._sessions = sessions
        self._crew = crew
        self._metrics = metrics
        self._pool = None if hosts or crew.isolation == "process" else PreloaderPool(crew.isolation)
        self.hosts = hosts or [HostProcess(crew.isolation, self._pool) for _ in range(crew.count)]
        self._plans = [_Plan() for _ in range(crew.count)]
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"worker-{number}", daemon=True)
            for number in range(crew.count)
        ]
        self._heart = threading.Thread(target=self._keep_leases, name="leases", daemon=True)
        self._running: dict[int, GradingTask] = {}
        self._lock = threading.Lock()
        self._queued = threading.Condition()
        self._stopping = threading.Event()
        self._leaving = threading.Event()

    def start(self) -> None:
        """Start all threads. Raises `IsolationMissing` if nothing can be run in this isolation."""
        if self._pool is not None:
            self._pool.fork_server(()).close()
        with self._sessions.begin() as session:
            if number := taken_back(session, Job):
                LOG.info("files that an ended process was grading are queued again", extra={"jobs": number})
        for thread in (*self._threads, self._heart):
            thread.start()

    def wake(self) -> None:
        """Something has been queued, and committed, by this process: no worker waits for its next look."""
        with self._queued:
            self._queued.notify()

    def stop(self, seconds: float = 30.0) -> None:
        """Lease nothing more, finish what is being graded within some seconds, and give the rest back."""
        self._stopping.set()
        with self._queued:
            self._queued.notify_all()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._leaving.set()
        for host in self.hosts:
            host.kill()
        for thread in (*self._threads, self._heart):
            thread.join(10)
        for host in self.hosts:
            host.end()
        if self._pool is not None:
            self._pool.close()

    @property
    def alive(self) -> bool:
        """Whether every worker lives."""
        return all(thread.is_alive() for thread in self._threads)

    def _work(self, number: int) -> None:
        while not self._stopping.is_set():
            try:
                # No job waits for a host that is being started, or is blamed if that fails.
                if not self.hosts[number].start():
                    self._metrics.errors.inc()
                    LOG.warning("a grading process ended before it was ready")
                    self._stopping.wait(1.0)
                    continue
                task = self._leased()
                if task is not None:
                    self._grade(number, task)
                elif not self._prepare(number):
                    with self._queued:
                        self._queued.wait(self._crew.poll)
            except Exception:  # the database is away, or a bug of ours: no other job may be affected
                self._metrics.errors.inc()
                LOG.exception("a worker goes on after an error")
                self._stopping.wait(1.0)

    def _leased(self) -> GradingTask | None:
        with self._sessions() as session:
            if not queue.is_due(session, now()):
                return None
        with self._sessions.begin() as session:
            job = queue.leased(session, own_name(), self._crew.lease, now())
            return None if job is None else task_of(session, job)

    def _grade(self, number: int, task: GradingTask) -> None:
        with self._lock:
            self._running[task.job_id] = task
        try:
            record = self.hosts[number].graded(task)
            self._persistently(lambda: self._store(task, record))
        finally:
            with self._lock:
                del self._running[task.job_id]

    def _store(self, task: GradingTask, record: Record | None) -> None:
        """Store what a host gave; None: it died, at the job or because the server is being stopped."""
        with self._sessions.begin() as session:
            if record is None and self._stopping.is_set():
                queue.returned(session, task.job_id, task.lease)
                return
            if record is None:
                self._metrics.host_deaths.inc()
                LOG.warning("the grading process ended", extra={"job": task.job_id})
                queue.died(session, task.job_id, task.lease, now())
                return
            outcome = outcome_of(record)
            if outcome.status == "fault" and queue.put_behind(session, task.job_id, task.lease):
                LOG.warning("a file could not be graded, and is tried again", extra={"job": task.job_id})
                return
            if not queue.finished(session, task.job_id, task.lease, outcome):
                self._metrics.lost_leases.inc()
                return
            attempt = session.get_one(Attempt, outcome.attempt_id)
            if outcome.current:
                queue_push(session, session.get_one(Assignment, attempt.assignment_id), attempt.user_id, now())
        self._metrics.graded.labels(outcome.status).inc()
        self._metrics.waited.observe((outcome.graded_at - attempt.submitted_at).total_seconds())
        self._metrics.took.observe(outcome.seconds or 0.0)

    def _persistently(self, store: Callable[[], None]) -> None:
        """Store although the database may be away for some seconds; after that, the lease runs out."""
        until = time.monotonic() + 2 * self._crew.lease
        while True:
            try:
                return store()
            except DBAPIError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)

    def _keep_leases(self) -> None:
        while not self._leaving.wait(self._crew.lease / 4):
            with self._lock:
                tasks = list(self._running.values())
            try:
                for task in tasks:
                    with self._sessions.begin() as session:
                        queue.extended(session, task.job_id, task.lease, self._crew.lease, now())
            except DBAPIError:
                self._metrics.errors.inc()
                LOG.exception("leases could not be extended")

    def _prepare(self, number: int) -> bool:
        """Have the host prepare one exercise more; False if all are prepared."""
        host, plan = self.hosts[number], self._plans[number]
        if host.pid != plan.pid:
            plan.pid, plan.done, plan.looked = host.pid, set(plan.fatal), 0.0
        if not plan.waiting and time.monotonic() > plan.looked + LOOK_SECONDS:
            plan.waiting = [exercise for exercise in self._exercises() if exercise not in plan.done]
            plan.looked = time.monotonic()
        if not plan.waiting:
            return False
        exercise, secret = plan.waiting.pop(0)
        plan.done.add((exercise, secret))
        if host.graded(GradingTask(0, 0, "", PREPARE, b"", exercise, secret)) is None and not self._stopping.is_set():
            plan.fatal.add((exercise, secret))  # not again: a student's file will tell
        return True

    def _exercises(self) -> Sequence[tuple[str, str]]:
        """The exercises that may be handed in next, with their secrets: those that are due latest."""
        with self._sessions() as session:
            rows = session.execute(
                select(Assignment.exercise, Assignment.secret)
                .where(Assignment.archived_at.is_(None))
                .order_by(Assignment.due_at.desc(), Assignment.id.desc())
                .limit(MAX_PREPARED)
            )
            return [(exercise, secret) for exercise, secret in rows]


class PushWorker:
    """Sends what is due, in a few threads: a platform that answers slowly holds up no other."""

    def __init__(self, sessions: sessionmaker[Session], sender: Sender, metrics: Metrics, threads: int = 2) -> None:
        self._sessions = sessions
        self._sender = sender
        self._metrics = metrics
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, name=f"push-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        with self._sessions.begin() as session:
            taken_back(session, Push)
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 15.0) -> None:
        """Begin nothing more, and wait for what is being sent."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether every thread lives."""
        return all(thread.is_alive() for thread in self._threads)

    def send_one(self) -> bool:
        """Send the next score; False if none is due."""
        with self._sessions() as session:
            if not pushes.is_due(session, now()):
                return False
        with self._sessions.begin() as session:
            sending = pushes.leased(session, own_name(), LEASE, now())
        if sending is None:
            return False
        try:
            answer = self._sender(sending)
        except Exception as error:  # a bug of ours, or of a library: nothing about it is for an instructor
            PUSH_LOG.exception("a score could not be sent")
            answer = PushAnswer("later", f"It could not be sent ({type(error).__name__}), and will be tried again.")
        with self._sessions.begin() as session:
            pushes.answered(session, sending.push_id, sending.lease, answer, now())
        self._metrics.sent.labels(answer.state).inc()
        return True

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                if not self.send_one():
                    self._stopping.wait(1.0)
            except Exception:  # the database is away
                self._metrics.errors.inc()
                PUSH_LOG.exception("sending goes on after an error")
                self._stopping.wait(2.0)


class Background:
    """The background work of a process: workers (none with `settings.workers` 0) and, with a sender, scores."""

    def __init__(
        self, settings: Settings, engine: Engine, sender: Sender | None = None, hosts: Sequence[GradingHost] = ()
    ) -> None:
        """`hosts`: where files are graded, one for each worker; without them, in processes on this machine."""
        self.metrics = Metrics()
        self._sessions = sessions(engine)
        crew = Crew(settings.workers, settings.isolation)
        self.workers = WorkerThreads(self._sessions, crew, self.metrics, hosts) if settings.workers else None
        self.pushes = None if sender is None else PushWorker(self._sessions, sender, self.metrics)
        self._stopping = threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="sweeper", daemon=True)

    def start(self) -> None:
        """Start all threads. Raises `IsolationMissing` if nothing can be run in this isolation."""
        if self.workers is not None:
            self.workers.start()
        if self.pushes is not None:
            self.pushes.start()
        self._sweeper.start()

    def wake(self) -> None:
        """Something has been queued, and committed."""
        if self.workers is not None:
            self.workers.wake()

    def stop(self, seconds: float = 30.0) -> None:
        """Begin nothing more, and finish what is being done within some seconds."""
        self._stopping.set()
        if self.workers is not None:
            self.workers.stop(seconds)
        if self.pushes is not None:
            self.pushes.stop(min(seconds, 15.0))

    @property
    def alive(self) -> bool:
        """Whether every thread lives."""
        parts = [part for part in (self.workers, self.pushes) if part is not None]
        return all(part.alive for part in parts) and self._sweeper.is_alive()

    def sweep_once(self) -> None:
        """Delete what is older than its course keeps it, and what has run out."""
        with self._sessions.begin() as session:
            deleted = expired(session, now())
            swept(session, now())
        if deleted:
            LOG.info("old attempts were deleted", extra={"attempts": deleted})

    def _sweep(self) -> None:
        while not self._stopping.is_set():
            try:
                self.sweep_once()
            except DBAPIError:
                self.metrics.errors.inc()
                LOG.exception("old rows could not be deleted")
            self._stopping.wait(SWEEP)
