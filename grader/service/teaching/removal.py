"""What is stored of a student in one course: counted, exported, and erased, each with an entry in the audit trail.
Other courses of the same person are left alone."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.service.store import retention
from grader.service.store.tables import Assignment, Attempt, AuditEntry, Course, Override, Push, TakenHint, User
from grader.service.teaching.audit import Actor, noted

Owned = type[Attempt] | type[Override] | type[TakenHint] | type[Push]


@dataclass(frozen=True, slots=True)
class Stored:
    """How much is stored of a student in a course."""

    attempts: int
    size: int
    overrides: int
    hints: int
    pushes: int


def stored(session: Session, course: Course, user_id: int) -> Stored:
    """Count what is stored."""
    size = func.coalesce(func.sum(func.length(Attempt.content)), 0)
    attempts, total = session.execute(select(func.count(), size).where(_own(Attempt, course, user_id))).one()
    return Stored(attempts, total, *(_count(session, one, course, user_id) for one in (Override, TakenHint, Push)))


def exported(session: Session, actor: Actor, course: Course, user_id: int) -> bytes:
    """A zip of everything that is stored of a student in this course. Raises `UsageError` under anonymous marking."""
    if course.anonymous:
        raise UsageError("An export names the student: it can be made once anonymous marking is off.")
    noted(session, actor, "student-exported", student=user_id)
    return retention.exported(session, session.get_one(User, user_id), course.id)


def erased(session: Session, actor: Actor, course: Course, user_id: int) -> None:
    """Delete everything of a student in this course, and the enrolment; the trail keeps that somebody was erased."""
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.course_id == course.id)):
        detail = json.loads(entry.detail)
        if detail.get("student") == user_id:
            # What was done stays in the trail; what it says of the person goes.
            entry.detail = json.dumps({key: value for key, value in detail.items() if key == "assignment"})
    session.flush()
    retention.left(session, session.get_one(User, user_id), course.id)
    noted(session, actor, "student-erased")
    session.flush()


def _own(kind: Owned, course: Course, user_id: int) -> ColumnElement[bool]:
    inside = select(Assignment.id).where(Assignment.course_id == course.id)
    return (kind.user_id == user_id) & kind.assignment_id.in_(inside)


def _count(session: Session, kind: Owned, course: Course, user_id: int) -> int:
    return session.scalar(select(func.count()).select_from(kind).where(_own(kind, course, user_id))) or 0
