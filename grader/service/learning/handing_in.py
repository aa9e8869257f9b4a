"""A file is handed in: checked, stored as the next attempt, queued."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.service.learning.rules import Rules
from grader.service.store.tables import Assignment, Attempt, Outcome
from grader.service.work.queue import queued

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
