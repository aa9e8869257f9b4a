"""A server process with nothing but workers, for tests that kill it: `python serving.py URL COUNT ISOLATION LEASE`."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from grader.service.monitoring import Metrics
from grader.service.store.database import opened, sessions
from grader.service.work import grading_host as grading_host
from grader.service.work.background import Crew, WorkerThreads


def main(url: str, count: str, isolation: str, lease: str) -> None:
    logging.basicConfig(level=logging.WARNING)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    crew = Crew(int(count), isolation, lease=float(lease), poll=0.1)  # type: ignore[arg-type]
    workers = WorkerThreads(sessions(opened(url)), crew, Metrics())
    workers.start()
    print("started", flush=True)
    stopping.wait()
    workers.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
