"""What a student's score for an assignment is: attempts, overrides, hints and lateness put together, when asked.

Nothing of it is stored, so no order in which attempts are graded, or rules are changed, can leave an old score behind.
What could not be graded has no score, which is never a 0.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session, aliased

from grader.batch.student_row import Final, LatePolicy, StepOverride, StudentRow, final
from grader.report.hints import less
from grader.service.store.tables import Assignment, Attempt, Enrolment, Extension, Outcome, Override, TakenHint


@dataclass(frozen=True, slots=True)
class Counted:
    """The attempt whose score counts."""

    id: int
    number: int
    file: str
    submitted_at: datetime
    complete: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A student's score for an assignment, in points.

    `counted` is the attempt that counts (None: none has a score), `raw` what grading gave it, `hints` what hints cost,
    `steps` the points of steps given by hand. If `overridden`, `override` (None: no score) is the instructor's whole
    score, which counts as it is. `lost` is the late penalty and `late` the lateness in words. `final` is what goes to
    the gradebook; None: nothing does. `pending`: an attempt is not graded yet. `stale_override`: something was handed
    in after the override. `message`: why the last attempt has no score. `comments`: the instructor's, on overrides."""

    user_id: int
    max_score: float
    attempts: int = 0
    counted: Counted | None = None
    raw: float | None = None
    hints: float = 0.0
    steps: tuple[StepOverride, ...] = ()
    overridden: bool = False
    override: float | None = None
    lost: float = 0.0
    late: str = ""
    final: float | None = None
    pending: bool = False
    stale_override: bool = False
    message: str | None = None
    last_submitted_at: datetime | None = None
    comments: str = ""


def standing(session: Session, assignment: Assignment, user_id: int) -> Standing:
    """The standing of one student. Whether the user is enrolled is not asked."""
    return _standings(session, assignment, [user_id], one=user_id)[0]


def standings(session: Session, assignment: Assignment, regrade: int | None = None) -> list[Standing]:
    """The standings of all active students of the course, by user id, in five queries. Test students are in none.

    `regrade`: as they would be if the outcomes of this regrade counted."""
    students = select(Enrolment.user_id).where(
        Enrolment.course_id == assignment.course_id, Enrolment.role == "student", Enrolment.active
    )
    return _standings(session, assignment, sorted(session.scalars(students)), regrade=regrade)


class _Try(NamedTuple):
    """An attempt and its current outcome; without one, all from `outcome_id` on are None."""

    user_id: int
    id: int
    number: int
    file: str
    submitted_at: datetime
    outcome_id: int | None
    status: str | None
    score: float | None
    complete: bool | None
    message: str | None


class _Given(NamedTuple):
    """An override; see the table."""

    user_id: int
    step: str | None
    points: float | None
    reason: str
    attempt_id: int | None
    at: datetime


@dataclass(slots=True)
class _Facts:
    """What is known of one student."""

    tries: list[_Try] = field(default_factory=list)
    overrides: dict[str | None, _Given] = field(default_factory=dict)
    hints: float = 0.0
    until: datetime | None = None


def _standings(
    session: Session,
    assignment: Assignment,
    users: Sequence[int],
    one: int | None = None,
    regrade: int | None = None,
) -> list[Standing]:
    facts: dict[int, _Facts] = defaultdict(_Facts)

    tries = (
        select(
            Attempt.user_id, Attempt.id, Attempt.number, Attempt.file, Attempt.submitted_at,
            Outcome.id, Outcome.status, Outcome.score, Outcome.complete, Outcome.message,
        )
        .outerjoin(Outcome, and_(Outcome.attempt_id == Attempt.id, _counting(regrade)))
        .where(Attempt.assignment_id == assignment.id, _of(Attempt, one))
        .order_by(Attempt.number)
    )  # fmt: skip
    for row in session.execute(tries):
        facts[row[0]].tries.append(_Try._make(row))

    by_hand = (
        select(
            Override.user_id, Override.step, Override.points, Override.reason, Override.attempt_id, Override.at
        )
        .where(Override.assignment_id == assignment.id, _of(Override, one))
        .order_by(Override.id)
    )  # fmt: skip
    for given in map(_Given._make, session.execute(by_hand)):
        facts[given.user_id].overrides[given.step] = given  # the latest counts

    hints = select(TakenHint.user_id, TakenHint.cost).where(
        TakenHint.assignment_id == assignment.id, _of(TakenHint, one)
    )
    for user_id, cost in session.execute(hints):
        facts[user_id].hints += cost

    extensions = select(Extension.user_id, Extension.until).where(
        Extension.assignment_id == assignment.id, _of(Extension, one)
    )
    for user_id, until in session.execute(extensions):
        facts[user_id].until = until

    graded = _points(session, (each for user in users if (each := facts.get(user)) is not None))
    return [_standing(assignment, user, facts.get(user) or _Facts(), graded) for user in users]


