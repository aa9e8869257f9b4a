"""A course at a glance: its assignments, with how many have handed in and what needs a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from grader.service.store.tables import Assignment, Attempt, Course, Enrolment, Job, Outcome, Push, Regrade


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """An assignment: students who handed in, those with everything right, attempts that wait, faults of ours, scores
    the platform did not take, and whether a regrade is open."""

    id: int
    name: str
    title: str
    max_score: float
    opens_at: datetime | None
    due_at: datetime | None
    closes_at: datetime | None
    archived: bool
    handed_in: int
    complete: int
    waiting: int
    faults: int
    not_sent: int
    regrading: bool


def course_of(session: Session, course_id: int) -> Course:
    """The course somebody is signed in to."""
    return session.get_one(Course, course_id)


def students(session: Session, course: Course) -> int:
    """The number of active students."""
    own = select(func.count()).select_from(Enrolment)
    return session.scalar(own.where(Enrolment.course_id == course.id, Enrolment.role == "student",
                                    Enrolment.active)) or 0  # fmt: skip


def assignments(session: Session, course: Course) -> list[AssignmentRow]:
    """All assignments of a course, by due date, in seven queries."""
    own = list(session.scalars(select(Assignment).where(Assignment.course_id == course.id)))
    member = and_(Enrolment.course_id == course.id, Enrolment.user_id == Attempt.user_id, Enrolment.role == "student",
                  Enrolment.active)  # fmt: skip
    ids = select(Assignment.id).where(Assignment.course_id == course.id)
    handed_in = dict(
        session.execute(
            select(Attempt.assignment_id, func.count(Attempt.user_id.distinct())).join(Enrolment, member)
            .where(Attempt.assignment_id.in_(ids)).group_by(Attempt.assignment_id)
        ).all()
    )  # fmt: skip
    outcomes = (
        select(Attempt.assignment_id, func.count(Attempt.user_id.distinct())).join(Enrolment, member)
        .join(Outcome, and_(Outcome.attempt_id == Attempt.id, Outcome.current))
        .where(Attempt.assignment_id.in_(ids)).group_by(Attempt.assignment_id)
    )  # fmt: skip
    complete = dict(session.execute(outcomes.where(Outcome.complete)).all())
    faults = dict(session.execute(outcomes.where(Outcome.status == "fault")).all())
    waiting = dict(
        session.execute(
            select(Attempt.assignment_id, func.count()).join(Job, Job.attempt_id == Attempt.id)
            .where(Attempt.assignment_id.in_(ids), Job.state.in_(("queued", "leased")), Job.regrade_id.is_(None))
            .group_by(Attempt.assignment_id)
        ).all()
    )  # fmt: skip
    not_sent = dict(
        session.execute(
            select(Push.assignment_id, func.count()).where(Push.assignment_id.in_(ids), Push.state == "failed")
            .group_by(Push.assignment_id)
        ).all()
    )  # fmt: skip
    regrading = set(
        session.scalars(
            select(Regrade.assignment_id).where(Regrade.assignment_id.in_(ids), Regrade.state.in_(("running", "ready")))
        )
    )
    own.sort(key=lambda one: (one.due_at is None, one.due_at or one.created_at, one.title.casefold()))
    return [
        AssignmentRow(one.id, one.name, one.title, one.max_score, one.opens_at, one.due_at, one.closes_at,
               one.archived_at is not None, handed_in.get(one.id, 0), complete.get(one.id, 0), waiting.get(one.id, 0),
               faults.get(one.id, 0), not_sent.get(one.id, 0), one.id in regrading)
        for one in own
    ]  # fmt: skip
