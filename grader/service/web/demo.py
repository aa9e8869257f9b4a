"""The course of `grader serve --demo`: two assignments, a student and an instructor."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.exercise.collection import find
from grader.exercise.load import loads
from grader.service.store.tables import Assignment, Course, Enrolment, User
from grader.service.web.local import enrol, local_course, local_user, new_link

TITLE = "Backpropagation by hand"
EXERCISES = ("tanh-chain", "tanh-chain-reverse")
COSTS = "\nhint_costs: {rule: 0.5, fix: 1}\n"
"""What hints of the first exercise take."""


@dataclass(frozen=True, slots=True)
class Links:
    """The tokens of links that let in the demo's people."""

    student: str
    instructor: str


def demo_links(session: Session, now: datetime) -> Links:
    """Links into the demo course, which is made if there is none yet."""
    course = session.scalar(select(Course).where(Course.platform_id.is_(None), Course.title == TITLE))
    if course is None:
        course = local_course(session, TITLE, now)
        for name, role in (("Sam Student", "student"), ("Ines Instructor", "instructor")):
            enrol(session, course.id, local_user(session, name, now).id, role, now)
        for number, name in enumerate(EXERCISES):
            session.add(_assignment(course.id, name, number, now))
        session.flush()
    return Links(*(new_link(session, _user(session, course.id, role), now) for role in ("student", "instructor")))


def _user(session: Session, course_id: int, role: str) -> int:
    own = select(User.id).join(Enrolment, Enrolment.user_id == User.id)
    found = session.scalar(own.where(Enrolment.course_id == course_id, Enrolment.role == role).order_by(User.id))
    assert found is not None
    return found


def _assignment(course_id: int, name: str, number: int, now: datetime) -> Assignment:
    text = find(name).read_text("utf-8") + ("" if number else COSTS)
    exercise = loads(text, name)
    due = (now + timedelta(days=7 * (number + 1))).replace(hour=21, minute=59, second=0, microsecond=0)
    return Assignment(
        course_id=course_id,
        name=exercise.id,
        title=exercise.title,
        exercise=text,
        secret=secrets.token_hex(16),
        max_score=exercise.points,
        due_at=due,
        closes_at=due + timedelta(days=3),
        reveal="fix",
        reveal_after_due="values",
        late_penalty=10.0,
        late_grace=15.0,
        created_at=now,
    )
