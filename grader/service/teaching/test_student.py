"""The test student of somebody who teaches a course: what students see, seen without being one, in no statistics."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.service.store.tables import Course, Enrolment, User
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.people import new_pseudonym


def subject_of(course_id: int, user_id: int) -> str:
    """The subject of the test student that somebody has in a course."""
    return f"test-student:{course_id}:{user_id}"


def test_student_of(session: Session, actor: Actor, course: Course) -> int:
    """The id of the actor's test student, who is made at the first time."""
    subject = subject_of(course.id, actor.user_id)
    user = session.scalar(select(User).where(User.subject == subject, User.platform_id.is_(None)))
    if user is None:
        user = User(platform_id=None, subject=subject, name="Test student", email="", created_at=actor.now)
        session.add(user)
        session.flush()
    if session.get(Enrolment, (course.id, user.id)) is None:
        taken = session.scalars(select(Enrolment.pseudonym).where(Enrolment.course_id == course.id)).all()
        session.add(Enrolment(course_id=course.id, user_id=user.id, role="test", pseudonym=new_pseudonym(taken),
                              active=True, created_at=actor.now))  # fmt: skip
    noted(session, actor, "viewed-as-student")
    session.flush()
    return user.id
