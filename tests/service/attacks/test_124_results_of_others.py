"""Attack 124: an answer that comes at once tells that a classmate has handed in the same file."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.service.monitoring import Metrics
from grader.service.store.tables import Outcome, now
from grader.service.work import grading_host, queue
from grader.service.work.background import Crew, WorkerThreads
from tests.service import making
from tests.service.work.test_worker import wait_until

HOST = """
import json, sys
json.loads(sys.stdin.readline())
print("ready", flush=True)
for number, line in enumerate(sys.stdin, 1):
    job = json.loads(line)
    facts = ["graded", float(number), 16.0, False, None, None, 0.01, "strict"]
    print(json.dumps({"work": job["work"], "facts": facts, "packed": None, "steps": []}), flush=True)
"""
"""Gives as a score how often it was asked."""


@pytest.mark.slow
def test_the_same_file_of_another_student_is_graded_anew(
    monkeypatch: pytest.MonkeyPatch, Session: sessionmaker[OrmSession]
) -> None:
    monkeypatch.setattr(grading_host, "COMMAND", (sys.executable, "-c", HOST))
    with Session.begin() as session:
        course = making.course(session)
        asked = making.assignment(session, course, archived_at=now())  # nothing is prepared
        for name in ("Anna", "Ben", "Anna"):
            attempt = making.attempt(session, asked, making.enrolled(session, course, name), content=b"dw = 1\n")
            queue.queued(session, attempt, now())
    workers = WorkerThreads(Session, Crew(1, "process", poll=0.05), Metrics())
    workers.start()

    def scores() -> list[float | None]:
        with Session() as session:
            return list(session.scalars(select(Outcome.score).order_by(Outcome.id)))

    try:
        wait_until(lambda: len(scores()) == 3)
    finally:
        workers.stop()

    assert scores() == [1.0, 2.0, 3.0]


def test_what_a_server_keeps_on_disk_is_made_of_exercises_alone() -> None:
    """Exercises as they were read, right values, and numbers per student: nothing made of a submission."""
    root = Path(grading_host.__file__).parents[2]
    keeping = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"^ *from grader\.disk_cache import .*\bwrite\b", path.read_text(), re.MULTILINE)
    }

    of_commands = {name for name in keeping if name.startswith("cli/")}
    assert keeping - of_commands == {"exercise/load.py", "reference/cache.py", "reference/variants.py"}
