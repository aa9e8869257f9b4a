"""Threads that send scores to platforms. What a platform is asked, and how, is the business of a `Sender`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.orm import Session, sessionmaker

from grader.service.clock import now
from grader.service.store.tables import Push
from grader.service.work import pushes
from grader.service.work.holders import own_name, taken_back
from grader.service.work.metrics import Metrics
from grader.service.work.pushes import Answer, Sending

LOG = logging.getLogger("grader.service.push")

Sender = Callable[[Sending], Answer]
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
            LOG.exception("a score could not be sent")
            answer = Answer("later", f"It could not be sent ({type(error).__name__}), and will be tried again.")
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
                LOG.exception("sending goes on after an error")
                self._stopping.wait(2.0)
