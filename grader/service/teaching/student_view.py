"""One student at one assignment: all attempts with their outcomes, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from grader.service.store.tables import Assignment, Attempt, Job, Outcome, TakenHint
from grader.service.teaching.class_view import Step, asked_for
from grader.service.teaching.people import People


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
