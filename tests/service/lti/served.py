"""The service behind a real HTTP server on loopback, without workers: what they would do, tests do."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from grader.service.lti.tool import Tool, tool
from grader.service.monitoring import Metrics
from grader.service.platform_calls import sender
from grader.service.settings import Settings
from grader.service.store.database import opened, sessions, upgrade
from grader.service.store.tables import Assignment, User, now
from grader.service.web.serve import application, listening, parts
from grader.service.work.background import PushWorker
from grader.service.work.pushes import queue_push
from tests.service.making import attempt, with_score


@dataclass
class Served:
    url: str
    tool: Tool
    sessions: sessionmaker[Session]

    def hand_in(self, subject: str, score: float, assignment_id: int = 1) -> None:
        """What a student's upload and its grading would store."""
        with self.sessions.begin() as session:
            user = session.scalars(select(User).where(User.subject == subject)).one()
            assignment = session.get_one(Assignment, assignment_id)
            with_score(session, attempt(session, assignment, user, submitted_at=now()), score)
            queue_push(session, assignment, user.id, now())

    def send_scores(self) -> None:
        """Send everything that waits, as the service's threads do."""
        worker = PushWorker(self.sessions, sender(self.tool, self.sessions), Metrics())
        while worker.send_one():
            pass


@contextmanager
def served(folder: Path, host: str = "127.0.0.1", **changed: Any) -> Iterator[Served]:
    """The service, until the end of the block; it is reached as `host`."""
    at = listening("127.0.0.1", changed.pop("port", 0))
    url = changed.pop("url", f"http://{host}:{at.getsockname()[1]}")
    settings = replace(Settings(url, f"sqlite:///{folder / 'grader.db'}", "s" * 40, folder), **changed)
    engine = opened(settings.database)
    upgrade(engine)
    of = tool(settings)
    app = application(settings, engine, parts(of, engine))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [at]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Served(url, of, sessions(engine))
    finally:
        server.should_exit = True
        thread.join()
        at.close()
        engine.dispose()
