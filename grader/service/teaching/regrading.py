"""Grading again, of one student or all: started, previewed, then applied or dropped. Until it is applied, nothing that
anybody sees changes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, inspect, select, update
from sqlalchemy.orm import Session, aliased

from grader.errors import UsageError
from grader.exercise.load import loads
from grader.service.scores import Standing, standings
from grader.service.store.tables import Assignment, Attempt, Job, Outcome, Regrade
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.people import People
from grader.service.work.queue import REGRADES, queued

OPEN = ("running", "ready")
"""States in which a regrade may still be applied."""


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step of an attempt that came out otherwise: its outcome before and after; "": there was none."""

    attempt: int
    step: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """What a regrade changes for a student: the score that counts, before and after, and the steps."""

    user_id: int
    name: str
    before: float | None
    after: float | None
    steps: tuple[StepChange, ...]

    @property
    def difference(self) -> float:
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True, slots=True)
class Preview:
    """A regrade as it stands: `done` of `total` attempts graded, `failed` of them through a fault of ours (they keep
    what they have), the students whose score or steps change, and the maximum points before and after."""

    total: int
    done: int
    failed: int
    students: int
    changes: tuple[ScoreChange, ...]
    most_before: float
    most_after: float

    @property
    def up(self) -> int:
        return sum(one.difference > 1e-9 for one in self.changes)

    @property
    def down(self) -> int:
        return sum(one.difference < -1e-9 for one in self.changes)


@dataclass(frozen=True, slots=True)
class RegradeRow:
    """A regrade in the list of an assignment."""

    id: int
    state: str
    by: str
    at: datetime
    attempts: int
    done: int


def started(
    session: Session, actor: Actor, assignment: Assignment, users: Collection[int] | None, exercise: str | None = None
) -> Regrade:
    """Queue all attempts of some students (None: of everybody) to be graded again, with the exercise as it is or with
    another text of it. Raises `UsageError` if another regrade is open, or there is nothing to grade."""
    if open_regrade(session, assignment) is not None:
        raise UsageError("Another regrade of this assignment is open: apply it or drop it first.")
    own = select(Attempt.id, Attempt.user_id).where(Attempt.assignment_id == assignment.id)
    if users is not None:
        own = own.where(Attempt.user_id.in_(users))
    attempts = session.execute(own.order_by(Attempt.id)).all()
    if not attempts:
        raise UsageError("Nothing has been handed in that could be graded again.")
    regrade = Regrade(assignment_id=assignment.id, exercise=exercise or assignment.exercise, state="running",
                      by=actor.user_id, created_at=actor.now)  # fmt: skip
    session.add(regrade)
    session.flush()
    waiting: Counter[int] = Counter()
    rows: list[dict[str, object]] = []
    for attempt, user in attempts:
        rows.append({"attempt_id": attempt, "user_id": user, "regrade_id": regrade.id, "state": "queued",
                     "rank": REGRADES + waiting[user], "queued_at": actor.now, "lease": 0, "tries": 0,
                     "deaths": 0})  # fmt: skip
        waiting[user] += 1
    session.execute(insert(Job), rows)
    one = next(iter(users)) if users is not None and len(users) == 1 else None
    noted(session, actor, "regrade-started", assignment=assignment.id, regrade=regrade.id, attempts=len(rows),
          with_a_changed_exercise=regrade.exercise != assignment.exercise,
          **({} if one is None else {"student": one}))  # fmt: skip
    return regrade


def open_regrade(session: Session, assignment: Assignment) -> Regrade | None:
    """The regrade of an assignment that is neither applied nor dropped; None if there is none."""
    return session.scalar(
        select(Regrade).where(Regrade.assignment_id == assignment.id, Regrade.state.in_(OPEN)).limit(1)
    )


def listed(session: Session, assignment: Assignment, people: People) -> list[RegradeRow]:
    """All regrades of an assignment, newest first."""
    counts = (
        select(Job.regrade_id, func.count().label("number"), func.count(Job.done_at).label("done"))
        .where(Job.regrade_id.is_not(None)).group_by(Job.regrade_id).subquery()
    )  # fmt: skip
    rows = session.execute(
        select(Regrade, counts.c.number, counts.c.done)
        .outerjoin(counts, counts.c.regrade_id == Regrade.id)
        .where(Regrade.assignment_id == assignment.id).order_by(Regrade.id.desc())
    )  # fmt: skip
    return [
        RegradeRow(one.id, one.state, people.name(one.by), one.created_at, number or 0, done or 0)
        for one, number, done in rows
    ]


def preview(session: Session, regrade: Regrade, people: People) -> Preview:
    """What would change if the regrade were applied now."""
    assignment = session.get_one(Assignment, regrade.assignment_id)
    then = _as_regraded(assignment, regrade)
    before = {one.user_id: one for one in standings(session, assignment)}
    after = {one.user_id: one for one in standings(session, then, regrade.id)}
    steps = _changed_steps(session, regrade)
    changes = [
        ScoreChange(user, people.name(user), before[user].final, after[user].final, steps.get(user, ()))
        for user in before
        if before[user].final != after[user].final or steps.get(user)
    ]
    changes.sort(key=lambda one: (-abs(one.difference), one.name.casefold()))
    total, done = session.execute(
        select(func.count(), func.count(Job.done_at)).where(Job.regrade_id == regrade.id)
    ).one()  # fmt: skip
    failed = session.scalar(
        select(func.count()).select_from(Outcome).where(Outcome.regrade_id == regrade.id, Outcome.status == "fault")
    )
    return Preview(total, done, failed or 0, _students(before, regrade, session), tuple(changes),
                   assignment.max_score, then.max_score)  # fmt: skip


