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
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
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
    return _standings(session, assignment, [user_id], among=[user_id])[0]


def standings(session: Session, assignment: Assignment, regrade: int | None = None) -> list[Standing]:
    """The standings of all active students of the course, by user id, in five queries. Test students are in none.

    `regrade`: as they would be if the outcomes of this regrade counted."""
    return _standings(session, assignment, _students(session, assignment), regrade=regrade)


MAX_ASKED_BY_ID = 500
"""So many students are asked for by their ids; more, with the whole class."""


class ClassStandings:
    """The standings of a class that is looked at again and again: each is computed anew only where something changed
    for the student, and is the same object where nothing did."""

    def __init__(self) -> None:
        self._rules: tuple[object, ...] = ()
        self._known: dict[int, tuple[_Mark, Standing]] = {}

    def read(self, session: Session, assignment: Assignment) -> list[Standing]:
        """The standings as they are now, as `standings` has them; in nine queries, and one more for each 500 outcomes
        that points by hand change."""
        users = _students(session, assignment)
        marks = _marks(session, assignment)
        rules = (assignment.id, assignment.max_score, assignment.counts, _policy(assignment))
        known = self._known if rules == self._rules else {}
        changed = [user for user in users if user not in known or known[user][0] != marks.get(user, ())]
        new = _standings(session, assignment, changed, among=changed if len(changed) <= MAX_ASKED_BY_ID else None)
        found = {one.user_id: (marks.get(one.user_id, ()), one) for one in new}
        self._rules, self._known = rules, {user: found.get(user) or known[user] for user in users}
        return [self._known[user][1] for user in users]


_Mark = tuple[object, ...]
"""What differs between two states of a student: attempts and outcomes are added and taken away, and never changed."""


def _marks(session: Session, assignment: Assignment) -> Mapping[int, _Mark]:
    """By student, in four queries, with one row per student."""
    found: dict[int, _Mark] = defaultdict(tuple)
    tries = (
        select(Attempt.user_id, func.count(), func.count(Outcome.id), func.sum(Outcome.id))
        .outerjoin(Outcome, and_(Outcome.attempt_id == Attempt.id, Outcome.current))
        .where(Attempt.assignment_id == assignment.id).group_by(Attempt.user_id)
    )  # fmt: skip
    by_hand = select(Override.user_id, func.count(), func.max(Override.id)).where(
        Override.assignment_id == assignment.id
    )
    hints = select(TakenHint.user_id, func.count(), func.sum(TakenHint.cost)).where(
        TakenHint.assignment_id == assignment.id
    )
    extensions = select(Extension.user_id, Extension.until).where(Extension.assignment_id == assignment.id)
    several: tuple[Select[*tuple[Any, ...]], ...] = (
        tries,
        by_hand.group_by(Override.user_id),
        hints.group_by(TakenHint.user_id),
        extensions,
    )
    for kind, query in enumerate(several):
        for row in session.execute(query):
            found[row[0]] += (kind, *row[1:])
    return found


def _students(session: Session, assignment: Assignment) -> list[int]:
    students = select(Enrolment.user_id).where(
        Enrolment.course_id == assignment.course_id, Enrolment.role == "student", Enrolment.active
    )
    return sorted(session.scalars(students))


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
    among: Sequence[int] | None = None,
    regrade: int | None = None,
) -> list[Standing]:
    facts = _facts(session, assignment, among, regrade)
    graded = _points(session, (each for user in users if (each := facts.get(user)) is not None))
    return [_standing(assignment, user, facts.get(user) or _Facts(), graded) for user in users]


def _facts(
    session: Session, assignment: Assignment, among: Sequence[int] | None = None, regrade: int | None = None
) -> Mapping[int, _Facts]:
    """By student, for those of whom there are any; `among`: of these students alone."""
    facts: dict[int, _Facts] = defaultdict(_Facts)

    tries = (
        select(
            Attempt.user_id, Attempt.id, Attempt.number, Attempt.file, Attempt.submitted_at,
            Outcome.id, Outcome.status, Outcome.score, Outcome.complete, Outcome.message,
        )
        .outerjoin(Outcome, and_(Outcome.attempt_id == Attempt.id, _counting(regrade)))
        .where(Attempt.assignment_id == assignment.id, _of(Attempt, among))
        .order_by(Attempt.number)
    )  # fmt: skip
    for row in session.execute(tries):
        facts[row[0]].tries.append(_Try._make(row))

    by_hand = (
        select(
            Override.user_id, Override.step, Override.points, Override.reason, Override.attempt_id, Override.at
        )
        .where(Override.assignment_id == assignment.id, _of(Override, among))
        .order_by(Override.id)
    )  # fmt: skip
    for given in map(_Given._make, session.execute(by_hand)):
        facts[given.user_id].overrides[given.step] = given  # the latest counts

    hints = select(TakenHint.user_id, TakenHint.cost).where(
        TakenHint.assignment_id == assignment.id, _of(TakenHint, among)
    )
    for user_id, cost in session.execute(hints):
        facts[user_id].hints += cost

    extensions = select(Extension.user_id, Extension.until).where(
        Extension.assignment_id == assignment.id, _of(Extension, among)
    )
    for user_id, until in session.execute(extensions):
        facts[user_id].until = until
    return facts


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


def _of(table: type[Attempt | Override | TakenHint | Extension], among: Sequence[int] | None) -> ColumnElement[bool]:
    return true() if among is None else table.user_id.in_(among)


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
            found[outcome_id] = {name: points for _, name, _, points, most, *_ in json.loads(steps) if most}
    return found


def _standing(assignment: Assignment, user_id: int, facts: _Facts, graded: Points) -> Standing:
    whole = facts.overrides.get(None)
    overridden = whole is not None and whole.points is not None
    policy = _policy(assignment)
    rows = {one.id: (one, _row(assignment, facts, one, graded)) for one in _candidates(assignment.counts, facts)}
    finals = {key: final(row, policy) for key, (_, row) in rows.items()}
    counted = _counted(assignment.counts, [one for one, _ in rows.values()], finals)
    row = rows[counted.id][1] if counted is not None else _row(assignment, facts, None, graded)
    told: Final = finals[counted.id] if counted is not None else final(row, policy)
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


def _candidates(rule: str, facts: _Facts) -> list[_Try]:
    """The attempts with a score that may be the one that counts, by number. With `best`, one that has no more points
    than an earlier one, and came no earlier, cannot be: lateness takes no less of it. Points of steps given by hand
    change attempts each in its own way."""
    handed_in = [one for one in facts.tries if one.score is not None]
    if rule == "last":
        return handed_in[-1:]
    if any(step is not None for step in facts.overrides):
        return handed_in
    found: list[_Try] = []
    for one in handed_in:
        if not found or (one.score or 0.0) > (found[-1].score or 0.0) or one.submitted_at < found[-1].submitted_at:
            found.append(one)
    return found


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
