"""What is stored of a student in one course: counted, exported, and erased. Other courses of the same person are left
alone; a person who is in no course any more is removed altogether."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from grader.batch.cells import table
from grader.errors import UsageError
from grader.model import Result
from grader.serialize import decode
from grader.service.store.tables import (
    Assignment,
    Attempt,
    AuditEntry,
    Course,
    Enrolment,
    Extension,
    Outcome,
    Override,
    Push,
    TakenHint,
    User,
    WebSession,
)
from grader.service.teaching.audit import Actor, noted

_TABLES = (Attempt, Override, TakenHint, Extension, Push)
"""What belongs to a student and an assignment. Outcomes and jobs belong to attempts, and go with them."""


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
    attempts, size = session.execute(
        select(func.count(), func.coalesce(func.sum(func.length(Attempt.content)), 0)).where(
            _own(Attempt, course, user_id)
        )
    ).one()
    return Stored(attempts, size, *(_count(session, one, course, user_id) for one in (Override, TakenHint, Push)))


def exported(session: Session, actor: Actor, course: Course, user_id: int) -> bytes:
    """A zip of everything that is stored of a student in this course. Raises `UsageError` under anonymous marking."""
    if course.anonymous:
        raise UsageError("An export names the student: it can be made once anonymous marking is off.")
    user = session.get_one(User, user_id)
    enrolment = session.get_one(Enrolment, (course.id, user_id))
    noted(session, actor, "student-exported", student=user_id)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        about = {"name": user.name, "email": user.email, "login": user.login, "subject": user.subject,
                 "course": course.title, "role": enrolment.role, "pseudonym": enrolment.pseudonym,
                 "enrolled": enrolment.created_at}  # fmt: skip
        archive.writestr("person.json", _json(about))
        for attempt, assignment in session.execute(
            select(Attempt, Assignment).join(Assignment).where(_own(Attempt, course, user_id)).order_by(Attempt.id)
        ):  # fmt: skip
            folder = f"{assignment.id}-{_safe(assignment.name)}/{attempt.number}"
            archive.writestr(f"{folder}/{_safe(attempt.file)}", attempt.content)
            for outcome in session.scalars(select(Outcome).where(Outcome.attempt_id == attempt.id)):
                archive.writestr(f"{folder}/result-{outcome.id}.json", _json(_result(outcome)))
        for kind in (Override, TakenHint, Extension, Push):
            rows = session.scalars(select(kind).where(_own(kind, course, user_id))).all()
            names = [one.key for one in kind.__table__.columns]
            cells = [[None if (value := getattr(row, name)) is None else str(value) for name in names] for row in rows]
            archive.writestr(f"{kind.__tablename__}.csv", "\ufeff" + table([names, *cells]))
    return written.getvalue()


def erased(session: Session, actor: Actor, course: Course, user_id: int) -> None:
    """Delete everything of a student in this course, and the enrolment; the trail keeps that somebody was erased."""
    for one in _TABLES:
        session.execute(delete(one).where(_own(one, course, user_id)).execution_options(synchronize_session=False))
    for entry in session.scalars(select(AuditEntry).where(AuditEntry.course_id == course.id)):
        detail = json.loads(entry.detail)
        if detail.get("student") == user_id:
            # What was done stays in the trail; what it says of the person goes.
            kept = {key: value for key, value in detail.items() if key == "assignment"}
            entry.detail = json.dumps(kept)
    session.execute(delete(Enrolment).where(Enrolment.course_id == course.id, Enrolment.user_id == user_id))
    session.execute(delete(WebSession).where(WebSession.course_id == course.id, WebSession.user_id == user_id))
    elsewhere = session.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.user_id == user_id))
    if not elsewhere:
        session.execute(delete(User).where(User.id == user_id))
    noted(session, actor, "student-erased")
    session.flush()
    session.expire_all()


Owned = type[Attempt] | type[Override] | type[TakenHint] | type[Extension] | type[Push]


def _own(kind: Owned, course: Course, user_id: int) -> ColumnElement[bool]:
    inside = select(Assignment.id).where(Assignment.course_id == course.id)
    return (kind.user_id == user_id) & kind.assignment_id.in_(inside)


def _count(session: Session, kind: Owned, course: Course, user_id: int) -> int:
    return session.scalar(select(func.count()).select_from(kind).where(_own(kind, course, user_id))) or 0


def _result(outcome: Outcome) -> dict[str, object]:
    result = None if outcome.result is None else decode(zlib.decompress(outcome.result), Result).to_dict()
    return {"status": outcome.status, "score": outcome.score, "max_score": outcome.max_score,
            "current": outcome.current, "message": outcome.message, "graded_at": outcome.graded_at,
            "version": outcome.version, "result": result}  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=True, default=str) + "\n"


def _safe(name: str) -> str:
    """A name for a file in an archive, which cannot lead out of its folder."""
    kept = "".join(one if one.isalnum() or one in "._-" else "_" for one in name).lstrip(".")
    return kept[-100:] or "file"
