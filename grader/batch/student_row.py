"""One student's row in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from grader.model import Result, Span, StepResult


@dataclass(frozen=True, slots=True)
class StepOverride:
    """Points of one step given by hand. `graded` are the points that grading gave it; None without such a step."""

    step: str
    points: float
    comment: str
    graded: float | None


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
