"""Attack 118: a score reaches somebody else's place in the gradebook while many are graded and sent at once."""

from __future__ import annotations

import random
import threading
from collections import defaultdict

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.service.monitoring import Metrics
from grader.service.store.tables import Assignment, Attempt, Outcome, now
from grader.service.work import queue
from grader.service.work.background import PushWorker
from grader.service.work.pushes import PushAnswer, Sending, queue_push
from tests.service import making

ASSIGNMENTS, ATTEMPTS = 5, 2


@pytest.mark.slow
def test_each_of_many_interleaved_jobs_reaches_its_own_student_and_column(Session: sessionmaker[OrmSession]) -> None:
    """1,000 where there are several writers at a time."""
    with Session() as session:
        # A writer of SQLite is alone from its beginning.
        many = 20 if session.get_bind().dialect.name == "sqlite" else 100
    with Session.begin() as session:
        platform = making.platform(session)
        course = making.course(session, platform_id=platform.id)
        asked = [
            making.assignment(session, course, lineitem_url=f"https://lms/{n}", max_score=1e6)
            for n in range(ASSIGNMENTS)
        ]
        students = [making.enrolled(session, course) for _ in range(many)]
        for student in students:
            student.platform_id = platform.id
        attempts = [making.attempt(session, one, student, number) for one in asked for student in students
                    for number in range(1, ATTEMPTS + 1)]  # fmt: skip
        random.Random(7).shuffle(attempts)
        queue.MAX_WAITING, before = 1000, queue.MAX_WAITING
        for attempt in attempts:
            queue.queued(session, attempt, now())
        queue.MAX_WAITING = before

    def score(assignment: int, user: int) -> float:
        return assignment * 1000.0 + user

    def grade(name: str) -> None:
        while True:
            with Session.begin() as session:
                job = queue.leased(session, name, 60, now())
            if job is None:
                return
            with Session.begin() as session:
                attempt = session.get_one(Attempt, job.attempt_id)
                given = score(attempt.assignment_id, attempt.user_id) - (attempt.number == 1) * 0.5
                assert queue.finished(session, job.id, job.lease, making.graded(given))
                queue_push(session, session.get_one(Assignment, attempt.assignment_id), attempt.user_id, now())

    sent: dict[tuple[str, str], list[float]] = defaultdict(list)

    def sender(sending: Sending) -> PushAnswer:
        sent[sending.lineitem_url, sending.subject].append(sending.score)
        return PushAnswer("sent", "It is there.")

    def send() -> None:
        worker = PushWorker(Session, sender, Metrics())
        while any(thread.is_alive() for thread in graders) or worker.send_one():
            worker.send_one()

    graders = [threading.Thread(target=grade, args=(str(number),)) for number in range(3)]
    senders = [threading.Thread(target=send) for _ in range(2)]
    for thread in (*graders, *senders):
        thread.start()
    for thread in (*graders, *senders):
        thread.join(120)

    with Session() as session:
        assert session.scalar(select(func.count()).select_from(Outcome)) == many * ASSIGNMENTS * ATTEMPTS
    expected = {(one.lineitem_url, student.subject): score(one.id, student.id) for one in asked for student in students}
    assert {place: scores[-1] for place, scores in sent.items()} == expected
    assert all(given in (expected[place], expected[place] - 0.5) for place, scores in sent.items() for given in scores)
