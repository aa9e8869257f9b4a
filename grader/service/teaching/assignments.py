"""Assignments of a course: added, their exercise changed, archived. Nothing that was handed in is ever deleted here."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.service.store.tables import Assignment, Attempt, Course, Regrade
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.exercise_check import Checked
from grader.service.teaching.regrading import open_regrade, started

SENT_TWICE = timedelta(minutes=1)
"""Within this time, the same exercise for the same course is the same form."""


def added(session: Session, actor: Actor, text: str, found: Checked) -> Assignment:
    """Add an exercise that was checked; its dates and policies are set afterwards. Raises `UsageError` if it cannot be
    used."""
    exercise = found.exercise
    if exercise is None or found.faults:
        raise UsageError("The exercise has faults: mend them first.")
    if (same := _just_added(session, actor, text)) is not None:
        return same
    made = Assignment(
        course_id=actor.course_id, name=exercise.id[:200], title=(exercise.title or exercise.id)[:500], exercise=text,
        secret=secrets.token_hex(16), max_score=exercise.points, counts="best", reveal=exercise.policy.shown,
        late_penalty=0.0, late_grace=0.0, late_free=0, late_cap=100.0, created_at=actor.now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    noted(session, actor, "assignment-added", assignment=made.id, exercise=exercise.id)
    return made


def _just_added(session: Session, actor: Actor, text: str) -> Assignment | None:
    """The assignment that the same form has added, if it was sent twice."""
    session.execute(select(Course.id).where(Course.id == actor.course_id).with_for_update())
    return session.scalar(
        select(Assignment)
        .where(Assignment.course_id == actor.course_id, Assignment.exercise == text, Assignment.archived_at.is_(None),
               Assignment.resource_link.is_(None), Assignment.created_at > actor.now - SENT_TWICE)
        .limit(1)
    )  # fmt: skip


def exercise_changed(
    session: Session, actor: Actor, assignment: Assignment, text: str, found: Checked
) -> Regrade | None:
    """Change the exercise. Where something was handed in, it is graded again for a preview, and the change takes effect
    when that is applied: return the regrade; None if the change took effect at once.

    Raises `UsageError` for an exercise that cannot be used, another one, or one that is unchanged."""
    exercise = found.exercise
    if exercise is None or found.faults:
        raise UsageError("The exercise has faults: mend them first.")
    if exercise.id != assignment.name:
        raise UsageError(
            f"This is exercise `{exercise.id}`; here belongs `{assignment.name}`. Add it as one of its own."
        )
    if text == assignment.exercise:
        raise UsageError("Nothing was changed.")
    if open_regrade(session, assignment) is not None:
        raise UsageError("A regrade of this assignment is open: apply it or drop it first.")
    if handed_in(session, assignment):
        return started(session, actor, assignment, None, text)
    assignment.exercise, assignment.max_score = text, exercise.points
    noted(session, actor, "exercise-changed", assignment=assignment.id)
    session.flush()
    return None


def archived(session: Session, actor: Actor, assignment: Assignment) -> None:
    """Take an assignment from the students' list."""
    if assignment.archived_at is None:
        assignment.archived_at = actor.now
        noted(session, actor, "assignment-archived", assignment=assignment.id)
        session.flush()


def restored(session: Session, actor: Actor, assignment: Assignment) -> None:
    """Put an archived assignment back on the students' list."""
    if assignment.archived_at is not None:
        assignment.archived_at = None
        noted(session, actor, "assignment-restored", assignment=assignment.id)
        session.flush()


def handed_in(session: Session, assignment: Assignment) -> int:
    """How many attempts there are."""
    own = select(func.count()).select_from(Attempt).where(Attempt.assignment_id == assignment.id)
    return session.scalar(own) or 0


def names(session: Session, course: Course) -> frozenset[str]:
    """The names of the exercises that the course has already."""
    return frozenset(session.scalars(select(Assignment.name).where(Assignment.course_id == course.id)))
