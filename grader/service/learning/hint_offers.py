"""Hints: what may be shown of each mistake beyond the report, level by level, at the price that is told before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.exercise.types import Policy
from grader.model import REVEAL_LEVELS, Result, Reveal
from grader.report.account import Block, blocks
from grader.report.block_text import text
from grader.report.hints import LEVELS, SHOWS, PaidHint, price
from grader.service.learning.rules import Rules
from grader.service.store.tables import Assignment, TakenHint


@dataclass(frozen=True, slots=True)
class Offer:
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


def offers(result: Result, policy: Policy, rules: Rules, taken: Collection[PaidHint]) -> list[Offer]:
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
        made.append(Offer(step, shown, known != rules.free, following, shows, cost))
    return made


def take(session: Session, assignment: Assignment, user_id: int, offer: Offer, now: datetime) -> TakenHint:
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
