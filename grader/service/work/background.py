"""Everything of a server that is no page: grading, sending of scores, deletion of what is old.

What a platform is asked for a score to arrive, and how, is the business of a `Sender`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from grader.service.clock import now
from grader.service.settings import Settings
from grader.service.store.database import sessions
from grader.service.store.retention import expired, swept
from grader.service.store.tables import Push
from grader.service.work import pushes
from grader.service.work.host_process import GradingHost
from grader.service.work.metrics import Metrics
from grader.service.work.pushes import PushAnswer, Sending
from grader.service.work.queue import own_name, taken_back
from grader.service.work.worker import Crew, Workers

PUSH_LOG = logging.getLogger("grader.service.push")

Sender = Callable[[Sending], PushAnswer]
"""Sends a score and says what became of it. Called outside of every transaction; what it raises is tried again."""

LEASE = 120.0
"""Seconds within which a sender has to answer."""


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


LOG = logging.getLogger("grader.service.work")

SWEEP = 3600.0
"""Seconds between looks for what is to be deleted."""


class Background:
    """The background work of a process: workers (none with `settings.workers` 0) and, with a sender, scores."""

    def __init__(
        self, settings: Settings, engine: Engine, sender: Sender | None = None, hosts: Sequence[GradingHost] = ()
    ) -> None:
        """`hosts`: where files are graded, one for each worker; without them, in processes on this machine."""
        self.metrics = Metrics()
        self._sessions = sessions(engine)
        crew = Crew(settings.workers, settings.isolation)
        self.workers = Workers(self._sessions, crew, self.metrics, hosts) if settings.workers else None
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
