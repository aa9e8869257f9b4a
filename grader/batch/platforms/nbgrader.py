"""nbgrader: `submitted/<student>/<assignment>/...` of a course, or the exchange's
`inbound/<student>+<assignment>+<time>/...`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from grader.batch.entries import (
    DownloadedAttempt,
    DownloadEntry,
    DownloadLayout,
    DownloadRefused,
    Ignored,
    Intake,
    Tree,
)

NAME = "nbgrader"
TIMESTAMP = "timestamp.txt"

_HANDED = re.compile(r"^(?P<student>[^+*]+)\+(?P<assignment>.+?)\+(?P<time>\d{4}-\d\d-\d\d [\d:.]+ [^+]+)(?:\+.{12})?$")
_OWN = frozenset({TIMESTAMP, "submission_secret.txt", ".user_id"})


def recognises(tree: Tree) -> bool:
    if "submitted" in tree.folders():
        # A student may be called `submitted`: then `submitted/hw.py` is not a tree of students and assignments.
        return any(entry.parts[0] == "submitted" and len(entry.parts) >= 4 for entry in tree.entries)
    if tree.name == "submitted":
        return any(len(entry.parts) >= 3 for entry in tree.entries)
    return any(_HANDED.match(folder) for folder in tree.folders()) or any(
        len(entry.parts) == 3 and entry.name == TIMESTAMP for entry in tree.entries
    )


def read(tree: Tree, wanted: str) -> Intake:
    tree = tree.under("submitted") if "submitted" in tree.folders() else tree
    empty = [place for path in sorted(tree.directories) if (place := _place((*path.split("/"), "")))]
    folders: dict[tuple[str, str, str], list[DownloadEntry]] = {place: [] for place in empty}
    ignored = []
    for entry in tree.entries:
        place = _place(entry.parts)
        if place is None:
            ignored.append(Ignored(entry.path, "it is in no student's folder of an assignment"))
        else:
            inner = entry.parts[1:] if place[2] else entry.parts[2:]
            folders.setdefault(place, []).append(entry.at("/".join(inner)))
    assignments = {assignment for (_, assignment, _), entries in folders.items() if entries}
    chosen = wanted if wanted in assignments else next(iter(assignments)) if len(assignments) == 1 else None
    attempts = []
    for (student, assignment, time), entries in folders.items():
        if assignment == chosen:
            attempts.append(_attempt(student, entries, time))
        else:
            other = (
                "there are several assignments, and none is named like the exercise"
                if chosen is None
                else (f"it is of the assignment `{assignment}`")
            )
            ignored.append(Ignored(f"{student}/{assignment}", other))
    attempts.sort(key=lambda attempt: attempt.submitted or datetime.min.replace(tzinfo=UTC))
    return Intake(NAME, tuple(attempts), tuple(ignored))


def _place(parts: Sequence[str]) -> tuple[str, str, str] | None:
    """Student, assignment, and the time if the folder's name contains it."""
    found = _HANDED.match(parts[0])
    if found is not None and len(parts) >= 2:
        return found["student"], found["assignment"], found["time"]
    return (parts[0], parts[1], "") if len(parts) >= 3 else None


def _attempt(student: str, entries: list[DownloadEntry], time: str) -> DownloadedAttempt:
    for entry in entries:
        if entry.path == TIMESTAMP:
            try:
                time = entry.read(1024).decode("utf-8", "replace")
            except DownloadRefused:
                continue
    handed = tuple(entry for entry in entries if entry.path not in _OWN)
    return DownloadedAttempt(student, student, handed, _time(time.strip()), identities=(("username", student),))


def _time(text: str) -> datetime | None:
    """Parse `2026-11-23 04:42:12.123456 UTC`, with the name of a time zone; None if the zone is unknown."""
    stamp, _, zone = text.rpartition(" ")
    try:
        at = datetime.fromisoformat(stamp)
        place: tzinfo = UTC if zone in ("UTC", "GMT", "") else ZoneInfo(zone)
    except (ValueError, KeyError, OSError):
        return None
    return at.replace(tzinfo=place)


LAYOUT = DownloadLayout(NAME, "nbgrader: submitted/ of a course, or inbound/ of the exchange", recognises, read)
