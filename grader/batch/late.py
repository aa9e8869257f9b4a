"""Lateness: what is taken off is worked out when a score is asked for, and kept apart from what grading gave."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.batch.student_row import StudentRow
from grader.errors import UsageError


@dataclass(frozen=True, slots=True)
class Policy:
    """`due` (None: nothing is late that the platform does not say is), `penalty` in percent of the points there are to
    earn, per day begun, and `grace` in minutes, within which nothing is taken off."""

    due: datetime | None = None
    penalty: float = 0.0
    grace: float = 0.0


@dataclass(frozen=True, slots=True)
class Final:
    """What a student gets: `score` (None: nothing to be entered), of it `lost` for lateness. `late` in words; `open`
    says what an instructor has to decide."""

    score: float | None
    lost: float = 0.0
    late: str = ""
    open: str = ""


def parse_due(text: str) -> datetime:
    """`2026-11-23 23:59`, with or without a zone. Raises `UsageError`."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is no time: write it as 2026-11-23 23:59, or 2026-11-23T23:59+01:00.") from None


def final(standing: StudentRow, policy: Policy) -> Final:
    """The score that counts: what an instructor gave by hand, else what grading gave less what lateness costs."""
    lost, late, question = _lost(standing, policy)
    if standing.overridden:
        return Final(standing.override, 0.0, late)
    if standing.score is None:
        return Final(None, 0.0, late, question)
    return Final(round(max(0.0, standing.score - lost), 6), round(min(lost, standing.score), 6), late, question)


def _lost(standing: StudentRow, policy: Policy) -> tuple[float, str, str]:
    """What lateness costs, the lateness in words, and what is left open."""
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
    """A time without a zone is read in the zone of the other, or as both of this machine's."""
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