def _counting(regrade: int | None) -> ColumnElement[bool]:
    """Which outcome of an attempt counts: the current one, or that of a regrade, unless it is a fault of ours."""
    if regrade is None:
        return Outcome.current.is_(True)
    other = aliased(Outcome)
    regraded = select(other.id).where(
        other.attempt_id == Attempt.id, other.regrade_id == regrade, other.status != "fault"
    )
    latest = regraded.order_by(other.id.desc()).limit(1).correlate(Attempt).scalar_subquery()
    return or_(Outcome.id == latest, and_(Outcome.current, ~regraded.correlate(Attempt).exists()))


def _of(table: type[Attempt | Override | TakenHint | Extension], user_id: int | None) -> ColumnElement[bool]:
    return true() if user_id is None else table.user_id == user_id


Points = Mapping[int, Mapping[str, float]]
"""By outcome and step, what grading gave."""


def _points(session: Session, several: Iterable[_Facts]) -> Points:
    """The points per step of those outcomes that overrides of steps change; in one query for each 500 of them."""
    wanted = [
        tried.outcome_id
        for facts in several
        if any(step is not None and given.points is not None for step, given in facts.overrides.items())
        for tried in facts.tries
        if tried.outcome_id is not None
    ]
    found: dict[int, Mapping[str, float]] = {}
    for begin in range(0, len(wanted), 500):
        some = select(Outcome.id, Outcome.steps).where(Outcome.id.in_(wanted[begin : begin + 500]))
        for outcome_id, steps in session.execute(some):
            found[outcome_id] = {name: points for _, name, _, points, most, _ in json.loads(steps) if most}
    return found


def _standing(assignment: Assignment, user_id: int, facts: _Facts, graded: Points) -> Standing:
    whole = facts.overrides.get(None)
    overridden = whole is not None and whole.points is not None
    handed_in = [one for one in facts.tries if one.score is not None]
    rows = {one.id: _row(assignment, facts, one, graded) for one in handed_in}
    finals = {key: final(row, _policy(assignment)) for key, row in rows.items()}
    counted = _counted(assignment.counts, handed_in, finals)
    row = rows[counted.id] if counted is not None else _row(assignment, facts, None, graded)
    told: Final = final(row, _policy(assignment))
    last = facts.tries[-1] if facts.tries else None
    return Standing(
        user_id=user_id,
        max_score=assignment.max_score,
        attempts=len(facts.tries),
        counted=None if counted is None else _shown(counted),
        raw=None if counted is None else counted.score,
        hints=facts.hints,
        steps=row.steps_by_hand,
        overridden=overridden,
        override=whole.points if whole is not None else None,
        lost=told.lost,
        late=told.late,
        final=told.score,
        pending=any(one.outcome_id is None for one in facts.tries),
        stale_override=row.stale,
        message=None if last is None or last.score is not None else last.message,
        last_submitted_at=None if last is None else last.submitted_at,
        comments=row.comments,
    )


def _counted(rule: str, tries: Collection[_Try], finals: Mapping[int, Final]) -> _Try | None:
    """The attempt that counts: the last with a score, or the first of those with the best score after lateness."""
    if rule == "last":
        return max(tries, key=lambda one: one.number, default=None)
    return max(tries, key=lambda one: (_best(finals[one.id]), one.score or 0.0, -one.number), default=None)


def _best(told: Final) -> float:
    return -1.0 if told.score is None else told.score


def _shown(one: _Try) -> Counted:
    return Counted(one.id, one.number, one.file, one.submitted_at, bool(one.complete))


def _policy(assignment: Assignment) -> LatePolicy:
    return LatePolicy(
        assignment.due_at,
        assignment.late_penalty,
        assignment.late_grace,
        assignment.late_free,
        assignment.late_cap,
    )


def _row(assignment: Assignment, facts: _Facts, one: _Try | None, graded: Points) -> StudentRow:
    """An attempt (None: no attempt has a score) with everything that changes its score, as a class has it."""
    given = {step: row for step, row in facts.overrides.items() if row.points is not None}
    whole = given.get(None)
    points = graded.get(one.outcome_id or 0, {}) if one is not None else {}
    steps = tuple(
        StepOverride(step, row.points or 0.0, row.reason, points.get(step))
        for step, row in given.items()
        if step is not None
    )
    return StudentRow(
        student="",
        name="",
        file="",
        status="nothing" if one is None else "graded",
        reason=None,
        score=None if one is None or one.score is None else less(one.score, facts.hints),
        max_score=assignment.max_score,
        complete=False,
        first_error=None,
        work=None,
        attempt=0 if one is None else one.number,
        attempts=len(facts.tries),
        submitted=None if one is None else one.submitted_at,
        late=None,
        identities=(),
        overridden=whole is not None,
        override=None if whole is None else whole.points,
        override_reason="" if whole is None else whole.reason,
        steps_by_hand=steps,
        until=facts.until,
        stale=_stale(facts, [*given.values()]),
    )


def _stale(facts: _Facts, given: Sequence[_Given]) -> bool:
    """Whether something was handed in after the latest of the overrides that count."""
    if not given or not facts.tries:
        return False
    latest, last = max(given, key=lambda row: row.at), facts.tries[-1]
    seen = next((one.number for one in facts.tries if one.id == latest.attempt_id), None)
    return last.submitted_at > latest.at if seen is None else last.number > seen
