"""What is kept of a student, and for how long: deletion after a time; and export and deletion at once, of the person or
of what belongs to one course, with an entry in the audit trail.

None of these functions commits. On SQLite, what was deleted is overwritten in the file (`secure_delete`), and leaves
the log at its next checkpoint; backups that were made before still hold it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, Table, delete, func, or_, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model import Reveal
from grader.service.attempts import kept_result
from grader.service.store.tables import (
    Assignment,
    Attempt,
    AuditEntry,
    Base,
    Course,
    Enrolment,
    LoginLink,
    LoginState,
    Outcome,
    Override,
    Push,
    TakenHint,
    User,
    WebSession,
)
from grader.service.teaching.audit import Actor, noted

LEFT_OUT = frozenset(
    {("users", "password"), ("sessions", "digest"), ("login_links", "digest"), ("attempts", "content")}
)
"""Columns that are not among exported rows: what proves who somebody is, and files, which are beside them."""

Owned = type[Attempt] | type[Override] | type[TakenHint] | type[Push]


def expired(session: Session, now: datetime) -> int:
    """Delete what is older than its course keeps it; return how many attempts were deleted.

    With an attempt go its file, its results and its jobs. Nothing is sent to the platform."""
    deleted = 0
    for course, days in session.execute(
        select(Course.id, Course.retention_days).where(Course.retention_days.is_not(None))
    ):
        before = now - timedelta(days=days or 0)
        of_course = select(Assignment.id).where(Assignment.course_id == course).scalar_subquery()
        for table, at in ((Override, Override.at), (TakenHint, TakenHint.at), (Push, Push.created_at)):
            _count(session, delete(table).where(table.assignment_id.in_(of_course), at < before))
        old = delete(Attempt).where(Attempt.assignment_id.in_(of_course), Attempt.submitted_at < before)
        of_this = _count(session, old)
        deleted += of_this
        _count(session, delete(AuditEntry).where(AuditEntry.course_id == course, AuditEntry.at < before))
        if of_this:
            detail = json.dumps({"attempts": of_this})
            session.add(AuditEntry(course_id=course, by=None, action="expired", detail=detail, at=now))
    return deleted


def swept(session: Session, now: datetime) -> None:
    """Delete sessions, logins and links that have run out."""
    session.execute(delete(WebSession).where(WebSession.expires_at < now))
    session.execute(delete(LoginState).where(LoginState.expires_at < now))
    session.execute(delete(LoginLink).where(or_(LoginLink.expires_at < now, LoginLink.used_at.is_not(None))))


def exported(session: Session, user: User, course_id: int | None = None) -> bytes:
    """Everything that is stored of a user (of one course, if it is given), as a ZIP file.

    `about.json` has the rows of every table that belong to the user, results at the level that the student may see;
    `files/` has what was handed in."""
    rows: dict[str, list[dict[str, object]]] = {}
    for table in Base.metadata.sorted_tables:
        found = [_readable(table, row) for row in _rows(session, table, user, course_id)]
        if found:
            rows[table.name] = found
    attempts = _attempts(session, user, course_id)
    if results := list(_results(session, attempts)):
        rows["results"] = results
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.json", json.dumps(rows, indent=1, ensure_ascii=False, default=str))
        for attempt in attempts:
            name = PurePath(attempt.file.replace("\\", "/")).name or "file"
            archive.writestr(f"files/{attempt.assignment_id}-{attempt.number}-{name}", attempt.content)
    return packed.getvalue()


def erased(session: Session, user: User) -> None:
    """Delete a user with everything that is theirs. What they did as an instructor stays, without their name."""
    session.flush()
    _count(session, delete(User).where(User.id == user.id))
    session.expire_all()


def left(session: Session, user: User, course_id: int) -> None:
    """Delete everything of a user in one course; of one who is in no other, the user too."""
    of_course = select(Assignment.id).where(Assignment.course_id == course_id).scalar_subquery()
    for table in Base.metadata.sorted_tables:
        if "assignment_id" in table.c and "user_id" in table.c:
            own = delete(table).where(table.c.assignment_id.in_(of_course), table.c.user_id == user.id)
            _count(session, own)
    _count(session, delete(WebSession).where(WebSession.course_id == course_id, WebSession.user_id == user.id))
    _count(session, delete(Enrolment).where(Enrolment.course_id == course_id, Enrolment.user_id == user.id))
    if session.scalar(select(Enrolment.course_id).where(Enrolment.user_id == user.id).limit(1)) is None:
        erased(session, user)
    session.expire_all()


def _attempts(session: Session, user: User, course_id: int | None) -> list[Attempt]:
    own = select(Attempt).join(Assignment, Assignment.id == Attempt.assignment_id).where(Attempt.user_id == user.id)
    if course_id is not None:
        own = own.where(Assignment.course_id == course_id)
    return list(session.scalars(own.order_by(Attempt.assignment_id, Attempt.number)))


def _rows(session: Session, table: Table, user: User, course_id: int | None) -> list[Any]:
    """The rows of a table that are the user's."""
    if table.name == "users":
        return list(session.execute(select(table).where(table.c.id == user.id)))
    if table.name == "outcomes":
        return []  # see `_results`
    if "user_id" not in table.c:
        return []
    chosen = select(table).where(table.c.user_id == user.id)
    if course_id is not None:
        if "course_id" in table.c:
            chosen = chosen.where(table.c.course_id == course_id)
        elif "assignment_id" in table.c:
            of_course = select(Assignment.id).where(Assignment.course_id == course_id)
            chosen = chosen.where(table.c.assignment_id.in_(of_course))
    return list(session.execute(chosen))


