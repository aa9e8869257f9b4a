"""A launch becomes rows: the course, the person, what they are in it, and the assignment behind the link."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.service.lti.deep_linking import linked
from grader.service.lti.launch import Launch
from grader.service.lti.registered import known_deployment
from grader.service.store.tables import Assignment, Course, Deployment, Enrolment, User
from grader.service.teaching.assignments import copied, from_collection, linked_to
from grader.service.teaching.audit import Actor, noted
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
    actor = Actor(course.id, user.id, now)
    _enrol(session, actor, launch.role)
    assignment = None if launch.deep_linking else assignment_of(session, actor, launch, secret)
    if assignment is not None and launch.scores is not None and launch.scores.lineitem is not None:
        take_column(session, actor, assignment, launch.scores.lineitem)
    return Arrival(user.id, course.id, None if assignment is None else assignment.id)


def take_column(session: Session, actor: Actor, assignment: Assignment, lineitem_url: str) -> None:
    """Scores of the assignment go to this column from now on; those that there are already are sent."""
    if assignment.lineitem_url != lineitem_url:
        assignment.lineitem_url = lineitem_url
        noted(session, actor, "column-changed", assignment=assignment.id, column=lineitem_url)
        queue_pushes(session, assignment, actor.now)


def assignment_of(session: Session, actor: Actor, launch: Launch, secret: str) -> Assignment | None:
    """The assignment of the launched link: the one it has launched before; the one that its parameters name, or a copy
    of it (the course was copied, or the link); or the exercise that its parameters name. None: nothing names one."""
    assert launch.link is not None
    own = select(Assignment).where(
        Assignment.course_id == actor.course_id, Assignment.resource_link == launch.link.id
    )  # fmt: skip
    known = session.scalars(own.order_by(Assignment.archived_at.is_(None).desc(), Assignment.id.desc())).first()
    if known is not None:
        return known
    number = linked(secret, launch.custom)
    original = None if number is None else session.get(Assignment, number)
    if original is not None and session.get_one(Course, original.course_id).platform_id == launch.platform.id:
        is_free = original.course_id == actor.course_id and original.resource_link is None
        found = original if is_free else copied(session, actor, original)
    elif "exercise" in launch.custom:
        made = from_collection(session, actor, launch.custom["exercise"])
        if made is None:
            return None
        found = made
    else:
        return None
    linked_to(session, actor, found, launch.link.id)
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


def _enrol(session: Session, actor: Actor, role: str) -> None:
    """What somebody is in the course is what the platform says last."""
    row = session.get(Enrolment, (actor.course_id, actor.user_id))
    if row is None:
        row = Enrolment(
            course_id=actor.course_id,
            user_id=actor.user_id,
            pseudonym=f"student-{secrets.token_hex(4)}",
            created_at=actor.now,
        )
        session.add(row)
    elif row.role != role or not row.active:
        before = row.role if row.active else f"{row.role} who had left"
        noted(session, actor, "role-changed", student=actor.user_id, before=before, now=role)
    row.role, row.active = role, True
    session.flush()
