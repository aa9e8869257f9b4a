"""Scores on their way to the platform: a table, as the queue is; its answers in words; and how one is sent again. None
of these functions commits.

A push is made in the same transaction as what changed the score, so none is lost. Each is made of the standing at that
moment, under a lock on the student: whatever the order in which attempts are graded, the newest push has the score that
counts. Only the newest of a student and assignment is sent, one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, CursorResult, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from grader.errors import UsageError
from grader.report.numbers import count, counted
from grader.service.scores import Standing, standing, standings
from grader.service.store.tables import Assignment, Course, Enrolment, Platform, Push, User
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.people import People

BACK_OFF = (10, 30, 60, 300, 900, 3600)
"""Seconds until the next try; the last is repeated."""

MAX_TRIES = 48
"""About two days; then an instructor has to send it again."""

PER_PAGE = 100

STATES = {
    "queued": "waiting to be sent",
    "leased": "being sent",
    "sent": "sent",
    "replaced": "replaced by a later score",
    "overridden": "the platform kept a grade of its own",
    "failed": "not accepted",
}
"""What each state is called."""


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """What became of a push. `words` are for an instructor; `again_in`: seconds to wait, if the platform said so;
    `timestamp`: what the score was sent with, if it is not that of the `Sending`."""

    state: Literal["sent", "overridden", "failed", "later"]
    words: str
    again_in: float | None = None
    timestamp: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """A push that is to be sent now. `timestamp` is later than that of every score sent before for this student."""

    push_id: int
    lease: int
    platform: Platform
    lineitem_url: str
    subject: str
    score: float
    max_score: float
    comment: str
    timestamp: datetime


def queue_push(session: Session, assignment: Assignment, user_id: int, now: datetime) -> Push | None:
    """Queue the student's score as it is now; None if there is nothing new to send.

    To be called after everything that changes a score: an outcome, an override, a hint, a date, a rule."""
    if assignment.lineitem_url is None:
        return None
    session.flush()
    enrolled = select(Enrolment).where(Enrolment.course_id == assignment.course_id, Enrolment.user_id == user_id)
    enrolment = session.scalar(enrolled.with_for_update())  # whoever else changes this score comes before or after
    if enrolment is None or enrolment.role != "student" or not enrolment.active:
        return None
    return _queue(
        session, assignment, standing(session, assignment, user_id), _newest(session, assignment, user_id), now
    )


def queue_pushes(session: Session, assignment: Assignment, now: datetime) -> int:
    """Queue the scores of the whole class that have changed; return how many."""
    if assignment.lineitem_url is None:
        return 0
    session.flush()
    in_course = select(Enrolment.user_id).where(Enrolment.course_id == assignment.course_id)
    session.execute(in_course.order_by(Enrolment.user_id).with_for_update()).all()
    latest = select(func.max(Push.id)).where(Push.assignment_id == assignment.id).group_by(Push.user_id)
    newest = {one.user_id: one for one in session.scalars(select(Push).where(Push.id.in_(latest)))}
    queued = [
        _queue(session, assignment, told, newest.get(told.user_id), now) for told in standings(session, assignment)
    ]
    return sum(one is not None for one in queued)


def send_again(session: Session, push: Push, now: datetime) -> Push:
    """Queue a score once more, at an instructor's request: as it is now, in place of what is still waiting."""
    assignment = session.get_one(Assignment, push.assignment_id)
    told = standing(session, assignment, push.user_id)
    return _added(session, assignment, told, push.score if told.final is None else told.final, now)


def is_due(session: Session, now: datetime) -> bool:
    """Whether there is something to send; takes no lock."""
    return session.scalar(select(Push.id).where(_due(now)).limit(1)) is not None


