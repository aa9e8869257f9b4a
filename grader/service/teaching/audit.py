"""The audit trail: who changed what, and when. Entries name people by id, so that what is shown of them can change and
they can be removed. Entries of no course are the operator's, about the server as a whole."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.service.store.tables import Assignment, AuditEntry, Course
from grader.service.teaching.people import People

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something in a course, and when."""

    course_id: int
    user_id: int
    now: datetime


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An entry in words: when, who, what, of which assignment and of which student ("" for none), and the details."""

    at: datetime
    who: str
    what: str
    assignment: str
    student: str
    details: tuple[tuple[str, str], ...]


def noted(session: Session, actor: Actor, action: str, **detail: object) -> None:
    """Write an entry. `detail` is JSON: `assignment` and `student` are ids."""
    session.add(
        AuditEntry(course_id=actor.course_id, by=actor.user_id, action=action, at=actor.now,
                   detail=json.dumps(detail, ensure_ascii=True, default=str))
    )  # fmt: skip


def operated(session: Session, now: datetime, action: str, course_id: int | None = None, **detail: object) -> None:
    """Write an entry about what the operator does, by commands; `course_id` None: about the server as a whole."""
    session.add(
        AuditEntry(course_id=course_id, by=None, action=action, at=now,
                   detail=json.dumps(detail, ensure_ascii=True, default=str))
    )  # fmt: skip


def of_server(session: Session) -> list[tuple[datetime, str, str]]:
    """What the operator has done, oldest first: when, what in words, and the details."""
    rows = session.scalars(select(AuditEntry).where(AuditEntry.course_id.is_(None)).order_by(AuditEntry.id))
    return [
        (one.at, WORDS.get(one.action, one.action),
         ", ".join(f"{key} {_said(value)}" for key, value in json.loads(one.detail).items()))
        for one in rows
    ]  # fmt: skip


def trail(session: Session, course: Course, people: People, page: int = 1) -> tuple[list[AuditLine], int]:
    """A page of the trail, newest first, and the number of entries."""
    number = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.course_id == course.id)) or 0
    rows = session.scalars(
        select(AuditEntry).where(AuditEntry.course_id == course.id).order_by(AuditEntry.id.desc())
        .limit(PER_PAGE).offset(PER_PAGE * (page - 1))
    ).all()  # fmt: skip
    own = select(Assignment.id, Assignment.title).where(Assignment.course_id == course.id)
    titles = dict(session.execute(own).all())
    return [_line(one, titles, people) for one in rows], number


def _line(one: AuditEntry, titles: dict[int, str], people: People) -> AuditLine:
    detail = json.loads(one.detail)
    assignment, student = detail.pop("assignment", None), detail.pop("student", None)

    def said(value: object) -> str:
        text = _said(value)
        return text if student is None else people.text(student, text)

    return AuditLine(
        one.at,
        NOBODYS.get(one.action) or people.name(one.by),
        WORDS.get(one.action, one.action.replace("-", " ")),
        "" if assignment is None else titles.get(assignment, "a deleted assignment"),
        "" if student is None else people.name(student),
        tuple((key.replace("_", " "), said(value)) for key, value in detail.items()),
    )


def _said(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(_said, value)) or "none"
    if value is None or value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


WORDS = {
    "assignment-added": "added an assignment",
    "assignment-copied": "opened a link of a copied course: its assignment was copied",
    "assignment-linked": "opened a link that launches the assignment from now on",
    "column-changed": "opened a link whose column takes the scores from now on",
    "assignment-changed": "changed the settings",
    "exercise-changed": "changed the exercise",
    "assignment-archived": "archived the assignment",
    "assignment-restored": "restored the assignment",
    "extension-given": "gave an extension",
    "extension-withdrawn": "withdrew an extension",
    "points-given": "gave points by hand",
    "points-withdrawn": "withdrew points given by hand",
    "regrade-started": "started a regrade",
    "regrade-applied": "applied a regrade",
    "regrade-dropped": "dropped a regrade",
    "score-resent": "sent a score again",
    "roster-merged": "fetched the roster",
    "course-changed": "changed the settings of the course",
    "exported": "exported results",
    "student-exported": "exported what is stored of a student",
    "student-erased": "erased a student",
    "viewed-as-student": "viewed the course as a student",
    "role-changed": "came with another role",
    "invited": "invited somebody",
    "expired": "deleted what was kept long enough",
    "platform-registered": "registered a platform",
    "deployment-added": "let another deployment launch",
    "origin-added": "took a host as a platform's own",
    "platform-switched": "switched a platform on or off",
    "key-added": "added a key",
    "keys-replaced": "withdrew all keys and added one",
    "restored": "restored a backup",
}
"""What each action is called. One that is not here is shown as it is."""

NOBODYS = {"invited": "the operator", "expired": "the server"}
"""Who does what nobody of the course does."""
