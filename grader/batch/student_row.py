"""One student's row in the store, and the score that counts: a late penalty is computed when a score is requested, and
stored separately from the graded result.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from grader.errors import UsageError
from grader.model import Result, Span, StepResult
from grader.report.numbers import count, counted


@dataclass(frozen=True, slots=True)
class StepOverride:
    """Points of one step given by hand. `graded` are the points that grading gave it; None without such a step."""

    step: str
    points: float
    comment: str
    graded: float | None


BY_HAND = "given by hand"
"""The reason of an override without a comment."""


@dataclass(frozen=True, slots=True)
class StudentRow:
    """The stored data of one student. `score` is the graded score, before late penalty and override.

    `score` is None if nothing was, or could be, graded. Then `status` is `nothing`, `pending`, `ungradable` or `fault`
    (otherwise `graded`), `reason` says why, and `max_score` is still set. If `overridden`, the instructor's `override`
    replaces the score; None: no score. `steps_by_hand` replace the points of steps. `until` is the end of the student's
    extension. `stale` says that something else was handed in after the overrides."""

    student: str
    name: str
    file: str
    status: str
    reason: str | None
    score: float | None
    max_score: float | None
    complete: bool
    first_error: str | None
    work: str | None
    attempt: int
    attempts: int
    submitted: datetime | None
    late: bool | None
    identities: tuple[tuple[str, str], ...]
    overridden: bool = False
    override: float | None = None
    override_reason: str = ""
    steps_by_hand: tuple[StepOverride, ...] = ()
    until: datetime | None = None
    stale: bool = False

    @property
    def by_hand(self) -> float | None:
        """The score after overrides and before the late penalty; None without an override or a score."""
        if self.overridden:
            return self.override
        if self.score is None or not self.steps_by_hand:
            return None
        return self.score + sum(one.points - one.graded for one in self.steps_by_hand if one.graded is not None)

    @property
    def waits(self) -> bool:
        """Whether the submission is still to be graded, and nobody has given a score by hand."""
        return self.status == "pending" and not self.overridden

    @property
    def comments(self) -> str:
        """What the instructor wrote to the overrides, for the student."""
        whole = [self.override_reason] if self.overridden else []
        return "; ".join([*whole, *(f"{one.step}: {one.comment}" for one in self.steps_by_hand if one.comment)])

    @property
    def why(self) -> str:
        """Why the student has no score."""
        return self.override_reason or self.reason or "not graded yet"


STANDINGS = (
    "SELECT s.student, s.name, s.file,"
    " COALESCE(r.status, CASE WHEN s.digest IS NULL THEN 'nothing' ELSE 'pending' END), COALESCE(r.message, s.reason),"
    " r.score, COALESCE(r.max_score, (SELECT CAST(value AS REAL) FROM about WHERE key = 'points')),"
    " r.complete, r.first_error, s.work, s.attempt, s.attempts, COALESCE(m.submitted, s.submitted), s.late,"
    " s.identities, o.student IS NOT NULL, o.score, COALESCE(o.reason, ''),"
    " (SELECT json_group_array(json_array(v.step, v.points, v.comment, t.points)) FROM step_overrides v"
    " LEFT JOIN steps t ON t.work = s.work AND t.name = v.step AND t.part = 'step' WHERE v.student = s.student),"
    " e.until, (SELECT h.digest IS NOT s.digest FROM override_history h WHERE h.student = s.student"
    " ORDER BY h.number DESC LIMIT 1)"
    " FROM submissions s LEFT JOIN results r ON r.work = s.work"
    " LEFT JOIN overrides o ON o.student = s.student LEFT JOIN times m ON m.student = s.student"
    " LEFT JOIN extensions e ON e.student = s.student ORDER BY s.position"
)
"""The query whose rows `standing` reads."""


def standing(row: tuple[Any, ...]) -> StudentRow:
    """Convert a row of `STANDINGS`."""
    (student, name, file, status, reason, score, most, complete, first, work, attempt, attempts, submitted, late,
     identities, overridden, override, why, steps, until, stale) = row  # fmt: skip
    at = None if submitted is None else datetime.fromisoformat(submitted)
    by_hand = tuple(StepOverride(*one) for one in json.loads(steps))
    known = tuple((str(kind), str(value)) for kind, value in json.loads(identities))
    return StudentRow(
        student, name, file, status, reason, score, most, bool(complete), first, work, attempt, attempts, at,
        None if late is None else bool(late), known, bool(overridden), override, why, by_hand,
        None if until is None else datetime.fromisoformat(until), bool(stale) and bool(overridden or by_hand),
    )  # fmt: skip


def renamed(result: Result, file: str) -> Result:
    """A result under another file name: equal files are graded once."""
    if result.submission == file:
        return result

    def span(where: Span | None) -> Span | None:
        return None if where is None else replace(where, file=file)

    def steps(several: tuple[StepResult, ...]) -> tuple[StepResult, ...]:
        return tuple(replace(step, where=span(step.where)) for step in several)

    problems = tuple(replace(problem, where=span(problem.where)) for problem in result.problems)
    return replace(result, submission=file, steps=steps(result.steps), forward=steps(result.forward), problems=problems)


@dataclass(frozen=True, slots=True)
class LatePolicy:
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


def final(standing: StudentRow, policy: LatePolicy) -> Final:
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


def _lost(standing: StudentRow, policy: LatePolicy) -> tuple[float, str, str]:
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


def _due(standing: StudentRow, policy: LatePolicy) -> datetime | None:
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


def policy_words(policy: LatePolicy) -> str:
    """The lateness policy in a sentence."""
    if policy.due is None:
        if policy.penalty:
            return f"{count(policy.penalty)} % of all points for each day begun, but no due date is set: nothing is " \
                "taken off"  # fmt: skip
        return "none: nothing is taken off for lateness"
    said = f"due {moment(policy.due)}"
    if not policy.penalty:
        return f"{said}; nothing is taken off for lateness"
    said += f"; each day begun after that costs {count(policy.penalty)} % of all points"
    said += f", but the first {counted(policy.free, 'day')} nothing" if policy.free else ""
    said += f", at most {count(policy.cap)} % in all" if policy.cap < 100 else ""
    return f"{said}, the first {counted(policy.grace, 'minute')} nothing" if policy.grace else said


def moment(at: datetime) -> str:
    """A time as reports show it."""
    return at.strftime("%Y-%m-%d %H:%M %Z").strip()
