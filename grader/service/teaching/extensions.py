"""A later due date for one student."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.service.store.tables import Assignment, Extension
from grader.service.teaching.audit import Actor, noted


def extension_of(session: Session, assignment: Assignment, user_id: int) -> Extension | None:
    """The extension of a student; None without one."""
    return session.get(Extension, (assignment.id, user_id))


def extended(session: Session, actor: Actor, assignment: Assignment, user_id: int, to: tuple[datetime, str]) -> None:
    """Give an extension until a time, with the reason ("" for none). It replaces an earlier one.

    Raises `UsageError` for a time before the due date, which would be no extension."""
    until, reason = to[0], to[1].strip()[:2000]
    if assignment.due_at is None:
        raise UsageError("The assignment has no due date that could be extended.")
    if until <= assignment.due_at:
        raise UsageError("An extension ends after the due date.")
    found = extension_of(session, assignment, user_id)
    if found is None:
        session.add(Extension(assignment_id=assignment.id, user_id=user_id, until=until, reason=reason))
    elif (found.until, found.reason) == (until, reason):
        return  # the form was sent twice
    else:
        found.until, found.reason = until, reason
    noted(session, actor, "extension-given", assignment=assignment.id, student=user_id,
          until=f"{until:%Y-%m-%d %H:%M} UTC", reason=reason)  # fmt: skip
    session.flush()


def extension_withdrawn(session: Session, actor: Actor, assignment: Assignment, user_id: int) -> None:
    """Withdraw an extension; nothing happens without one."""
    found = extension_of(session, assignment, user_id)
    if found is not None:
        session.delete(found)
        noted(session, actor, "extension-withdrawn", assignment=assignment.id, student=user_id)
        session.flush()
