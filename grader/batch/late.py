"""Late penalties: computed when a score is requested, and stored separately from the graded result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.batch.student_row import StudentRow
from grader.errors import UsageError


@dataclass(frozen=True, slots=True)
class Policy:
    """`due` (None: only submissions that the platform marks as late are late), `penalty` in percent of the maximum
    points per day begun, and `grace` in minutes, within which there is no penalty."""

    due: datetime | None = None
    penalty: float = 0.0
    grace: float = 0.0


@dataclass(frozen=True, slots=True)
class Final:
    """The final score of a student: `score` (None: enter nothing), after subtracting `lost` for lateness. `late`
    describes the lateness; `open` says what an instructor has to decide."""

    score: float | None
    lost: float = 0.0
    late: str = ""
    open: str = ""


def parse_due(text: str) -> datetime:
    """Parse `2026-11-23 23:59`, with or without a time zone. Raises `UsageError`."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is no time: write it as 2026-11-23 23:59, or 2026-11-23T23:59+01:00.") from None


def final(standing: StudentRow, policy: Policy) -> Final:
    """The score that counts: the instructor's override, if any, otherwise the graded score minus the late penalty."""
    lost, late, question = _lost(standing, policy)
    if standing.overridden:
        return Final(standing.override, 0.0, late)
    if standing.score is None:
        return Final(None, 0.0, late, question)
    return Final(round(max(0.0, standing.score - lost), 6), round(min(lost, standing.score), 6), late, question)


def _lost(standing: StudentRow, policy: Policy) -> tuple[float, str, str]:
    """The late penalty, the lateness in words, and any open question."""
    if policy.due is None or standing.submitted is None:
        if not standing.late:
            return 0.0, "", ""
        open_ = "handed in late, and it is not known by how much" if policy.penalty else ""
        return 0.0, "late", open_
    behind = _since(standing.submitted, policy.due)
    if behind <= timedelta(0):
        return 0.0, "", ""
    words = f"late by {_spoken(behind)}"
    if behind <= timedelta(minutes=policy.grace):
        return 0.0, f"{words}, within the grace period", ""
    days = math.ceil(behind / timedelta(days=1))
    return (standing.max_score or 0.0) * policy.penalty / 100 * days, words, ""


def _since(later: datetime, earlier: datetime) -> timedelta:
    """The difference of two times. A time without a zone takes the zone of the other, or is local time."""
    if later.tzinfo is None and earlier.tzinfo is not None:
        later = later.replace(tzinfo=earlier.tzinfo)
    elif later.tzinfo is not None and earlier.tzinfo is None:
        earlier = earlier.astimezone()
    return later - earlier


def _spoken(behind: timedelta) -> str:
    minutes = math.ceil(behind / timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2])
