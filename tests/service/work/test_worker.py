"""Workers: whatever dies, no attempt is lost, none is graded twice, and no fault of ours is a score."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.exercise.load import find
from grader.service.monitoring import Metrics
from grader.service.store.tables import Assignment, Attempt, Job, Outcome, Push, User, now
from grader.service.work import grading_host, queue
from grader.service.work.background import Crew, WorkerThreads
from tests.service import making

Sessions = sessionmaker[OrmSession]
HERE = Path(__file__).parent
STAND_IN = (sys.executable, str(HERE / "stand_in.py"))

pytestmark = pytest.mark.slow


class Taught:
    """A course with an assignment and a student, who hands files in."""

    def __init__(self, sessions: Sessions, **values: object) -> None:
        self.sessions = sessions
        with sessions.begin() as session:
            course = making.course(session)
            self.assignment: Assignment = making.assignment(session, course, **values)
            self.anna: User = making.enrolled(session, course)
        self.number = 0

    def hands_in(self, content: bytes, file: str = "mine.py") -> int:
        """Return the attempt's id."""
        self.number += 1
        with self.sessions.begin() as session:
            made = making.attempt(session, self.assignment, self.anna, self.number, content=content, file=file,
                                  submitted_at=now())  # fmt: skip
            queue.queued(session, made, now())
            return made.id

    def outcomes(self) -> list[tuple[int, str, float | None]]:
        with self.sessions() as session:
            rows = session.execute(
                select(Outcome.attempt_id, Outcome.status, Outcome.score).order_by(Outcome.attempt_id)
            )
            return [(attempt, status, score) for attempt, status, score in rows]

    def job(self, attempt: int) -> Job:
        with self.sessions() as session:
            return session.scalars(select(Job).where(Job.attempt_id == attempt)).one()

    def await_state(self, attempt: int, *states: str, seconds: float = 60.0) -> Job:
        wait_until(lambda: self.job(attempt).state in states, seconds)
        return self.job(attempt)


def wait_until(there: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def working(
    sessions: Sessions, count: int = 1, isolation: str = "process", patience: float = 10.0, **values: float
) -> Iterator[WorkerThreads]:
    crew = Crew(count, isolation, poll=0.05, **values)  # type: ignore[arg-type]
    workers = WorkerThreads(sessions, crew, Metrics())
    workers.start()
    try:
        yield workers
    finally:
        workers.stop(patience)
        assert not workers.alive


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading_host, "COMMAND", STAND_IN)


def counted(workers: WorkerThreads, name: str) -> float:
    return dict(workers._metrics.values()).get(name, 0.0)


@pytest.mark.usefixtures("stand_in")
def test_what_is_queued_is_graded_once_and_its_score_goes_to_the_platform(Session: Sessions) -> None:
    taught = Taught(Session, lineitem_url="https://lms/1")
    with working(Session, 2) as workers:
        attempts = [taught.hands_in(f"give {score}".encode()) for score in (3, 5)]
        workers.wake()
        for attempt in attempts:
            taught.await_state(attempt, "done")

    assert taught.outcomes() == [(attempts[0], "graded", 3.0), (attempts[1], "graded", 5.0)]
    with Session() as session:
        assert session.scalars(select(Push.score).where(Push.state == "queued")).all() == [5.0]


@pytest.mark.usefixtures("stand_in")
def test_a_host_that_dies_is_replaced_and_the_job_is_graded_by_the_next(Session: Sessions, tmp_path: Path) -> None:
    taught = Taught(Session)
    with working(Session) as workers:
        attempt = taught.hands_in(f"die once {tmp_path / 'died'}".encode())
        job = taught.await_state(attempt, "done", "failed")
        assert counted(workers, "grader_host_deaths_total") == 1

    assert (job.state, job.deaths, taught.outcomes()) == ("done", 1, [(attempt, "graded", 1.0)])