def leased(session: Session, worker: str, seconds: float, now: datetime) -> Sending | None:
    """The next score to send, leased to `worker` for some seconds; None if there is none."""
    while True:
        other = aliased(Push)
        being_sent = exists().where(
            other.assignment_id == Push.assignment_id,
            other.user_id == Push.user_id,
            other.id != Push.id,
            other.state == "leased",
            other.leased_until >= now,
        )
        push = session.scalar(
            select(Push)
            .where(_due(now), ~being_sent)
            .order_by(Push.next_try_at, Push.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        if push is None:
            return None
        push.lease += 1
        sending = _sending(session, push, now)
        if sending is not None:
            push.state, push.worker, push.leased_until = "leased", worker, now + timedelta(seconds=seconds)
            push.sent_timestamp = sending.timestamp
            push.tries += 1
            session.flush()
            return sending
        session.flush()


def answered(session: Session, push_id: int, lease: int, answer: PushAnswer, now: datetime) -> bool:
    """Note what became of a push; False if its lease was lost, or something newer has taken its place."""
    push = session.get_one(Push, push_id)
    change: dict[str, object] = {"state": answer.state, "answer": answer.words, "leased_until": None, "done_at": now}
    if answer.timestamp is not None:
        change["sent_timestamp"] = answer.timestamp
    if answer.state == "later":
        wait = answer.again_in if answer.again_in is not None else _wait(push.tries)
        given_up = push.tries >= MAX_TRIES
        change |= {"state": "failed" if given_up else "queued", "next_try_at": now + timedelta(seconds=wait)}
        change |= {} if given_up else {"done_at": None}
    held = update(Push).where(Push.id == push_id, Push.lease == lease, Push.state == "leased")
    done = session.execute(held.values(change).execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    session.refresh(push)
    return done.rowcount == 1


def comment_on(told: Standing) -> str:
    """What stands beside the score in the platform's gradebook; the student reads it."""
    if told.final is None:
        return ""
    parts = [f"{count(told.final)} of {counted(told.max_score, 'point')}"]
    if told.overridden or told.steps:
        parts.append("points were given by hand")
    if told.hints:
        parts.append(f"hints took {counted(told.hints, 'point')}")
    if told.late:
        parts.append(told.late + (f", which took {counted(told.lost, 'point')}" if told.lost else ""))
    return "; ".join(parts) + "."


def _queue(session: Session, assignment: Assignment, told: Standing, newest: Push | None, now: datetime) -> Push | None:
    if told.final is None:
        return None
    known = newest is not None and newest.state in ("queued", "leased", "sent", "overridden")
    if newest is not None and known and _same(newest, told):
        return None
    return _added(session, assignment, told, told.final, now)


def _added(session: Session, assignment: Assignment, told: Standing, score: float, now: datetime) -> Push:
    older = update(Push).where(
        Push.assignment_id == assignment.id, Push.user_id == told.user_id, Push.state == "queued"
    )
    session.execute(older.values(state="replaced", done_at=now))
    push = Push(
        assignment_id=assignment.id,
        user_id=told.user_id,
        score=min(score, told.max_score),
        max_score=told.max_score,
        comment=comment_on(told),
        state="queued",
        lease=0,
        tries=0,
        next_try_at=now,
        created_at=now,
    )
    session.add(push)
    session.flush()
    return push


def _same(push: Push, told: Standing) -> bool:
    score = min(told.final or 0.0, told.max_score)
    return (push.score, push.max_score, push.comment) == (score, told.max_score, comment_on(told))


def _newest(session: Session, assignment: Assignment, user_id: int) -> Push | None:
    own = select(Push).where(Push.assignment_id == assignment.id, Push.user_id == user_id)
    return session.scalar(own.order_by(Push.id.desc()).limit(1))


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(Push.state == "queued", Push.next_try_at <= now), and_(Push.state == "leased", Push.leased_until < now)
    )


def _sending(session: Session, push: Push, now: datetime) -> Sending | None:
    """What is to be sent; None if it is not to be sent after all, and then the push says why."""
    row = session.execute(
        select(Assignment, User, Platform)
        .join(Course, Course.id == Assignment.course_id)
        .join(User, User.id == push.user_id)
        .join(Platform, Platform.id == Course.platform_id)
        .where(Assignment.id == push.assignment_id, User.platform_id == Platform.id)
    ).one_or_none()
    own = and_(Push.assignment_id == push.assignment_id, Push.user_id == push.user_id)
    if session.scalar(select(func.count()).where(own, Push.id > push.id)):
        push.state, push.done_at = "replaced", now
        return None
    url = None if row is None else row[0].lineitem_url
    if row is None or url is None or not row[2].active:
        push.state, push.done_at = "failed", now
        push.answer = "The platform, or this assignment's column in its gradebook, is no longer known here."
        return None
    _, user, platform = row
    before = session.scalar(select(func.max(Push.sent_timestamp)).where(own))
    at = now if before is None else max(now, before + timedelta(seconds=1))  # Moodle compares whole seconds
    return Sending(
        push.id,
        push.lease,
        platform,
        url,
        user.subject,
        push.score,
        push.max_score,
        push.comment,
        at,
    )


def _wait(tries: int) -> float:
    return BACK_OFF[min(tries, len(BACK_OFF)) - 1]


@dataclass(frozen=True, slots=True)
class Sent:
    """A row of the log. `again`: it may be sent again."""

    id: int
    user_id: int
    name: str
    score: float
    max_score: float
    state: str
    word: str
    tries: int
    answer: str
    at: datetime
    done_at: datetime | None
    again: bool


def log(
    session: Session, assignment: Assignment, people: People, state: str = "", page: int = 1
) -> tuple[list[Sent], dict[str, int]]:
    """A page of the log, newest first, of one state or all; and how many rows there are of each state."""
    own = Push.assignment_id == assignment.id
    counts = dict(session.execute(select(Push.state, func.count()).where(own).group_by(Push.state)).all())
    wanted = select(Push).where(own)
    if state in STATES:
        wanted = wanted.where(Push.state == state)
    rows = session.scalars(wanted.order_by(Push.id.desc()).limit(PER_PAGE).offset(PER_PAGE * (page - 1))).all()
    latest = set(session.scalars(select(func.max(Push.id)).where(own).group_by(Push.user_id)))
    return [_sent(one, people, one.id in latest) for one in rows], counts


def of_student(session: Session, assignment: Assignment, user_id: int, people: People) -> list[Sent]:
    """The log of one student, newest first."""
    rows = session.scalars(
        select(Push).where(Push.assignment_id == assignment.id, Push.user_id == user_id).order_by(Push.id.desc())
    ).all()  # fmt: skip
    return [_sent(one, people, number == 0) for number, one in enumerate(rows)]


def resent(session: Session, actor: Actor, assignment: Assignment, user_id: int) -> Push:
    """Send the score that counts now once more. Raises `UsageError` if there is none, or no place to send it to."""
    if assignment.lineitem_url is None:
        raise UsageError("This assignment has no column in the platform's gradebook: it was not launched with one.")
    latest = session.scalar(
        select(Push).where(Push.assignment_id == assignment.id, Push.user_id == user_id).order_by(Push.id.desc())
        .limit(1)
    )  # fmt: skip
    if latest is None:
        push = queue_push(session, assignment, user_id, actor.now)
    else:
        push = send_again(session, latest, actor.now)
    if push is None:
        raise UsageError("There is no score to send yet.")
    noted(session, actor, "score-resent", assignment=assignment.id, student=user_id, score=count(push.score))
    return push


def _sent(one: Push, people: People, latest: bool) -> Sent:
    return Sent(
        one.id, one.user_id, people.name(one.user_id), one.score, one.max_score, one.state,
        STATES.get(one.state, one.state), one.tries, people.text(one.user_id, one.answer or ""), one.created_at,
        one.done_at, latest and one.state in ("sent", "failed", "overridden"),
    )  # fmt: skip
