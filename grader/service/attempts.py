"""A student's attempts at an assignment, and the rules for them: a file handed in is checked, stored as the next
attempt and queued; what came of it; dates, attempts and what reports show, as they hold for one student now; and the
hints that may be shown beyond the report, level by level, at the price that is told before.

No function commits.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from grader.batch.student_row import renamed
from grader.errors import SubmissionError, UsageError
from grader.exercise.types import Exercise, Policy
from grader.model import REVEAL_LEVELS, Result, Reveal
from grader.model import Outcome as Verdict
from grader.report.account import Block, blocks
from grader.report.block_text import text
from grader.report.changes import CheckStanding, changed
from grader.report.hints import LEVELS, SHOWS, PaidHint, price
from grader.serialize import decode
from grader.service.store.tables import Assignment, Attempt, Extension, Job, Outcome, TakenHint
from grader.service.work.queue import ahead_of, queued
from grader.submission.load import load_bytes

LONGEST_NAME = 120

ENDINGS = (".py", ".ipynb", ".md", ".txt")
"""What may be handed in; the content decides how it is read."""


Phase = Literal["queued", "grading", "done"]

State = Literal["soon", "open", "late", "closed"]


class NotTaken(UsageError):
    """A file is not taken, for a reason that the student can read."""


def handed_in(
    session: Session, assignment: Assignment, rules: Rules, user_id: int, file: tuple[str, bytes], now: datetime
) -> Attempt:
    """The new attempt, queued; or the last one, if it has the same content. `file`: its name and content.

    Raises `NotTaken`, and `TooManyWaiting` if many of the user's files wait to be graded."""
    name, content = file_name(file[0]), file[1]
    if rules.state == "soon":
        raise NotTaken("This assignment is not open yet.")
    if rules.state == "closed":
        raise NotTaken("This assignment is closed: nothing is taken any more. Ask your instructor for an extension.")
    if not content.strip():
        raise NotTaken("This file is empty. Choose the file with your derivation.")
    if not name.lower().endswith(ENDINGS):
        raise NotTaken("Hand in a Python script (.py) or a notebook (.ipynb).")
    last = _last(session, assignment.id, user_id)
    if last is not None and last.content == content and not _failed(session, last):
        return last
    if rules.left == 0:
        raise NotTaken("You have used all your attempts. What you handed in before still counts.")
    made = Attempt(
        assignment_id=assignment.id,
        user_id=user_id,
        number=1 if last is None else last.number + 1,
        file=name,
        content=content,
        submitted_at=now,
    )
    session.add(made)
    session.flush()
    queued(session, made, now)
    return made


def file_name(given: str) -> str:
    """The name of an uploaded file without its folders, short, and without characters that show nothing."""
    base = re.split(r"[/\\]", given)[-1]
    shown = "".join(one if one.isprintable() else "_" for one in base).strip()
    if len(shown) > LONGEST_NAME:
        stem, dot, ending = shown.rpartition(".")
        shown = stem[: LONGEST_NAME - len(ending) - 1] + dot + ending if len(ending) < 10 else shown[:LONGEST_NAME]
    return shown or "submission.py"


def _last(session: Session, assignment_id: int, user_id: int) -> Attempt | None:
    """The last attempt. Two that are handed in at once get different numbers: the second waits, or violates the
    constraint on numbers and is tried again by the caller."""
    return session.scalar(
        select(Attempt)
        .where(Attempt.assignment_id == assignment_id, Attempt.user_id == user_id)
        .order_by(Attempt.number.desc())
        .limit(1)
    )


def _failed(session: Session, attempt: Attempt) -> bool:
    status = select(Outcome.status).where(Outcome.attempt_id == attempt.id, Outcome.current)
    return session.scalar(status) == "fault"


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """An attempt in the list: `status` is that of its outcome, None while it waits. `changed` says what is different
    from the attempt before it; "" for the first, and where nothing is."""

    number: int
    file: str
    submitted_at: datetime
    status: str | None
    score: float | None
    max_score: float | None
    complete: bool
    changed: str


def attempt_lines(session: Session, assignment: Assignment, user_id: int) -> list[AttemptLine]:
    """All attempts of a student, the newest first."""
    rows = session.execute(
        select(Attempt.number, Attempt.file, Attempt.submitted_at, Outcome.status, Outcome.score, Outcome.max_score,
               Outcome.complete, Outcome.steps)
        .outerjoin(Outcome, and_(Outcome.attempt_id == Attempt.id, Outcome.current))
        .where(Attempt.assignment_id == assignment.id, Attempt.user_id == user_id)
        .order_by(Attempt.number)
    )  # fmt: skip
    lines: list[AttemptLine] = []
    before: CheckStanding | None = None
    for number, file, at, status, score, most, complete, steps in rows:
        said = ""
        if status == "graded":
            now = _standing(score, most, steps)
            said = "" if before is None else changed(before, now)
            before = now
        lines.append(AttemptLine(number, file, at, status, score, most, bool(complete), said))
    return lines[::-1]


def _standing(score: float | None, most: float | None, steps: str) -> CheckStanding:
    rows: Iterable[tuple[str, str, Verdict, float, float, object]] = (one[:6] for one in json.loads(steps))
    # Forward quantities without points are no steps.
    return CheckStanding(score, most or 0.0, {name: verdict for part, name, verdict, _, worth, _ in rows
                                  if part == "step" or worth})  # fmt: skip


def own_attempt(session: Session, assignment: Assignment, user_id: int, number: int) -> Attempt | None:
    """A student's attempt by its number; None if there is none."""
    return session.scalar(
        select(Attempt).where(
            Attempt.assignment_id == assignment.id, Attempt.user_id == user_id, Attempt.number == number
        )
    )


def outcome_of(session: Session, attempt: Attempt) -> Outcome | None:
    """What grading gave; None while the attempt waits."""
    return session.scalar(select(Outcome).where(Outcome.attempt_id == attempt.id, Outcome.current))


def result_of(attempt: Attempt, outcome: Outcome) -> Result | None:
    """The result of an attempt with the text of the file, at level `values`: what is shown of it is the caller's
    decision. None if nothing was kept."""
    kept = kept_result(outcome)
    if kept is None:
        return None
    result = renamed(kept, attempt.file)
    try:
        cells = load_bytes(attempt.content, attempt.file).cells
    except SubmissionError:
        cells = ()
    return replace(result, sources=cells)


def kept_result(outcome: Outcome) -> Result | None:
    """The result as grading gave it. None if nothing was kept, or something that this version cannot read."""
    try:
        return None if outcome.result is None else decode(zlib.decompress(outcome.result), Result)
    except (zlib.error, ValueError, TypeError, KeyError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class AttemptProgress:
    """How far an attempt has got. `ahead`: how many files are graded before it."""

    phase: Phase
    ahead: int = 0


def progress_of(session: Session, attempt_id: int) -> AttemptProgress:
    """How far an attempt has got."""
    if session.scalar(select(Outcome.id).where(Outcome.attempt_id == attempt_id, Outcome.current)) is not None:
        return AttemptProgress("done")
    job = session.scalar(select(Job).where(Job.attempt_id == attempt_id, Job.regrade_id.is_(None)))
    if job is None or job.state == "queued":
        return AttemptProgress("queued", 0 if job is None else ahead_of(session, job))
    return AttemptProgress("grading" if job.state == "leased" else "done")


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
