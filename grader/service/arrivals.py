"""A launch becomes rows: the course, the person, what they are in it, and the assignment behind the link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.service.assigning import copied, from_collection
from grader.service.lti.deep_linking import linked
from grader.service.lti.launch import Launch
from grader.service.lti.registered import known_deployment
from grader.service.store.tables import Assignment, Course, Deployment, Enrolment, User
from grader.service.work.pushes import queue_pushes


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who arrived where. `assignment_id` is None where the link is not set up yet."""

    user_id: int
    course_id: int
    assignment_id: int | None


def arrived(session: Session, launch: Launch, secret: str, now: datetime) -> Arrival:
    """Store what a checked launch says. Raises `Refused` for an unknown deployment."""
    course = _course(session, launch, now)
    user = _user(session, launch, now)
    _enrol(session, course, user, launch.role, now)
    assignment = None if launch.deep_linking else assignment_of(session, launch, course, secret, now)
    if assignment is not None and launch.scores is not None and launch.scores.lineitem is not None:
        take_column(session, assignment, launch.scores.lineitem, now)
    return Arrival(user.id, course.id, None if assignment is None else assignment.id)


def take_column(session: Session, assignment: Assignment, lineitem_url: str, now: datetime) -> None:
    """Scores of the assignment go to this column from now on; those that there are already are sent."""
    if assignment.lineitem_url != lineitem_url:
        assignment.lineitem_url = lineitem_url
        queue_pushes(session, assignment, now)


def assignment_of(session: Session, launch: Launch, course: Course, secret: str, now: datetime) -> Assignment | None:
    """The assignment of the launched link: the one it has launched before; the one that its parameters name, or a copy
    of it (the course was copied, or the link); or the exercise that its parameters name. None: nothing names one."""
    assert launch.link is not None
    own = select(Assignment).where(Assignment.course_id == course.id, Assignment.resource_link == launch.link.id)
    known = session.scalars(own.order_by(Assignment.archived_at.is_(None).desc(), Assignment.id.desc())).first()
    if known is not None:
        return known
    number = linked(secret, launch.custom)
    original = None if number is None else session.get(Assignment, number)
    if original is not None and session.get_one(Course, original.course_id).platform_id == launch.platform.id:
        is_free = original.course_id == course.id and original.resource_link is None
        found = original if is_free else copied(session, original, course.id, now)
    elif "exercise" in launch.custom:
        made = from_collection(session, course.id, launch.custom["exercise"], now)
        if made is None:
            return None
        found = made
    else:
        return None
    found.resource_link = launch.link.id
    session.flush()
    return found


def _course(session: Session, launch: Launch, now: datetime) -> Course:
    deployment = known_deployment(session, launch.platform, launch.deployment)
    if deployment is None:
        row = Deployment(platform_id=launch.platform.id, deployment_id=launch.deployment)
        session.add(row)
        session.flush()
        deployment = row.id
    where = select(Course).where(Course.platform_id == launch.platform.id, Course.context_id == launch.course.id)
    course = session.scalar(where)
    if course is None:
        course = Course(platform_id=launch.platform.id, context_id=launch.course.id, title="", label="", created_at=now)
        session.add(course)
    course.deployment_id = deployment
    course.title = launch.course.title or course.title or launch.course.label or "Course"
    course.label = launch.course.label or course.label
    course.memberships_url = launch.roster_url or course.memberships_url
    if launch.scores is not None and launch.scores.lineitems is not None:
        course.lineitems_url = launch.scores.lineitems
    session.flush()
    return course


def _user(session: Session, launch: Launch, now: datetime) -> User:
    person = launch.person
    where = select(User).where(User.platform_id == launch.platform.id, User.subject == person.subject)
    user = session.scalar(where)
    if user is None:
        user = User(platform_id=launch.platform.id, subject=person.subject, name="", email="", created_at=now)
        session.add(user)
    user.name, user.email = person.name or user.name, person.email or user.email
    session.flush()
    return user


def _enrol(session: Session, course: Course, user: User, role: str, now: datetime) -> None:
    """What somebody is in the course is what the platform says last."""
    row = session.get(Enrolment, (course.id, user.id))
    if row is None:
        row = Enrolment(
            course_id=course.id, user_id=user.id, pseudonym=f"student-{secrets.token_hex(4)}", created_at=now
        )
        session.add(row)
    row.role, row.active = role, True
    session.flush()
