"""Assignments of a course: added, made of exercises of the collection or of assignments of other courses, their
exercise changed, archived; their settings and those of the course, checked as a whole, and stored with what changed in
the trail."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model import REVEAL_LEVELS
from grader.service.exercises import Checked, offered, read
from grader.service.store.tables import Assignment, Attempt, Course, Regrade
from grader.service.teaching.audit import Actor, noted
from grader.service.teaching.regrading import open_regrade, started

OWN = frozenset({"id", "course_id", "secret", "resource_link", "lineitem_url", "archived_at", "created_at"})
"""What a copy has of its own: the dates of a course are not those of its copy."""


SENT_TWICE = timedelta(minutes=1)
"""Within this time, the same exercise for the same course is the same form."""

DATES = ("opens_at", "due_at", "closes_at")

NUMBERS: Mapping[str, tuple[str, float]] = {
    "late_penalty": ("percent of all points for each day begun", 100.0),
    "late_grace": ("minutes without a penalty", 10_080.0),
    "late_cap": ("percent taken off at most", 100.0),
}
"""The fields that hold a number: what it is, and the largest."""

TITLES = {
    "title": "title",
    "opens_at": "opens",
    "due_at": "due",
    "closes_at": "closes",
    "attempts": "attempts",
    "counts": "which attempt counts",
    "reveal": "reports show",
    "reveal_after_due": "reports show after the due date",
    "late_penalty": "late penalty",
    "late_grace": "grace",
    "late_free": "free late days",
    "late_cap": "largest penalty",
}

MAX_DAYS = 3650
"""Days that anything of a course may be kept, if a number of days is set."""


def from_collection(session: Session, actor: Actor, name: str) -> Assignment | None:
    """An assignment with an exercise of the collection: one in this course that has no link and no work in it yet, or a
    new one. None for an unknown exercise."""
    entry = next((one for one in offered() if one.name == name), None)
    if entry is None:
        return None
    unused = session.scalars(
        select(Assignment)
        .where(
            Assignment.course_id == actor.course_id,
            Assignment.name == name,
            Assignment.exercise == entry.text,
            Assignment.resource_link.is_(None),
            Assignment.archived_at.is_(None),
            ~exists().where(Attempt.assignment_id == Assignment.id),
        )
        .order_by(Assignment.id)
    ).first()
    if unused is not None:
        return unused
    return added(session, actor, entry.text, read(entry.text))


def copied(session: Session, actor: Actor, original: Assignment) -> Assignment:
    """The same exercise with the same policies, in the actor's course; nobody's work, and no dates if the course is
    another."""
    left_out = OWN if actor.course_id == original.course_id else OWN.union(DATES)
    values = {
        column.key: getattr(original, column.key)
        for column in Assignment.__table__.columns
        if column.key not in left_out
    }
    made = Assignment(**values, course_id=actor.course_id, secret=secrets.token_hex(16), created_at=actor.now)
    session.add(made)
    session.flush()
    noted(session, actor, "assignment-copied", assignment=made.id, of=original.id)
    return made


def linked_to(session: Session, actor: Actor, assignment: Assignment, link: str) -> None:
    """This link of the platform launches the assignment from now on."""
    assignment.resource_link = link
    noted(session, actor, "assignment-linked", assignment=assignment.id, link=link)
    session.flush()


def unlinked(session: Session, course_id: int) -> list[Assignment]:
    """The assignments of a course that no link of the platform launches yet."""
    where = (
        Assignment.course_id == course_id, Assignment.resource_link.is_(None), Assignment.archived_at.is_(None)
    )  # fmt: skip
    return list(session.scalars(select(Assignment).where(*where).order_by(Assignment.id)))


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


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """What a form says: the values of its fields, and for each field that makes no sense why."""

    values: dict[str, object]
    faults: dict[str, str]


def read_settings(form: Mapping[str, str]) -> SettingsForm:
    """Read the settings from a form; its times are in the time zone that its field `zone` names."""
    faults: dict[str, str] = {}
    values: dict[str, object] = {}
    title = " ".join(form.get("title", "").split())
    values["title"] = title[:500]
    if not title:
        faults["title"] = "An assignment needs a title."
    zone = zone_of(form.get("zone", ""))
    if zone is None:
        faults["zone"] = "This is no time zone: write it as Europe/Berlin, or UTC."
    for name in DATES:
        at, fault = read_time(form.get(name, ""), zone or ZoneInfo("UTC"))
        values[name] = at
        if fault:
            faults[name] = fault
    _check_order(values, faults)
    values["attempts"] = _whole(form, "attempts", 1, 1000, faults)
    values["late_free"] = _whole(form, "late_free", 0, 365, faults) or 0
    for name, (what, most) in NUMBERS.items():
        default = 100.0 if name == "late_cap" else 0.0
        values[name] = _number(form.get(name, ""), default, most)
        if values[name] is None:
            faults[name] = f"This takes {what}: a number from 0 to {most:g}."
    _choose(form, "counts", ("best", "last"), values, faults)
    _choose(form, "reveal", REVEAL_LEVELS, values, faults)
    later = form.get("reveal_after_due", "")
    values["reveal_after_due"] = later or None
    if later and later not in REVEAL_LEVELS:
        faults["reveal_after_due"] = "Choose one of the levels."
    return SettingsForm(values, faults)


def settings_changed(session: Session, actor: Actor, assignment: Assignment, values: Mapping[str, object]) -> list[str]:
    """Store values that have no fault; return what changed, in words. Nothing changed: nothing is written."""
    said = []
    for name, value in values.items():
        before = getattr(assignment, name)
        if before != value:
            setattr(assignment, name, value)
            said.append(f"{TITLES[name]}: {_word(before)} \N{RIGHTWARDS ARROW} {_word(value)}")
    if said:
        noted(session, actor, "assignment-changed", assignment=assignment.id, changes=said)
    return said


def course_changed(session: Session, actor: Actor, course: Course, anonymous: bool, days: str) -> list[str]:
    """Store the settings of a course: whether names are hidden, and how many days files and results are kept, as typed,
    "" for no limit. Return what changed, in words. Raises `UsageError`."""
    kept = days.strip()
    if kept and not (kept.isascii() and kept.isdecimal() and len(kept) < 6 and 1 <= int(kept) <= MAX_DAYS):
        raise UsageError(
            f"Files and results are kept for 1 to {MAX_DAYS} days, or, with nothing here, without a limit."
        )
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


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of a name; UTC without one, None if there is no such zone."""
    try:
        return ZoneInfo(name.strip() or "UTC")
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return None
    except KeyError:
        return None


