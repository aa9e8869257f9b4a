"""A class that hands in at once: files, a schedule, and what became of them."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from grader.exercise.load import find
from grader.service.store.tables import Attempt, Job, Outcome, Push, now
from grader.service.work import queue
from tests.service import making

ROOT = Path(__file__).parents[3]
RIGHT = [path.read_bytes() for path in sorted((ROOT / "solutions").glob("tanh-chain*.py"))]
FILES = [*RIGHT, *(text.replace(b"h1**2", b"h1_raw**2").replace(b"h2**2", b"h2_raw**2") for text in RIGHT)]
"""What is handed in: worked solutions, and the mistake of the original question in each."""

SERVER = Path(__file__).parents[1] / "work" / "serving.py"

LEASE = 15.0


class Server:
    """A process with workers, which can be killed and started again."""

    def __init__(self, url: str, workers: int, isolation: str) -> None:
        self._command = [sys.executable, str(SERVER), url, str(workers), isolation, str(LEASE)]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                                         env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "started\n"

    def kill(self) -> None:
        """End it as the system does where memory is short: nothing is tidied up."""
        self._process.kill()
        self._process.wait()

    def kill_a_host(self, choice: random.Random) -> None:
        """End one of its grading processes in the same way."""
        own = f"PPid:\t{self._process.pid}\n"
        hosts = [
            int(place.parent.name)
            for place in Path("/proc").glob("[0-9]*/cmdline")
            if b"grading_host" in _read(place) and own in _read(place.with_name("status")).decode()
        ]
        if hosts:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                os.kill(choice.choice(hosts), signal.SIGKILL)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)


class Slowness:
    """How many times longer everything takes because others use this machine: seconds per second of computing, in
    short pieces all the while. Use as a context manager; limits for a quiet machine are multiplied by `times`."""

    def __enter__(self) -> Slowness:
        self._took = self._computed = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def times(self) -> float:
        return max(1.0, self._took / self._computed) if self._computed else 1.0

    def _measure(self) -> None:
        while not self._stop.wait(0.3):
            began, computed = time.monotonic(), time.thread_time()
            while time.thread_time() < computed + 0.006:
                pass
            self._took += time.monotonic() - began
            self._computed += time.thread_time() - computed


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


@dataclass(frozen=True, slots=True)
class Course:
    assignment: int
    students: tuple[int, ...]


def made(sessions: sessionmaker[Session], students: int) -> Course:
    """A course of a platform, so that each score is queued for it too."""
    with sessions.begin() as session:
        platform = making.platform(session)
        course = making.course(session, platform_id=platform.id)
        asked = making.assignment(session, course, exercise=Path(find("tanh-chain")).read_text(),
                                  lineitem_url="https://lms/1")  # fmt: skip
        people = [making.enrolled(session, course, f"S{number}") for number in range(students)]
        return Course(asked.id, tuple(one.id for one in people))


def hand_in(sessions: sessionmaker[Session], course: Course, number: int, content: bytes) -> int:
    """The attempt of a student, queued as the page does it; its id."""
    with sessions.begin() as session:
        attempt = Attempt(assignment_id=course.assignment, user_id=course.students[number], number=1, file="mine.py",
                          content=content, submitted_at=now())  # fmt: skip
        session.add(attempt)
        queue.queued(session, attempt, now())
        return attempt.id


def unfinished(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).where(Job.state.in_(("queued", "leased")))) or 0


def await_all(sessions: sessionmaker[Session], seconds: float) -> float:
    """Wait until nothing is unfinished; the seconds it took."""
    began = time.monotonic()
    while unfinished(sessions):
        assert time.monotonic() < began + seconds, f"{unfinished(sessions)} are not graded after {seconds} s"
        time.sleep(0.2)
    return time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Graded:
    attempt: int
    content: bytes
    status: str
    message: str | None
    score: float | None
    waited: float
    pushed: float


def results(sessions: sessionmaker[Session]) -> Sequence[Graded]:
    """All outcomes, with the newest score on its way for each; more than one outcome of an attempt is listed twice."""
    with sessions() as session:
        newest = select(func.max(Push.id)).group_by(Push.user_id)
        pushed = {one.user_id: one.score for one in session.scalars(select(Push).where(Push.id.in_(newest)))}
        rows = session.execute(select(Attempt, Outcome).join(Outcome, Outcome.attempt_id == Attempt.id))
        return [
            Graded(attempt.id, attempt.content, outcome.status, outcome.message, outcome.score,
                   (outcome.graded_at - attempt.submitted_at).total_seconds(), pushed.get(attempt.user_id, -1.0))
            for attempt, outcome in rows
        ]  # fmt: skip
