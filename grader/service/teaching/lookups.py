"""Look up records of one course. A record of another course counts as missing."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.service.store.tables import Assignment, Attempt, Enrolment, Push, Regrade

T = TypeVar("T")


class Missing(LookupError):
    """There is no such thing in this course."""


def assignment_of(session: Session, course_id: int, assignment_id: int) -> Assignment:
    """Raises `Missing`."""
    found = session.scalar(select(Assignment).where(Assignment.id == assignment_id, Assignment.course_id == course_id))
    return _there(found)


def attempt_of(session: Session, course_id: int, attempt_id: int) -> Attempt:
    """Raises `Missing`."""
    found = session.scalar(
        select(Attempt).join(Assignment).where(Attempt.id == attempt_id, Assignment.course_id == course_id)
    )
    return _there(found)


def regrade_of(session: Session, course_id: int, regrade_id: int) -> Regrade:
    """Raises `Missing`."""
    found = session.scalar(
        select(Regrade).join(Assignment).where(Regrade.id == regrade_id, Assignment.course_id == course_id)
    )
    return _there(found)


def push_of(session: Session, course_id: int, push_id: int) -> Push:
    """Raises `Missing`."""
    found = session.scalar(select(Push).join(Assignment).where(Push.id == push_id, Assignment.course_id == course_id))
    return _there(found)


def student_of(session: Session, course_id: int, user_id: int) -> Enrolment:
    """The enrolment of a student, also of one who has left. Raises `Missing`."""
    found = session.get(Enrolment, (course_id, user_id))
    if found is not None and found.role != "student":
        found = None
    return _there(found)


def _there(found: T | None) -> T:
    if found is None:
        raise Missing
    return found
