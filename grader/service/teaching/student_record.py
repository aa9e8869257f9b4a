"""One student at one assignment: all attempts with their outcomes, what became of them, a later due date, and points
given by hand, for a step or for the whole, with a reason.

Nothing is changed or removed: the latest row of a step counts, and one without points withdraws those before it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.report.numbers import count
from grader.service.store.tables import Assignment, Attempt, Extension, Job, Outcome, Override, TakenHint
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.class_view import Step, asked_for
from grader.service.teaching.people import People

MAX_REASON_LENGTH = 2000
"""Characters of a reason."""

FACTOR = 10.0
"""At most so many times the points a whole assignment is worth may be given: more is a slip of the keyboard."""


@dataclass(frozen=True)
class Tried:
    """An attempt: `state` is `graded`, `ungradable`, `fault`, `queued` or `leased`; `steps` are those asked for; `size`
    in bytes; `regraded`: its result is one of a regrade."""

    id: int
    number: int
    file: str
    size: int
    at: datetime
    state: str
    score: float | None
    most: float | None
    complete: bool
    message: str
    steps: tuple[Step, ...]
    regraded: bool
    counts: bool

    @cached_property
    def by_name(self) -> dict[str, Step]:
        return {step[1]: step for step in self.steps}


@dataclass(frozen=True, slots=True)
class SeenHint:
    """A hint that was taken."""

    step: str
    level: str
    cost: float
    at: datetime


def attempts(
    session: Session, assignment: Assignment, user_id: int, people: People, counted: int | None
) -> list[Tried]:
    """All attempts of a student, newest first. `counted` is the one that counts."""
    rows = session.execute(
        select(Attempt, Outcome)
        .outerjoin(Outcome, and_(Outcome.attempt_id == Attempt.id, Outcome.current))
        .where(Attempt.assignment_id == assignment.id, Attempt.user_id == user_id)
        .order_by(Attempt.number.desc())
    ).all()
    waiting = dict(
        session.execute(
            select(Job.attempt_id, Job.state).join(Attempt).where(
                Attempt.assignment_id == assignment.id, Attempt.user_id == user_id,
                Job.state.in_(("queued", "leased")), Job.regrade_id.is_(None),
            )
        ).all()
    )  # fmt: skip
    return [
        _tried(attempt, outcome, waiting.get(attempt.id, "queued"), people, attempt.id == counted)
        for attempt, outcome in rows
    ]


def _tried(one: Attempt, outcome: Outcome | None, waiting: str, people: People, counts: bool) -> Tried:
    file = people.file(one.user_id, one.file)
    if outcome is None:
        return Tried(one.id, one.number, file, len(one.content), one.submitted_at, waiting, None, None, False, "",
                     (), False, counts)  # fmt: skip
    return Tried(
        one.id, one.number, file, len(one.content), one.submitted_at, outcome.status, outcome.score, outcome.max_score,
        outcome.complete, people.text(one.user_id, outcome.message or ""), asked_for(outcome.steps),
        outcome.regrade_id is not None, counts,
    )  # fmt: skip


def hints(session: Session, assignment: Assignment, user_id: int) -> Sequence[SeenHint]:
    """The hints a student has taken, in that order."""
    rows = session.scalars(
        select(TakenHint)
        .where(TakenHint.assignment_id == assignment.id, TakenHint.user_id == user_id)
        .order_by(TakenHint.at)
    )
    return [SeenHint(one.step, one.level, one.cost, one.at) for one in rows]


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


@dataclass(frozen=True, slots=True)
class Given:
    """A row of the history: `step` None means the whole score, `points` None that the override was withdrawn. `counts`:
    it is in force."""

    step: str | None
    points: float | None
    reason: str
    by: str
    at: datetime
    counts: bool


def given(
    session: Session, actor: Actor, assignment: Assignment, user_id: int, what: tuple[str | None, str, str]
) -> Override:
    """Give points by hand. `what` are the step (None: the whole score), the points and the reason, as typed.

    Raises `UsageError`."""
    step, typed, reason = what
    reason = _reason(reason)
    points = _points(typed, assignment.max_score * FACTOR)
    latest = _latest_attempt(session, assignment, user_id)
    if step is not None and latest is None:
        raise UsageError("Nothing was handed in yet, so there are no steps. Give points for the whole instead.")
    for known in _rows_in_force(session, assignment, user_id):
        if (known.step, known.points, known.reason, known.attempt_id) == (step, points, reason, latest):
            return known  # the form was sent twice
    row = _row(actor, assignment, user_id, step, points)
    row.reason, row.attempt_id = reason, latest
    session.add(row)
    noted(session, actor, "points-given", assignment=assignment.id, student=user_id, step=step or "the whole score",
          points=count(points), reason=reason)  # fmt: skip
    session.flush()
    return row


def withdrawn(
    session: Session, actor: Actor, assignment: Assignment, user_id: int, what: tuple[str | None, str]
) -> Override:
    """Withdraw the points given for a step (None: for the whole), with the reason; those of grading count again.

    Raises `UsageError` without points to withdraw."""
    step, reason = what
    if not any(one.step == step for one in _rows_in_force(session, assignment, user_id)):
        raise UsageError("No points were given by hand for this.")
    row = _row(actor, assignment, user_id, step, None)
    row.reason = _reason(reason)
    session.add(row)
    noted(session, actor, "points-withdrawn", assignment=assignment.id, student=user_id, step=step or "the whole score",
          reason=row.reason)  # fmt: skip
    session.flush()
    return row


def history(session: Session, assignment: Assignment, user_id: int, people: People) -> list[Given]:
    """All overrides of a student, newest first."""
    in_force = {one.id for one in _rows_in_force(session, assignment, user_id)}
    return [
        Given(one.step, one.points, people.text(user_id, one.reason), people.name(one.by), one.at, one.id in in_force)
        for one in reversed(_rows(session, assignment, user_id))
    ]


def _rows(session: Session, assignment: Assignment, user_id: int) -> list[Override]:
    found = select(Override).where(Override.assignment_id == assignment.id, Override.user_id == user_id)
    return list(session.scalars(found.order_by(Override.id)))


def _rows_in_force(session: Session, assignment: Assignment, user_id: int) -> list[Override]:
    latest = {one.step: one for one in _rows(session, assignment, user_id)}
    return [one for one in latest.values() if one.points is not None]


def _row(actor: Actor, assignment: Assignment, user_id: int, step: str | None, points: float | None) -> Override:
    return Override(assignment_id=assignment.id, user_id=user_id, attempt_id=None, step=step, points=points, reason="",
                    by=actor.user_id, at=actor.now)  # fmt: skip


def _latest_attempt(session: Session, assignment: Assignment, user_id: int) -> int | None:
    return session.scalar(
        select(Attempt.id).where(Attempt.assignment_id == assignment.id, Attempt.user_id == user_id)
        .order_by(Attempt.number.desc()).limit(1)
    )  # fmt: skip


def _reason(text: str) -> str:
    reason = text.strip()[:MAX_REASON_LENGTH]
    if not reason:
        raise UsageError("Say why: the reason is kept, and the student reads it.")
    return reason


def _points(typed: str, most: float) -> float:
    try:
        points = float(typed.strip().replace(",", "."))
    except ValueError:
        raise UsageError(f"{typed.strip()[:40]!r} is no number of points.") from None
    if not math.isfinite(points) or not 0 <= points <= most:
        raise UsageError(f"Points are a number from 0 to {count(most)}.")
    return round(points, 6)