@pytest.mark.usefixtures("stand_in")
def test_a_file_that_ends_its_host_each_time_fails_with_a_message_and_without_a_score(Session: Sessions) -> None:
    taught = Taught(Session)
    with working(Session):
        bad, good = taught.hands_in(b"die"), taught.hands_in(b"give 4")
        taught.await_state(bad, "failed")
        taught.await_state(good, "done")

    assert taught.outcomes() == [(bad, "fault", None), (good, "graded", 4.0)]
    with Session() as session:
        assert session.scalars(select(Outcome.message).where(Outcome.attempt_id == bad)).one() == queue.ENDED
        assert session.scalars(select(Push)).all() == []


def test_a_host_that_does_not_start_is_not_blamed_on_a_file(Session: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    taught = Taught(Session)
    attempt = taught.hands_in(b"give 4")
    monkeypatch.setattr(grading_host, "COMMAND", (sys.executable, "-c", "raise SystemExit(9)"))
    with working(Session) as workers:
        wait_until(lambda: counted(workers, "grader_worker_errors_total") > 1)
        assert taught.job(attempt).lease == 0
        monkeypatch.setattr(grading_host, "COMMAND", STAND_IN)
        job = taught.await_state(attempt, "done")

    assert (job.tries, job.deaths) == (1, 0)


@pytest.mark.usefixtures("stand_in")
def test_a_fault_that_passes_is_no_result(Session: Sessions, tmp_path: Path) -> None:
    taught = Taught(Session)
    with working(Session):
        attempt = taught.hands_in(f"fault {tmp_path / 'once'}".encode())
        job = taught.await_state(attempt, "done")

    assert (job.deaths, taught.outcomes()) == (1, [(attempt, "graded", 1.0)])


@pytest.mark.usefixtures("stand_in")
def test_a_fault_of_ours_has_no_score_and_blames_nobody(Session: Sessions) -> None:
    taught = Taught(Session)
    with working(Session):
        attempt = taught.hands_in(b"fault")
        taught.await_state(attempt, "done")

    assert taught.outcomes() == [(attempt, "fault", None)]
    with Session() as session:
        assert "through no fault of yours: torch is missing" in (session.scalars(select(Outcome.message)).one() or "")


@pytest.mark.usefixtures("stand_in")
def test_a_lease_is_held_as_long_as_a_host_works(Session: Sessions) -> None:
    taught = Taught(Session)
    with working(Session, 2, lease=0.6):
        attempt = taught.hands_in(b"sleep 2")
        job = taught.await_state(attempt, "done")

    assert (job.tries, len(taught.outcomes())) == (1, 1)


@pytest.mark.usefixtures("stand_in")
def test_the_result_of_a_lost_lease_is_not_stored(Session: Sessions) -> None:
    taught = Taught(Session)
    with working(Session, lease=30) as workers:
        attempt = taught.hands_in(b"sleep 1")
        taught.await_state(attempt, "leased")
        with Session.begin() as session:
            session.execute(update(Job).values(lease=Job.lease + 1))
        wait_until(lambda: counted(workers, "grader_lost_leases_total") == 1)

    assert taught.outcomes() == []


@pytest.mark.usefixtures("stand_in")
def test_stopping_waits_for_what_is_being_graded(Session: Sessions) -> None:
    taught = Taught(Session)
    with working(Session):
        attempt = taught.hands_in(b"sleep 1")
        taught.await_state(attempt, "leased")

    assert taught.outcomes() == [(attempt, "graded", 1.0)]


@pytest.mark.usefixtures("stand_in")
def test_what_does_not_end_in_time_is_given_back_when_stopping(Session: Sessions) -> None:
    taught = Taught(Session)
    with working(Session, patience=0.2):
        attempt = taught.hands_in(b"sleep 20")
        taught.await_state(attempt, "leased")
        began = time.monotonic()
    took = time.monotonic() - began

    job = taught.job(attempt)
    assert (job.state, job.tries, job.deaths, taught.outcomes()) == ("queued", 0, 0, [])
    assert took < 5


@pytest.mark.usefixtures("stand_in")
def test_a_host_that_is_ended_together_with_its_server_did_not_die_of_the_file(Session: Sessions) -> None:
    """The system may send a signal to all processes of a service at once."""
    taught = Taught(Session)
    with working(Session) as workers:
        attempt = taught.hands_in(b"sleep 20")
        taught.await_state(attempt, "leased")
        wait_until(lambda: workers.hosts[0].pid is not None)
        threading.Timer(0.3, lambda: os.kill(workers.hosts[0].pid or 0, signal.SIGTERM)).start()

    job = taught.job(attempt)
    assert (job.state, job.tries, job.deaths) == ("queued", 0, 0)


@pytest.mark.usefixtures("stand_in")
def test_workers_go_on_when_the_database_comes_back(Session: Sessions) -> None:
    taught = Taught(Session)
    away = threading.Event()

    class Flaky:
        def __call__(self) -> OrmSession:
            self._check()
            return Session()

        def begin(self):  # type: ignore[no-untyped-def]
            self._check()
            return Session.begin()

        def _check(self) -> None:
            if away.is_set():
                raise OperationalError("", {}, Exception("the server is gone"))

    with working(Flaky()) as workers:  # type: ignore[arg-type]
        attempt = taught.hands_in(b"sleep 1")
        taught.await_state(attempt, "leased")
        away.set()
        time.sleep(1.5)
        away.clear()
        taught.await_state(attempt, "done")
        assert workers.alive

    assert taught.outcomes() == [(attempt, "graded", 1.0)]


WRONG = b"h0, w_h = 0.5, 2.0\ndh1raw_dwh = h0\n"


@pytest.mark.torch
def test_a_real_host_killed_in_the_middle_of_a_file_is_replaced_and_the_file_graded(Session: Sessions) -> None:
    taught = Taught(Session, exercise=Path(find("tanh-chain")).read_text())
    slow = b"import time\nwhile time.process_time() < 1: pass\n" + WRONG
    with working(Session, isolation="portable") as workers:
        attempt = taught.hands_in(slow)
        taught.await_state(attempt, "leased")
        wait_until(lambda: workers.hosts[0].pid is not None)
        time.sleep(0.5)
        os.kill(workers.hosts[0].pid or 0, signal.SIGKILL)
        job = taught.await_state(attempt, "done", "failed")

    assert (job.state, job.deaths) == ("done", 1)
    assert [(status, score) for _, status, score in taught.outcomes()] == [("graded", 1.0)]


def test_a_server_killed_in_the_middle_of_a_job_loses_nothing_and_doubles_nothing(Session: Sessions, url: str) -> None:
    taught = Taught(Session)
    run = (
        f"import sys; sys.path.insert(0, {str(HERE)!r}); import serving; "
        f"serving.grading_host.COMMAND = {STAND_IN!r}; serving.main(*sys.argv[1:])"
    )

    @contextmanager
    def server() -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen([sys.executable, "-c", run, url, "2", "process", "600"], stdout=subprocess.PIPE,
                                   text=True)  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "started\n"
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    with server() as first:
        slow = [taught.hands_in(b"sleep 2"), taught.hands_in(b"sleep 2")]
        for attempt in slow:
            taught.await_state(attempt, "leased")
        rest = [taught.hands_in(b"give 7") for _ in range(3)]
        first.kill()
    assert taught.outcomes() == []
    with server() as second:
        for attempt in (*slow, *rest):
            taught.await_state(attempt, "done")
        second.terminate()
        assert second.wait(20) == 0

    assert [(attempt, status) for attempt, status, _ in taught.outcomes()] == [
        (one, "graded") for one in (*slow, *rest)
    ]
    assert [taught.job(one).lease for one in (*slow, *rest)] == [2, 2, 1, 1, 1]
    with Session() as session:
        assert len(session.scalars(select(Attempt.id)).all()) == 5
