"""Attack 125: an older attempt is graded last, or again, and its score takes the place of a newer one."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.service.scores import standing
from grader.service.store.tables import Assignment, Attempt, Job, Push, Regrade
from grader.service.work import queue
from grader.service.work.pushes import queue_push
from tests.service import making
from tests.service.making import NOON

Sessions = sessionmaker[OrmSession]


def handed_in(session: OrmSession, counts: str) -> tuple[Assignment, list[Attempt], list[Job]]:
    """Two attempts of a student, both being graded."""
    course = making.course(session)
    asked = making.assignment(session, course, counts=counts, lineitem_url="https://lms/1")
    anna = making.enrolled(session, course)
    attempts = [making.attempt(session, asked, anna, number) for number in (1, 2)]
    for attempt in attempts:
        queue.queued(session, attempt, NOON)
    jobs = [job for _ in attempts if (job := queue.leased(session, "w", 60, NOON)) is not None]
    return asked, attempts, jobs


def finish(session: OrmSession, asked: Assignment, job: Job, score: float) -> None:
    assert queue.finished(session, job.id, job.lease, making.graded(score))
    queue_push(session, asked, job.user_id, NOON)


def pushed(session: OrmSession) -> list[tuple[str, float]]:
    return [(one.state, one.score) for one in session.scalars(select(Push).order_by(Push.id))]


@pytest.mark.parametrize(("counts", "older", "newer"), [("last", 16.0, 5.0), ("best", 5.0, 16.0)])
def test_an_older_attempt_that_is_graded_last_changes_nothing(
    Session: Sessions, counts: str, older: float, newer: float
) -> None:
    with Session.begin() as session:
        asked, attempts, (first, second) = handed_in(session, counts)
        finish(session, asked, second, newer)
        finish(session, asked, first, older)

        assert standing(session, asked, attempts[0].user_id).final == newer
        assert pushed(session) == [("queued", newer)]


def test_a_preview_of_a_regrade_of_an_older_attempt_changes_nothing(Session: Sessions) -> None:
    with Session.begin() as session:
        asked, attempts, (first, second) = handed_in(session, "last")
        finish(session, asked, first, 5.0)
        finish(session, asked, second, 7.0)
        again = Regrade(assignment_id=asked.id, exercise="", created_at=NOON)
        session.add(again)
        queue.queued(session, attempts[0], NOON, again)
        job = queue.leased(session, "w", 60, NOON)
        assert job is not None
        finish(session, asked, job, 16.0)

        assert standing(session, asked, attempts[0].user_id).final == 7.0
        assert pushed(session)[-1] == ("queued", 7.0)


def test_of_two_attempts_that_are_graded_at_the_same_time_the_one_that_counts_is_sent_last(Session: Sessions) -> None:
    with Session.begin() as session:
        asked, _, jobs = handed_in(session, "best")
    together = threading.Barrier(2)

    def work(job: Job, score: float) -> None:
        together.wait(10)
        with Session.begin() as session:
            finish(session, session.get_one(Assignment, asked.id), job, score)

    threads = [threading.Thread(target=work, args=(job, score)) for job, score in zip(jobs, (16.0, 5.0), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    with Session() as session:
        assert pushed(session)[-1] == ("queued", 16.0)


def test_two_attempts_cannot_have_one_number(Session: Sessions) -> None:
    with Session.begin() as session:
        asked, attempts, _ = handed_in(session, "last")
        again = Attempt(assignment_id=asked.id, user_id=attempts[0].user_id, number=2, file="x.py", content=b"",
                        submitted_at=NOON)  # fmt: skip
    with pytest.raises(IntegrityError), Session.begin() as session:
        session.add(again)
