"""What came of a student's attempts."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from grader.batch.student_row import renamed
from grader.errors import SubmissionError
from grader.model import Outcome as Verdict
from grader.model import Result
from grader.report.changes import CheckStanding, changed
from grader.serialize import decode
from grader.service.store.tables import Assignment, Attempt, Job, Outcome
from grader.service.work.queue import ahead_of
from grader.submission.load import load_bytes


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
    rows: Iterable[tuple[str, str, Verdict, float, float, Any]] = (one[:6] for one in json.loads(steps))
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
    if outcome.result is None:
        return None
    result = renamed(decode(zlib.decompress(outcome.result), Result), attempt.file)
    try:
        cells = load_bytes(attempt.content, attempt.file).cells
    except SubmissionError:
        cells = ()
    return replace(result, sources=cells)


Phase = Literal["queued", "grading", "done"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an attempt has got. `ahead`: how many files are graded before it."""

    phase: Phase
    ahead: int = 0


def progress_of(session: Session, attempt_id: int) -> Progress:
    """How far an attempt has got."""
    if session.scalar(select(Outcome.id).where(Outcome.attempt_id == attempt_id, Outcome.current)) is not None:
        return Progress("done")
    job = session.scalar(select(Job).where(Job.attempt_id == attempt_id, Job.regrade_id.is_(None)))
    if job is None or job.state == "queued":
        return Progress("queued", 0 if job is None else ahead_of(session, job))
    return Progress("grading" if job.state == "leased" else "done")
