"""Scores on their way to the platform, with its answer in words, and how one is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.report.numbers import count
from grader.service.store.tables import Assignment, Push
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.people import People
from grader.service.work.pushes import queue_push, send_again

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