def _readable(table: Table, row: Any) -> dict[str, object]:
    return {
        column: value.isoformat() if isinstance(value, datetime) else value
        for column, value in row._mapping.items()
        if (table.name, column) not in LEFT_OUT
    }


def _results(session: Session, attempts: Sequence[Attempt]) -> Iterator[dict[str, object]]:
    """The current results of attempts, without what the reveal level of their assignment hides."""
    for attempt in attempts:
        outcome = session.scalar(select(Outcome).where(Outcome.attempt_id == attempt.id, Outcome.current))
        if outcome is None:
            continue
        told: dict[str, object] = {"assignment_id": attempt.assignment_id, "number": attempt.number}
        told |= {"status": outcome.status, "score": outcome.score, "message": outcome.message}
        told |= {"graded_at": outcome.graded_at.isoformat(), "version": outcome.version}
        if (result := kept_result(outcome)) is not None:
            reveal = cast(Reveal, session.get_one(Assignment, attempt.assignment_id).reveal)
            told["result"] = replace(result, reveal=reveal).to_dict()
        yield told


def _count(session: Session, what: Delete) -> int:
    done = session.execute(what.execution_options(synchronize_session=False))
    assert isinstance(done, CursorResult)
    return done.rowcount


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
    return Stored(attempts, total, *(_number(session, one, course, user_id) for one in (Override, TakenHint, Push)))


def exported_from_course(session: Session, actor: Actor, course: Course, user_id: int) -> bytes:
    """A zip of everything that is stored of a student in this course. Raises `UsageError` under anonymous marking."""
    if course.anonymous:
        raise UsageError("An export names the student: it can be made once anonymous marking is off.")
    noted(session, actor, "student-exported", student=user_id)
    return exported(session, session.get_one(User, user_id), course.id)


def erased_from_course(session: Session, actor: Actor, course: Course, user_id: int) -> None:
    """Delete everything of a student in this course, and the enrolment; the trail keeps that somebody was erased."""
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.course_id == course.id)):
        detail = json.loads(entry.detail)
        if detail.get("student") == user_id:
            # What was done stays in the trail; what it says of the person goes.
            entry.detail = json.dumps({key: value for key, value in detail.items() if key == "assignment"})
    session.flush()
    left(session, session.get_one(User, user_id), course.id)
    noted(session, actor, "student-erased")
    session.flush()


def _own(kind: Owned, course: Course, user_id: int) -> ColumnElement[bool]:
    inside = select(Assignment.id).where(Assignment.course_id == course.id)
    return (kind.user_id == user_id) & kind.assignment_id.in_(inside)


def _number(session: Session, kind: Owned, course: Course, user_id: int) -> int:
    return session.scalar(select(func.count()).select_from(kind).where(_own(kind, course, user_id))) or 0
