"""A student's attempts: a file handed in is checked, stored as the next attempt and queued; and what came of it."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from grader.batch.student_row import renamed
from grader.errors import SubmissionError, UsageError
from grader.model import Outcome as Verdict
from grader.model import Result
from grader.report.changes import CheckStanding, changed
from grader.serialize import decode
from grader.service.learning.rules import Rules
from grader.service.store.tables import Assignment, Attempt, Job, Outcome
from grader.service.work.queue import ahead_of, queued
from grader.submission.load import load_bytes

LONGEST_NAME = 120
ENDINGS = (".py", ".ipynb", ".md", ".txt")
"""What may be handed in; the content decides how it is read."""


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
