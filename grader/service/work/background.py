"""Everything of a server that is no page: grading, sending of scores, deletion of what is old."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from grader.service.clock import now
from grader.service.settings import Settings
from grader.service.store.database import sessions
from grader.service.store.retention import expired, swept
from grader.service.work.host_process import GradingHost
from grader.service.work.metrics import Metrics
from grader.service.work.push_worker import PushWorker, Sender
from grader.service.work.worker import Crew, Workers

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
