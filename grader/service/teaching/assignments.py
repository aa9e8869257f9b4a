"""Assignments of a course: added, made of exercises of the collection or of assignments of other courses, their
exercise changed, archived. Nothing that was handed in is ever deleted here.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.service.store.tables import Assignment, Attempt, Course, Regrade
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.exercise_check import Checked, offered, read
from grader.service.teaching.regrading import open_regrade, started

OWN = frozenset({"id", "course_id", "secret", "resource_link", "lineitem_url", "archived_at", "created_at"})
DATES = frozenset({"opens_at", "due_at", "closes_at"})
"""What a copy has of its own: the dates of a course are not those of its copy."""


def from_collection(session: Session, actor: Actor, name: str) -> Assignment | None:
    """An assignment with an exercise of the collection: one in this course that has no link and no work in it yet, or a
    new one. None for an unknown exercise."""
    entry = next((one for one in offered() if one.name == name), None)
    if entry is None:
        return None
    unused = session.scalars(
        select(Assignment)
        .where(
            Assignment.course_id == actor.course_id,
            Assignment.name == name,
            Assignment.exercise == entry.text,
            Assignment.resource_link.is_(None),
            Assignment.archived_at.is_(None),
            ~exists().where(Attempt.assignment_id == Assignment.id),
        )
        .order_by(Assignment.id)
    ).first()
    if unused is not None:
        return unused
    return added(session, actor, entry.text, read(entry.text))


def copied(session: Session, actor: Actor, original: Assignment) -> Assignment:
    """The same exercise with the same policies, in the actor's course; nobody's work, and no dates if the course is
    another."""
    left_out = OWN if actor.course_id == original.course_id else OWN | DATES
    values = {
        column.key: getattr(original, column.key)
        for column in Assignment.__table__.columns
        if column.key not in left_out
    }
    made = Assignment(**values, course_id=actor.course_id, secret=secrets.token_hex(16), created_at=actor.now)
    session.add(made)
    session.flush()
    noted(session, actor, "assignment-copied", assignment=made.id, of=original.id)
    return made


def linked_to(session: Session, actor: Actor, assignment: Assignment, link: str) -> None:
    """This link of the platform launches the assignment from now on."""
    assignment.resource_link = link
    noted(session, actor, "assignment-linked", assignment=assignment.id, link=link)
    session.flush()


def unlinked(session: Session, course_id: int) -> list[Assignment]:
    """The assignments of a course that no link of the platform launches yet."""
    where = (
        Assignment.course_id == course_id, Assignment.resource_link.is_(None), Assignment.archived_at.is_(None)
    )  # fmt: skip
    return list(session.scalars(select(Assignment).where(*where).order_by(Assignment.id)))


SENT_TWICE = timedelta(minutes=1)
"""Within this time, the same exercise for the same course is the same form."""


def added(session: Session, actor: Actor, text: str, found: Checked) -> Assignment:
    """Add an exercise that was checked; its dates and policies are set afterwards. Raises `UsageError` if it cannot be
    used."""
    exercise = found.exercise
    if exercise is None or found.faults:
        raise UsageError("The exercise has faults: mend them first.")
    if (same := _just_added(session, actor, text)) is not None:
        return same
    made = Assignment(
        course_id=actor.course_id, name=exercise.id[:200], title=(exercise.title or exercise.id)[:500], exercise=text,
        secret=secrets.token_hex(16), max_score=exercise.points, counts="best", reveal=exercise.policy.shown,
        late_penalty=0.0, late_grace=0.0, late_free=0, late_cap=100.0, created_at=actor.now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    noted(session, actor, "assignment-added", assignment=made.id, exercise=exercise.id)
    return made


def _just_added(session: Session, actor: Actor, text: str) -> Assignment | None:
    """The assignment that the same form has added, if it was sent twice."""
    session.execute(select(Course.id).where(Course.id == actor.course_id).with_for_update())
    return session.scalar(
        select(Assignment)
        .where(Assignment.course_id == actor.course_id, Assignment.exercise == text, Assignment.archived_at.is_(None),
               Assignment.resource_link.is_(None), Assignment.created_at > actor.now - SENT_TWICE)
        .limit(1)
    )  # fmt: skip


def exercise_changed(
    session: Session, actor: Actor, assignment: Assignment, text: str, found: Checked
) -> Regrade | None:
    """Change the exercise. Where something was handed in, it is graded again for a preview, and the change takes effect
    when that is applied: return the regrade; None if the change took effect at once.

    Raises `UsageError` for an exercise that cannot be used, another one, or one that is unchanged."""
    exercise = found.exercise
    if exercise is None or found.faults:
        raise UsageError("The exercise has faults: mend them first.")
    if exercise.id != assignment.name:
        raise UsageError(
            f"This is exercise `{exercise.id}`; here belongs `{assignment.name}`. Add it as one of its own."
        )
    if text == assignment.exercise:
        raise UsageError("Nothing was changed.")
    if open_regrade(session, assignment) is not None:
        raise UsageError("A regrade of this assignment is open: apply it or drop it first.")
    if handed_in(session, assignment):
        return started(session, actor, assignment, None, text)
    assignment.exercise, assignment.max_score = text, exercise.points
    noted(session, actor, "exercise-changed", assignment=assignment.id)
    session.flush()
    return None


def archived(session: Session, actor: Actor, assignment: Assignment) -> None:
    """Take an assignment from the students' list."""
    if assignment.archived_at is None:
        assignment.archived_at = actor.now
        noted(session, actor, "assignment-archived", assignment=assignment.id)
        session.flush()


def restored(session: Session, actor: Actor, assignment: Assignment) -> None:
    """Put an archived assignment back on the students' list."""
    if assignment.archived_at is not None:
        assignment.archived_at = None
        noted(session, actor, "assignment-restored", assignment=assignment.id)
        session.flush()


def handed_in(session: Session, assignment: Assignment) -> int:
    """How many attempts there are."""
    own = select(func.count()).select_from(Attempt).where(Attempt.assignment_id == assignment.id)
    return session.scalar(own) or 0


def names(session: Session, course: Course) -> frozenset[str]:
    """The names of the exercises that the course has already."""
    return frozenset(session.scalars(select(Assignment.name).where(Assignment.course_id == course.id)))
