"""What a grading host is told of a job: no more than grading needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from sqlalchemy.orm import Session

from grader import __version__
from grader.batch.jobs import Record
from grader.service.store.tables import Assignment, Attempt, Job, Outcome, Regrade, now

_Facts = tuple[str, float | None, float | None, bool, str | None, str | None, float | None, str | None]
"""What `grader.batch.jobs` puts into a record."""


LINE = 500
"""Characters of a wrong line that are kept beside its step."""


@dataclass(frozen=True, slots=True)
class GradingTask:
    """A file to grade. `student` is what an exercise's numbers per student are drawn from, besides `secret`."""

    job_id: int
    lease: int
    student: str
    file: str
    content: bytes
    exercise: str
    secret: str


def student_key(user_id: int) -> str:
    """What stands for a student where numbers are drawn per student: a starter has the same numbers as its grading."""
    return f"user-{user_id}"


def task_of(session: Session, job: Job) -> GradingTask:
    """The task of a job. A regrade has its own exercise."""
    attempt = session.get_one(Attempt, job.attempt_id)
    assignment = session.get_one(Assignment, attempt.assignment_id)
    regrade = None if job.regrade_id is None else session.get_one(Regrade, job.regrade_id)
    return GradingTask(
        job.id,
        job.lease,
        student_key(attempt.user_id),
        attempt.file,
        attempt.content,
        assignment.exercise if regrade is None else regrade.exercise,
        assignment.secret,
    )


def told_of(task: GradingTask) -> dict[str, str]:
    """What a host is told of a task, besides the file."""
    return {
        "work": str(task.job_id),
        "student": task.student,
        "file": task.file,
        "exercise": task.exercise,
        "secret": task.secret,
    }


def outcome_of(record: Record) -> Outcome:
    """A record as an outcome; attempt and place are filled in when it is stored."""
    status, score, most, complete, _, message, seconds, _ = cast(_Facts, record.facts)
    if status == "fault":
        message = f"This file could not be graded, through no fault of yours: {message}"
    return Outcome(
        status=status,
        score=score,
        max_score=most,
        complete=bool(complete),
        message=message,
        result=record.packed,
        steps=_steps(record),
        seconds=seconds,
        version=__version__,
        graded_at=now(),
    )


def _steps(record: Record) -> str:
    rows = []
    for _, _, part, name, outcome, _, points, most, code, *_, line in record.steps:
        is_wrong = part == "step" and outcome in ("wrong", "compensated")
        rows.append([part, name, outcome, points, most, code, *([str(line)[:LINE]] if is_wrong and line else [])])
    return json.dumps(rows)
