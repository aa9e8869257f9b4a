"""The settings of a course: whether names are hidden, and how long files and results are kept."""

from __future__ import annotations

from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.service.store.tables import Course
from grader.service.teaching.audit import Actor, noted

LONGEST = 3650
"""Days that anything may be kept, if a number of days is set."""


def changed(session: Session, actor: Actor, course: Course, anonymous: bool, days: str) -> list[str]:
    """Store the settings; `days` as typed, "" for no limit. Return what changed, in words. Raises `UsageError`."""
    kept = days.strip()
    if kept and not (kept.isascii() and kept.isdecimal() and len(kept) < 6 and 1 <= int(kept) <= LONGEST):
        raise UsageError(f"Files and results are kept for 1 to {LONGEST} days, or, with nothing here, without a limit.")
    retention = int(kept) if kept else None
    said = []
    if course.anonymous != anonymous:
        said.append("names are hidden" if anonymous else "names are shown")
    if course.retention_days != retention:
        said.append("kept without a limit" if retention is None else f"kept for {retention} days")
    course.anonymous, course.retention_days = anonymous, retention
    if said:
        noted(session, actor, "course-changed", changes=said)
    session.flush()
    return said
