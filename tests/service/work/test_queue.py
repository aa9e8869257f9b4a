"""The queue: every attempt is graded once, by whoever holds its lease, and nobody waits for one user's many files."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.service.store.tables import Attempt, Job, Outcome, Regrade
from grader.service.work import queue
from tests.service import making
from tests.service.making import NOON

Sessions = sessionmaker[OrmSession]
SECOND = timedelta(seconds=1)


def attempts(session: OrmSession, each: int = 1, names: str = "A") -> list[Attempt]:
    """Attempts of as many students as there are letters."""
    taught = making.course(session)
    asked = making.assignment(session, taught)
    return [
        making.attempt(session, asked, user, number)
        for user in [making.enrolled(session, taught, name) for name in names]
        for number in range(1, each + 1)
    ]


def lease(session: OrmSession, at: int = 0, worker: str = "w") -> Job | None:
    """The next job, leased for 10 s, at so many seconds after noon."""
    return queue.leased(session, worker, 10, NOON + at * SECOND)


def current(session: OrmSession, attempt: Attempt) -> list[tuple[str, float | None]]:
    found = select(Outcome.status, Outcome.score).where(Outcome.attempt_id == attempt.id, Outcome.current)
    return [(status, score) for status, score in session.execute(found)]


def test_an_attempt_is_queued_once(Session: Sessions) -> None:
    with Session.begin() as session:
        [attempt] = attempts(session)
        first = queue.queued(session, attempt, NOON)

        assert queue.queued(session, attempt, NOON) is first
        assert (first.state, first.rank) == ("queued", 0)


def test_a_job_is_leased_graded_and_done(Session: Sessions) -> None:
    with Session.begin() as session:
        [attempt] = attempts(session)
        queue.queued(session, attempt, NOON)
    with Session.begin() as session:
        assert queue.is_due(session, NOON)
        job = lease(session)
        assert job is not None
        assert (job.state, job.lease, job.tries, job.worker) == ("leased", 1, 1, "w")
        assert job.leased_until == NOON + 10 * SECOND
    with Session.begin() as session:
        assert queue.finished(session, job.id, job.lease, making.graded(12.0))

    with Session.begin() as session:
        assert lease(session) is None
        assert not queue.is_due(session, NOON)
        assert current(session, attempt) == [("graded", 12.0)]
        assert session.get_one(Job, job.id).state == "done"


def test_a_lease_that_is_held_is_nobody_elses(Session: Sessions) -> None:
    with Session.begin() as session:
        queue.queued(session, attempts(session)[0], NOON)
        job = lease(session)
        assert job is not None
        assert lease(session, at=9) is None
        assert queue.extended(session, job.id, job.lease, 10, NOON + 9 * SECOND)
        assert lease(session, at=18) is None


def test_a_lease_that_ran_out_goes_to_the_next_and_the_late_answer_counts_for_nothing(Session: Sessions) -> None:
    with Session.begin() as session:
        [attempt] = attempts(session)
        queue.queued(session, attempt, NOON)
        assert lease(session) is not None
        job = lease(session, at=11, worker="next")
        assert job is not None
        assert (job.lease, job.worker, job.tries) == (2, "next", 2)

        assert not queue.finished(session, job.id, 1, making.graded(0.0))
        assert not queue.extended(session, job.id, 1, 10, NOON)
        assert not queue.returned(session, job.id, 1)
        assert not queue.died(session, job.id, 1, NOON)
        assert queue.finished(session, job.id, 2, making.graded(12.0))
        assert not queue.finished(session, job.id, 2, making.graded(0.0))

        assert current(session, attempt) == [("graded", 12.0)]


def test_a_job_that_is_given_back_was_not_tried(Session: Sessions) -> None:
    with Session.begin() as session:
        queue.queued(session, attempts(session)[0], NOON)
        job = lease(session)
        assert job is not None
        assert queue.returned(session, job.id, job.lease)
        once_more = lease(session)
        assert once_more is not None
        assert (once_more.tries, once_more.lease) == (1, 2)


def test_a_job_at_which_three_grading_processes_ended_fails_without_a_score(Session: Sessions) -> None:
    with Session.begin() as session:
        [attempt] = attempts(session)
        queue.queued(session, attempt, NOON)
        for _ in range(queue.DEATHS):
            job = lease(session)
            assert job is not None
            assert queue.died(session, job.id, job.lease, NOON)

        assert lease(session) is None
        assert session.get_one(Job, job.id).state == "failed"
        assert current(session, attempt) == [("fault", None)]

        queue.again(session, job, NOON)
        again = lease(session)
        assert again is not None
        assert queue.finished(session, again.id, again.lease, making.graded(3.0))
        assert current(session, attempt) == [("graded", 3.0)]


def test_a_job_at_which_a_grading_process_ended_waits_for_what_others_have_waiting(Session: Sessions) -> None:
    """Whatever ends one process after the other meets another file next, so that no file is blamed for it."""
    with Session.begin() as session:
        first, second = attempts(session, names="AB")
        queue.queued(session, first, NOON)
        queue.queued(session, second, NOON)
        job = lease(session)
        assert job is not None
        queue.died(session, job.id, job.lease, NOON)

        assert [one and one.attempt_id for one in (lease(session), lease(session))] == [second.id, first.id]


def test_what_a_lost_lease_says_puts_nothing_behind(Session: Sessions) -> None:
    with Session.begin() as session:
        [attempt] = attempts(session)
        job = queue.queued(session, attempt, NOON)
        assert lease(session) is not None

        assert not queue.put_behind(session, job.id, job.lease + 7)
        assert job.deaths == 0


def test_a_job_that_ends_whole_servers_fails_too_and_the_next_is_leased(Session: Sessions) -> None:
    with Session.begin() as session:
        bad, good = attempts(session, each=2)
        queue.queued(session, bad, NOON)
        for number in range(queue.MAX_LEASES):
            assert lease(session, at=11 * number) is not None
        waiting = queue.queued(session, good, NOON)
        job = lease(session, at=11 * queue.MAX_LEASES)

        assert job is waiting
        assert current(session, bad) == [("fault", None)]


def test_of_many_files_of_one_user_and_one_of_another_the_other_goes_second(Session: Sessions) -> None:
    with Session.begin() as session:
        *many, other = attempts(session, each=3, names="AB")[:4]
        for attempt in (*many, other):
            queue.queued(session, attempt, NOON)
        order = [job.attempt_id for _ in range(4) if (job := lease(session)) is not None]

    assert order == [many[0].id, other.id, many[1].id, many[2].id]


def test_how_many_go_first_is_told(Session: Sessions) -> None:
    with Session.begin() as session:
        jobs = [queue.queued(session, attempt, NOON) for attempt in attempts(session, each=2, names="AB")]

        assert [queue.ahead_of(session, job) for job in jobs] == [0, 2, 1, 3]


def test_grading_again_waits_for_what_is_handed_in_meanwhile(Session: Sessions) -> None:
    with Session.begin() as session:
        old, new = attempts(session, names="AB")
        again = Regrade(assignment_id=old.assignment_id, exercise="", created_at=NOON)
        session.add(again)
        queue.queued(session, old, NOON, again)
        queue.queued(session, new, NOON)
        order = [job.attempt_id for _ in range(2) if (job := lease(session)) is not None]

    assert order == [new.id, old.id]


def test_a_regrade_is_a_preview_and_is_ready_when_its_last_job_is_done(Session: Sessions) -> None:
    with Session.begin() as session:
        several = attempts(session, each=2)
        again = Regrade(assignment_id=several[0].assignment_id, exercise="", created_at=NOON)
        session.add(again)
        for attempt in several:
            making.with_score(session, attempt, 5.0)
            queue.queued(session, attempt, NOON, again)
        states = []
        for _ in several:
            job = lease(session)
            assert job is not None
            assert queue.finished(session, job.id, job.lease, making.graded(6.0))
            states.append(again.state)

        assert states == ["running", "ready"]
        assert current(session, several[0]) == [("graded", 5.0)]

        [preview] = session.scalars(select(Outcome).where(Outcome.attempt_id == several[0].id, ~Outcome.current))
        queue.make_current(session, preview)
        assert current(session, several[0]) == [("graded", 6.0)]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [4])
def test_workers_that_lease_at_once_get_each_job_once(Session: Sessions, workers: int) -> None:
    count = 24
    with Session.begin() as session:
        for attempt in attempts(session, each=count // 4, names="ABCD"):
            queue.queued(session, attempt, NOON)
    got: list[int] = []

    def work(name: str) -> None:
        while True:
            with Session.begin() as session:
                job = lease(session, worker=name)
            if job is None:
                return
            got.append(job.attempt_id)
            with Session.begin() as session:
                assert queue.finished(session, job.id, job.lease, making.graded(1.0))

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert (len(got), len(set(got))) == (count, count)
    with Session() as session:
        assert session.scalar(select(func.count()).select_from(Outcome)) == count
