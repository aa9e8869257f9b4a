"""Assignments made of exercises of the collection, and of assignments of other courses."""

from __future__ import annotations

import secrets

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from grader.service.store.tables import Assignment, Attempt
from grader.service.teaching.assignments import added
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.exercise_check import offered, read

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
