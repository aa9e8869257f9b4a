"""The rules of an assignment as they hold for one student now: dates, attempts, what reports show; and what hints may
be shown of each mistake beyond the report, level by level, at the price that is told before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from grader.exercise.types import Exercise, Policy
from grader.model import REVEAL_LEVELS, Result, Reveal
from grader.report.account import Block, blocks
from grader.report.block_text import text
from grader.report.hints import LEVELS, SHOWS, PaidHint, price
from grader.service.store.tables import Assignment, Attempt, Extension, Outcome, TakenHint

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


@dataclass(frozen=True, slots=True)
class HintOffer:
    """A mistake with its hints. `block` is what has been shown of it so far, `taken` whether that is more than the
    report shows. `level` is the next level that says more (None: there is none), `shows` what it adds, `cost` its price
    in points."""

    step: str
    block: Block
    taken: bool
    level: Reveal | None
    shows: str
    cost: float


def taken_hints(session: Session, assignment: Assignment, user_id: int) -> list[PaidHint]:
    """The hints a student has taken, in the order of time."""
    rows = session.scalars(
        select(TakenHint)
        .where(TakenHint.assignment_id == assignment.id, TakenHint.user_id == user_id)
        .order_by(TakenHint.id)
    )
    return [PaidHint(one.step, one.level, one.cost) for one in rows if one.level in LEVELS]


def offers(result: Result, policy: Policy, rules: Rules, taken: Collection[PaidHint]) -> list[HintOffer]:
    """The hints for each mistake of a result that has some, in the order of the report."""
    levels = [one for one in LEVELS if _rank(one) <= _rank(rules.ceiling)]
    at = {level: blocks(replace(result, reveal=level)) for level in levels}
    made = []
    for block in blocks(replace(result, reveal=rules.free)):
        if not block.steps or block.tone == "note":
            continue
        step = block.steps[0]
        known = max([rules.free, *(one.level for one in taken if one.step == step)], key=_rank)
        shown = _block(at.get(known, ()), step) or block
        following = next(
            (level for level in levels
             if _rank(level) > _rank(known) and (found := _block(at[level], step)) and text(found) != text(shown)),
            None,
        )  # fmt: skip
        if following is None and known == rules.free:
            continue
        cost = 0.0 if following is None else price(policy, result, step, following, taken)
        shows = "" if following is None else SHOWS.get(following, "more")
        made.append(HintOffer(step, shown, known != rules.free, following, shows, cost))
    return made


def take(session: Session, assignment: Assignment, user_id: int, offer: HintOffer, now: datetime) -> TakenHint:
    """Record that a hint was taken, at the price it was offered for. Raises `ValueError` if nothing is offered."""
    if offer.level is None:
        raise ValueError("there is no further hint")
    made = TakenHint(
        assignment_id=assignment.id, user_id=user_id, step=offer.step, level=offer.level, cost=offer.cost, at=now
    )
    session.add(made)
    session.flush()
    return made


def _block(told: Collection[Block], step: str) -> Block | None:
    return next((one for one in told if step in one.steps and one.tone != "note"), None)


def _rank(level: Reveal) -> int:
    return REVEAL_LEVELS.index(level)