def read_time(text: str, zone: ZoneInfo) -> tuple[datetime | None, str | None]:
    """A time as browsers send it (`2026-11-23T23:59`), in a time zone; None for none. A day alone means its end.
    Second: why it is none."""
    text = text.strip()
    if not text:
        return None, None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None, "This is no time: write it as 2026-11-23 23:59."
    if len(text) <= len("2026-11-23"):
        at = at.replace(hour=23, minute=59, second=59)
    try:
        aware = at if at.tzinfo is not None else at.replace(tzinfo=zone)
        return aware.astimezone(ZoneInfo("UTC")), None
    except (OverflowError, ValueError):
        return None, "This time is too far away."


def _check_order(values: dict[str, object], faults: dict[str, str]) -> None:
    opens, due, closes = (values[name] for name in DATES)
    for name, earlier, later, sentence in (
        ("due_at", opens, due, "It is due before it opens."),
        ("closes_at", due, closes, "It closes before it is due: late work would never be accepted."),
        ("closes_at", opens, closes, "It closes before it opens."),
    ):
        if isinstance(earlier, datetime) and isinstance(later, datetime) and later < earlier:
            faults.setdefault(name, sentence)


def _whole(form: Mapping[str, str], name: str, least: int, most: int, faults: dict[str, str]) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and least <= int(text) <= most):
        faults[name] = f"This takes a whole number from {least} to {most}, or nothing."
        return None
    return int(text)


def _number(text: str, default: float, most: float) -> float | None:
    if not text.strip():
        return default
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number <= most else None


def _choose(
    form: Mapping[str, str], name: str, among: tuple[str, ...], values: dict[str, object], faults: dict[str, str]
) -> None:
    chosen = form.get(name, "")
    values[name] = chosen if chosen in among else among[0]
    if chosen not in among:
        faults[name] = "Choose one of these."


def _word(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if value is None or value == "":
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
