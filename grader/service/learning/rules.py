"""The rules of an assignment as they hold for one student now: dates, attempts, what reports show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from grader.exercise.types import Exercise
from grader.model import REVEAL_LEVELS, Reveal
from grader.service.store.tables import Assignment, Attempt, Extension, Outcome

State = Literal["soon", "open", "late", "closed"]


@dataclass(frozen=True, slots=True)
class Rules:
    """`due` and `closes` are the student's own, with an extension. `left` attempts may still be handed in; None: any
    number. Reports show the level `free`; hints go up to `ceiling`."""

    state: State
    opens: datetime | None
    due: datetime | None
    closes: datetime | None
    extended: bool
    used: int
    left: int | None
    free: Reveal
    ceiling: Reveal


def rules_of(session: Session, assignment: Assignment, exercise: Exercise, user_id: int, now: datetime) -> Rules:
    """The rules for one student."""
    extension = session.get(Extension, (assignment.id, user_id))
    until = None if extension is None else extension.until
    due, closes = _later(assignment.due_at, until), _later(assignment.closes_at, until)
    used = _used(session, assignment, user_id)
    free, ceiling = _levels(assignment, exercise, due is not None and now > due)
    return Rules(
        _state(assignment.opens_at, due, closes, now),
        assignment.opens_at,
        due,
        closes,
        until is not None and assignment.due_at is not None and until > assignment.due_at,
        used,
        None if assignment.attempts is None else max(0, assignment.attempts - used),
        free,
        ceiling,
    )


def _later(at: datetime | None, until: datetime | None) -> datetime | None:
    return at if at is None or until is None else max(at, until)


def _state(opens: datetime | None, due: datetime | None, closes: datetime | None, now: datetime) -> State:
    if opens is not None and now < opens:
        return "soon"
    if closes is not None and now > closes:
        return "closed"
    return "late" if due is not None and now > due else "open"


def _used(session: Session, assignment: Assignment, user_id: int) -> int:
    """The attempts that count; one that failed through a fault of ours does not."""
    count = (
        select(func.count())
        .select_from(Attempt)
        .outerjoin(Outcome, and_(Outcome.attempt_id == Attempt.id, Outcome.current))
        .where(
            Attempt.assignment_id == assignment.id,
            Attempt.user_id == user_id,
            or_(Outcome.status.is_(None), Outcome.status != "fault"),
        )
    )
    return session.scalar(count) or 0


def _levels(assignment: Assignment, exercise: Exercise, after_due: bool) -> tuple[Reveal, Reveal]:
    if after_due and assignment.reveal_after_due is not None:
        level = _level(assignment.reveal_after_due)
        return level, level
    ceiling = _level(assignment.reveal)
    return replace(exercise.policy, reveal=ceiling).shown, ceiling


def _level(name: str) -> Reveal:
    """A reveal level by its name; the lowest for a name that is none."""
    return name if name in REVEAL_LEVELS else "location"