def applied(session: Session, actor: Actor, regrade: Regrade) -> list[int]:
    """Let the outcomes of a regrade count, and its exercise; return the students whose score changed. What the grader
    failed at keeps what it has. Files handed in since it began are graded with the new exercise.

    Raises `UsageError` while it is running, and once it is closed."""
    if regrade.state == "running":
        raise UsageError("Some files are still being graded: wait until the preview is complete.")
    if regrade.state != "ready":
        raise UsageError(f"This regrade was {regrade.state} already.")
    assignment = session.get_one(Assignment, regrade.assignment_id)
    before = {one.user_id: one.final for one in standings(session, assignment)}
    good = select(Outcome.id, Outcome.attempt_id).where(Outcome.regrade_id == regrade.id, Outcome.status != "fault")
    chosen = good.subquery()
    earlier = update(Outcome).where(
        Outcome.attempt_id.in_(select(chosen.c.attempt_id)), Outcome.id.not_in(select(chosen.c.id))
    )
    session.execute(earlier.values(current=False).execution_options(synchronize_session=False))
    counting = update(Outcome).where(Outcome.id.in_(select(chosen.c.id)))
    session.execute(counting.values(current=True).execution_options(synchronize_session=False))
    if regrade.exercise != assignment.exercise:
        _take_exercise(session, actor, assignment, regrade)
    regrade.state = "applied"
    session.flush()
    after = {one.user_id: one.final for one in standings(session, assignment)}
    changed = [user for user, score in after.items() if before.get(user) != score]
    noted(session, actor, "regrade-applied", assignment=assignment.id, regrade=regrade.id, changed_scores=len(changed))
    return changed


def dropped(session: Session, actor: Actor, regrade: Regrade) -> None:
    """Give a regrade up: its outcomes and what is still queued of it are deleted.

    Raises `UsageError` once it is closed."""
    if regrade.state not in OPEN:
        raise UsageError(f"This regrade was {regrade.state} already.")
    for table in (Job, Outcome):
        for row in session.scalars(select(table).where(table.regrade_id == regrade.id)):
            session.delete(row)
    regrade.state = "dropped"
    noted(session, actor, "regrade-dropped", assignment=regrade.assignment_id, regrade=regrade.id)
    session.flush()


def _take_exercise(session: Session, actor: Actor, assignment: Assignment, regrade: Regrade) -> None:
    then = _as_regraded(assignment, regrade)
    assignment.exercise, assignment.max_score = regrade.exercise, then.max_score
    regraded = select(Job.attempt_id).where(Job.regrade_id == regrade.id)
    later = session.scalars(
        select(Attempt).where(Attempt.assignment_id == assignment.id, Attempt.id.not_in(regraded))
    ).all()  # fmt: skip
    for attempt in later:
        for job in session.scalars(select(Job).where(Job.attempt_id == attempt.id, Job.state == "done")):
            session.delete(job)  # so that it is queued once more
        session.flush()
        queued(session, attempt, actor.now)


def _as_regraded(assignment: Assignment, regrade: Regrade) -> Assignment:
    """The assignment as it would be, in no session."""
    columns = inspect(Assignment).column_attrs.keys()
    made = Assignment(**{name: getattr(assignment, name) for name in columns})
    if regrade.exercise != assignment.exercise:
        made.max_score = loads(regrade.exercise, assignment.name).points
    return made


def _students(before: dict[int, Standing], regrade: Regrade, session: Session) -> int:
    users = session.scalars(select(Job.user_id).where(Job.regrade_id == regrade.id).distinct())
    return sum(user in before for user in users)


def _changed_steps(session: Session, regrade: Regrade) -> dict[int, tuple[StepChange, ...]]:
    """By student, the steps that came out otherwise than in the outcome that counts now."""
    new = aliased(Outcome)
    rows: Sequence[tuple[int, int, str, str]] = session.execute(
        select(Attempt.user_id, Attempt.number, Outcome.steps, new.steps)
        .join(Attempt, Attempt.id == Outcome.attempt_id)
        .join(new, new.attempt_id == Outcome.attempt_id)
        .where(new.regrade_id == regrade.id, new.status != "fault", Outcome.current, Outcome.steps != new.steps)
        .order_by(Attempt.number)
    ).all()  # fmt: skip
    found: dict[int, tuple[StepChange, ...]] = {}
    for user, number, old, fresh in rows:
        if differences := tuple(_differences(number, old, fresh)):
            found[user] = found.get(user, ()) + differences
    return found


def _differences(attempt: int, old: str, fresh: str) -> list[StepChange]:
    before = {one[1]: one for one in json.loads(old) if one[0] == "step"}
    after = {one[1]: one for one in json.loads(fresh) if one[0] == "step"}
    made = []
    for step in dict.fromkeys([*after, *before]):
        was, now = before.get(step), after.get(step)
        if was is None or now is None or was[2:4] != now[2:4]:
            made.append(StepChange(attempt, step, was[2] if was else "", now[2] if now else ""))
    return made
