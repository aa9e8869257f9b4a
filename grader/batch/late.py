"""Late penalties: computed when a score is requested, and stored separately from the graded result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from grader.batch.student_row import StudentRow
from grader.errors import UsageError
from grader.report.numbers import count


@dataclass(frozen=True, slots=True)
class Policy:
    """`due` (None: only submissions that the platform marks as late are late), `penalty` in percent of the maximum
    points per day begun after `free` days, at most `cap` percent in all, and `grace` in minutes, within which there is
    no penalty."""

    due: datetime | None = None
    penalty: float = 0.0
    grace: float = 0.0
    free: int = 0
    cap: float = 100.0


@dataclass(frozen=True, slots=True)
class Final:
    """The final score of a student: `score` (None: enter nothing), after subtracting `lost` for lateness. `late`
    describes the lateness; `open` says what an instructor has to decide."""

    score: float | None
    lost: float = 0.0
    late: str = ""
    open: str = ""


def parse_due(text: str) -> datetime:
    """Parse `2026-11-23 23:59`, with or without a time zone; a day alone means its end. Raises `UsageError`."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is no time: write it as 2026-11-23 23:59, or 2026-11-23T23:59+01:00.") from None
    day_alone = len(text.strip()) <= len("2026-11-23")
    return at.replace(hour=23, minute=59, second=59) if day_alone else at


def final(standing: StudentRow, policy: Policy) -> Final:
    """The score that counts: the instructor's score, if any, otherwise the graded score with the points of steps given
    by hand, minus the late penalty."""
    lost, late, question = _lost(standing, policy)
    if standing.stale:
        again = "not graded" if standing.score is None else f"graded {count(standing.score)}"
        question = f"something else was handed in after the override, which still counts; it is {again}"
    if standing.overridden:
        return Final(standing.override, 0.0, late, question if standing.stale else "")
    if standing.score is None:
        if standing.steps_by_hand and not question:
            question = "points of steps were given by hand, but there is no score for them to change"
        return Final(None, 0.0, late, question)
    before = standing.score if standing.by_hand is None else standing.by_hand
    return Final(round(max(0.0, before - lost), 6), round(min(lost, max(0.0, before)), 6), late, question)


def _lost(standing: StudentRow, policy: Policy) -> tuple[float, str, str]:
    """The late penalty, the lateness in words, and any open question."""
    due = _due(standing, policy)
    if due is None or standing.submitted is None:
        if not standing.late:
            return 0.0, "", ""
        open_ = "handed in late, and it is not known by how much" if policy.penalty else ""
        return 0.0, "late", open_
    behind = _since(standing.submitted, due)
    extended = "after the extension: " if standing.until is not None else ""
    if behind <= timedelta(0):
        return 0.0, "", ""
    words = f"{extended}late by {_spoken(behind)}"
    if behind <= timedelta(minutes=policy.grace):
        return 0.0, f"{words}, within the grace period", ""
    days = math.ceil(behind / timedelta(days=1)) - policy.free
    if days <= 0:
        return 0.0, f"{words}, within the free days", ""
    return (standing.max_score or 0.0) * min(policy.penalty * days, policy.cap) / 100, words, ""


def _due(standing: StudentRow, policy: Policy) -> datetime | None:
    """When a student's submission is due: an extension makes it later, never earlier."""
    if standing.until is None or policy.due is None:
        return standing.until or policy.due
    return standing.until if _since(standing.until, policy.due) > timedelta(0) else policy.due


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
