"""One student's row in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from grader.model import Result, Span, StepResult


@dataclass(frozen=True, slots=True)
class StudentRow:
    """The stored data of one student. `score` is the graded score, before late penalty and override.

    `score` is None if nothing was, or could be, graded. Then `status` is `nothing`, `pending`, `ungradable` or `fault`
    (otherwise `graded`), `reason` says why, and `max_score` is still set. If `overridden`, the instructor's `override`
    replaces the score; None: no score."""

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

    @property
    def why(self) -> str:
        """Why the student has no score."""
        return self.override_reason or self.reason or "not graded yet"


STANDINGS = (
    "SELECT s.student, s.name, s.file,"
    " COALESCE(r.status, CASE WHEN s.digest IS NULL THEN 'nothing' ELSE 'pending' END), COALESCE(r.message, s.reason),"
    " r.score, COALESCE(r.max_score, (SELECT CAST(value AS REAL) FROM about WHERE key = 'points')),"
    " r.complete, r.first_error, s.work, s.attempt, s.attempts, s.submitted, s.late,"
    " s.identities, o.student IS NOT NULL, o.score, COALESCE(o.reason, '')"
    " FROM submissions s LEFT JOIN results r ON r.work = s.work"
    " LEFT JOIN overrides o ON o.student = s.student ORDER BY s.position"
)
"""The query whose rows `standing` reads."""


def standing(row: tuple[Any, ...]) -> StudentRow:
    """Convert a row of `STANDINGS`."""
    (student, name, file, status, reason, score, most, complete, first, work, attempt, attempts, submitted, late,
     identities, overridden, override, why) = row  # fmt: skip
    at = None if submitted is None else datetime.fromisoformat(submitted)
    known = tuple((str(kind), str(value)) for kind, value in json.loads(identities))
    return StudentRow(
        student, name, file, status, reason, score, most, bool(complete), first, work, attempt, attempts, at,
        None if late is None else bool(late), known, bool(overridden), override, why,
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
