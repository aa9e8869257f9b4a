"""Scores on their way to the platform: the newest one of a student, one at a time, tried again until it is there."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import sessionmaker

from grader.service.monitoring import Metrics
from grader.service.store.tables import Assignment, Push, User
from grader.service.work import pushes
from grader.service.work.background import PushWorker
from grader.service.work.pushes import PushAnswer, Sending, queue_push, queue_pushes, send_again
from tests.service import making
from tests.service.making import DAY, NOON

Sessions = sessionmaker[OrmSession]
SECOND = timedelta(seconds=1)


class Taught:
    """A course of a platform, with an assignment that has a column in its gradebook."""

    def __init__(self, session: OrmSession, **values: object) -> None:
        self.session = session
        self.platform = making.platform(session)
        self.course = making.course(session, platform_id=self.platform.id)
        given = {"lineitem_url": "https://lms/lineitems/1", **values}
        self.assignment: Assignment = making.assignment(session, self.course, **given)
        self.anna = self.student("Anna")

    def student(self, name: str, role: str = "student") -> User:
        made = making.enrolled(self.session, self.course, name, role)
        made.platform_id = self.platform.id
        return made

    def graded(self, user: User, *scores: float | None) -> None:
        for number, score in enumerate(scores, 1):
            self.last = making.attempt(self.session, self.assignment, user, number)
            making.with_score(self.session, self.last, score)

    def push(self, at: datetime = NOON) -> Push | None:
        return queue_push(self.session, self.assignment, self.anna.id, at)

    def lease(self, at: datetime = NOON) -> Sending | None:
        return pushes.leased(self.session, "w", 30, at)

    def states(self) -> list[tuple[str, float]]:
        return [(one.state, one.score) for one in self.session.scalars(select(Push).order_by(Push.id))]


def test_a_score_is_queued_with_its_comment_and_sent(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        taught.push()
        sending = taught.lease()
        assert sending is not None
        assert (sending.score, sending.max_score, sending.comment) == (12.0, 16.0, "12 of 16 points.")
        assert (sending.lineitem_url, sending.subject) == ("https://lms/lineitems/1", taught.anna.subject)
        assert (sending.platform, sending.timestamp) == (taught.platform, NOON)

        assert pushes.answered(session, sending.push_id, sending.lease, PushAnswer("sent", "It is there."), NOON)
        assert taught.lease() is None
        assert taught.states() == [("sent", 12.0)]


@pytest.mark.parametrize("why", ["no column", "no score", "test student", "not enrolled"])
def test_what_is_no_score_of_a_student_is_not_queued(Session: Sessions, why: str) -> None:
    with Session.begin() as session:
        taught = Taught(session, **({"lineitem_url": None} if why == "no column" else {}))
        who = {"test student": taught.student("Test", "test"), "not enrolled": making.user(session)}.get(
            why, taught.anna
        )
        taught.graded(who, None if why == "no score" else 12.0)

        assert queue_push(session, taught.assignment, who.id, NOON) is None
        assert taught.states() == []


def test_the_same_score_is_not_sent_twice_and_a_new_one_takes_its_place(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        assert taught.push() is not None
        assert taught.push() is None
        making.override(session, taught.last, None, 14.0)
        assert taught.push() is not None

        assert taught.states() == [("replaced", 12.0), ("queued", 14.0)]


def test_one_score_of_a_student_is_sent_at_a_time_and_each_is_later_than_the_last(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        taught.push()
        first = taught.lease()
        assert first is not None
        making.override(session, taught.last, None, 14.0)
        taught.push()
        assert taught.lease() is None

        pushes.answered(session, first.push_id, first.lease, PushAnswer("sent", ""), NOON)
        second = taught.lease()
        assert second is not None
        assert (second.score, second.timestamp) == (14.0, first.timestamp + SECOND)


def test_a_lease_that_ran_out_is_sent_again_and_its_late_answer_counts_for_nothing(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        taught.push()
        first = taught.lease()
        second = taught.lease(NOON + 31 * SECOND)
        assert first is not None
        assert second is not None
        assert second.push_id == first.push_id

        assert not pushes.answered(session, first.push_id, first.lease, PushAnswer("failed", ""), NOON)
        assert pushes.answered(session, second.push_id, second.lease, PushAnswer("sent", ""), NOON)
        assert taught.states() == [("sent", 12.0)]


def test_of_an_old_score_whose_lease_ran_out_nothing_is_sent_if_there_is_a_newer_one(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        taught.push()
        taught.lease()
        making.override(session, taught.last, None, 14.0)
        taught.push()
        sending = taught.lease(NOON + 31 * SECOND)

        assert sending is not None
        assert sending.score == 14.0
        assert taught.states() == [("replaced", 12.0), ("leased", 14.0)]


@pytest.mark.parametrize(("again_in", "waits"), [(None, 10), (90.0, 90)])
def test_what_is_to_be_sent_later_waits(Session: Sessions, again_in: float | None, waits: int) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        taught.push()
        sending = taught.lease()
        assert sending is not None
        pushes.answered(session, sending.push_id, sending.lease, PushAnswer("later", "It is busy.", again_in), NOON)

        assert not pushes.is_due(session, NOON + (waits - 1) * SECOND)
        assert taught.lease(NOON + (waits - 1) * SECOND) is None
        assert taught.lease(NOON + waits * SECOND) is not None


def test_after_two_days_it_has_failed_and_can_be_sent_again(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        push = taught.push()
        at = NOON
        while (sending := taught.lease(at)) is not None:
            pushes.answered(session, sending.push_id, sending.lease, PushAnswer("later", "It is down."), at)
            at += 3600 * SECOND
        assert push is not None
        assert (push.state, push.answer, push.tries) == ("failed", "It is down.", pushes.MAX_TRIES)
        assert timedelta(days=1) < at - NOON < 3 * DAY

        send_again(session, push, at)
        assert taught.lease(at) is not None


def test_a_platform_that_is_not_active_any_more_gets_nothing(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        push = taught.push()
        taught.platform.active = False
        assert taught.lease() is None
        assert push is not None
        assert (push.state, push.answer is not None) == ("failed", True)


def test_of_a_class_only_changed_scores_are_queued(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session, due_at=NOON + DAY, late_penalty=10.0)
        others = [taught.student(name) for name in "BCD"]
        for user in (taught.anna, *others[:2]):
            taught.graded(user, 10.0)
        assert queue_pushes(session, taught.assignment, NOON) == 3
        assert queue_pushes(session, taught.assignment, NOON) == 0
        taught.assignment.due_at = NOON
        assert queue_pushes(session, taught.assignment, NOON) == 3
        assert [state for state, _ in taught.states()] == ["replaced"] * 3 + ["queued"] * 3


def test_a_sender_is_called_outside_of_transactions_and_what_it_raises_is_tried_again(Session: Sessions) -> None:
    with Session.begin() as session:
        taught = Taught(session)
        taught.graded(taught.anna, 12.0)
        taught.push()
    got: list[Sending] = []

    def sender(sending: Sending) -> PushAnswer:
        with Session.begin() as session:  # it may store a token, say
            making.user(session)
        got.append(sending)
        raise RuntimeError("a bug")

    worker = PushWorker(Session, sender, Metrics())

    assert (worker.send_one(), worker.send_one(), len(got)) == (True, False, 1)
    with Session() as session:
        push = session.scalars(select(Push)).one()
        assert (push.state, push.answer) == ("queued", "It could not be sent (RuntimeError), and will be tried again.")
