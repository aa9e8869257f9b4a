"""A course in a database, for tests: rows with whatever does not matter filled in."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from grader.service.store.tables import Assignment, Attempt, Course, Enrolment, Outcome, Override, Platform, User

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def user(session: Session, name: str = "Anna") -> User:
    made = User(subject=uuid.uuid4().hex, name=name, email=f"{name.lower()}@example.org", created_at=NOON)
    session.add(made)
    session.flush()
    return made


def platform(session: Session) -> Platform:
    made = Platform(
        issuer=f"https://{uuid.uuid4().hex}.example", client_id="1", name="LMS", auth_url="", token_url="", jwks_url="",
        created_at=NOON,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def course(session: Session, **values: object) -> Course:
    made = Course(context_id=uuid.uuid4().hex, title="Calculus", created_at=NOON, **values)
    session.add(made)
    session.flush()
    return made


def enrolled(session: Session, course: Course, name: str = "Anna", role: str = "student") -> User:
    made = user(session, name)
    session.add(Enrolment(course_id=course.id, user_id=made.id, role=role, pseudonym=uuid.uuid4().hex, created_at=NOON))
    session.flush()
    return made


def assignment(session: Session, course: Course, **values: object) -> Assignment:
    given: dict[str, object] = {
        "name": "tanh-chain", "title": "Tanh", "exercise": "exercise: tanh-chain", "secret": "s", "max_score": 16.0,
        "reveal": "hint", "created_at": NOON,
    }  # fmt: skip
    made = Assignment(course_id=course.id, **{**given, **values})
    session.add(made)
    session.flush()
    return made


def attempt(session: Session, assignment: Assignment, user: User, number: int = 1, **values: object) -> Attempt:
    given: dict[str, object] = {"file": "mine.py", "content": b"x = 1\n", "submitted_at": NOON + number * MINUTE}
    made = Attempt(assignment_id=assignment.id, user_id=user.id, number=number, **{**given, **values})
    session.add(made)
    session.flush()
    return made


def graded(score: float | None, steps: dict[str, float] | None = None, **values: object) -> Outcome:
    """An outcome; `steps` are points by step, each of at most 1."""
    rows = [
        ["step", name, "correct" if points else "wrong", points, 1.0, None] for name, points in (steps or {}).items()
    ]
    given: dict[str, object] = {
        "status": "graded" if score is not None else "ungradable", "score": score, "max_score": 16.0, "current": True,
        "message": None if score is not None else "no code", "steps": json.dumps(rows), "version": "0",
        "graded_at": NOON,
    }  # fmt: skip
    return Outcome(**{**given, **values})


def with_score(
    session: Session, attempt: Attempt, score: float | None, steps: dict[str, float] | None = None
) -> Outcome:
    made = graded(score, steps, attempt_id=attempt.id)
    session.add(made)
    session.flush()
    return made


def override(session: Session, attempt: Attempt, step: str | None, points: float | None, **values: object) -> None:
    given: dict[str, object] = {"reason": "as discussed", "at": NOON + DAY}
    made = Override(
        assignment_id=attempt.assignment_id, user_id=attempt.user_id, attempt_id=attempt.id, step=step, points=points,
        **{**given, **values},
    )  # fmt: skip
    session.add(made)
    session.flush()
