"""Who is enrolled in a course: a platform's roster, merged into it (who is new is enrolled, who has left is kept but no
longer active); and the test student of somebody who teaches it, in no statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.service.store.tables import Course, Enrolment, User
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.people import new_pseudonym


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member as a platform lists one. `role`: `student`, `instructor` or `assistant`; `active`: False for those who
    are no longer in the course."""

    subject: str
    role: str
    name: str = ""
    email: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Merged:
    """How many are new, came back, have left, have another role or name; and how many there are."""

    new: int
    back: int
    left: int
    changed: int
    total: int

    @property
    def words(self) -> str:
        told = [(self.new, "new"), (self.back, "came back"), (self.left, "left"), (self.changed, "changed")]
        said = ", ".join(f"{number} {word}" for number, word in told if number)
        return f"{self.total} people in the roster: {said or 'nothing changed'}."


def merged(session: Session, actor: Actor, course: Course, members: Sequence[ListedMember]) -> Merged:
    """Merge the whole roster. Raises `UsageError` for an empty one: a platform that lists nobody is not believed."""
    if not any(one.active for one in members):
        raise UsageError("The platform lists nobody, so nothing was changed.")
    users = {
        one.subject: one
        for one in session.scalars(select(User).where(User.platform_id == course.platform_id))
    }  # fmt: skip
    enrolled = {one.user_id: one for one in session.scalars(select(Enrolment).where(Enrolment.course_id == course.id))}
    pseudonyms = {one.pseudonym for one in enrolled.values()}
    new = back = left = changed = 0
    listed: set[int] = set()
    for one in {member.subject: member for member in members if member.active and member.subject}.values():
        user = users.get(one.subject)
        if user is None:
            user = User(platform_id=course.platform_id, subject=one.subject, name=one.name[:300],
                        email=one.email[:300], created_at=actor.now)  # fmt: skip
            session.add(user)
            session.flush()
        listed.add(user.id)
        other = (bool(one.name) and user.name != one.name) or (bool(one.email) and user.email != one.email)
        user.name, user.email = one.name[:300] or user.name, one.email[:300] or user.email
        enrolment = enrolled.get(user.id)
        if enrolment is None:
            pseudonym = new_pseudonym(pseudonyms)
            pseudonyms.add(pseudonym)
            session.add(Enrolment(course_id=course.id, user_id=user.id, role=one.role, pseudonym=pseudonym,
                                  active=True, created_at=actor.now))  # fmt: skip
            new += 1
            continue
        back += not enrolment.active
        changed += enrolment.active and (other or enrolment.role != one.role)
        enrolment.active, enrolment.role = True, one.role
    for user_id, enrolment in enrolled.items():
        # Test students, and whoever fetches the roster, are not of the platform's making.
        if enrolment.active and user_id not in listed and enrolment.role == "student":
            enrolment.active = False
            left += 1
    done = Merged(new, back, left, changed, len(listed))
    noted(session, actor, "roster-merged", result=done.words)
    session.flush()
    return done


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
