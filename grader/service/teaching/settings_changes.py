"""The settings of an assignment, and of a course: checked as a whole, and stored with what changed in the trail."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from grader.errors import UsageError
from grader.model import REVEAL_LEVELS
from grader.service.store.tables import Assignment, Course
from grader.service.teaching.audit import Actor, noted

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

MOST_DAYS = 3650
"""Days that anything of a course may be kept, if a number of days is set."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a form says: the values of its fields, and for each field that makes no sense why."""

    values: dict[str, object]
    faults: dict[str, str]


def read(form: Mapping[str, str]) -> Read:
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
    return Read(values, faults)


def changed(session: Session, actor: Actor, assignment: Assignment, values: Mapping[str, object]) -> list[str]:
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
    if kept and not (kept.isascii() and kept.isdecimal() and len(kept) < 6 and 1 <= int(kept) <= MOST_DAYS):
        raise UsageError(
            f"Files and results are kept for 1 to {MOST_DAYS} days, or, with nothing here, without a limit."
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
