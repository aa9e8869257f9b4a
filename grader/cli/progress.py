"""What is said after a report on the terminal: what changed since the last check of this file, and what comes next.

The last check of each file is kept in the user's cache folder, and in no report."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import cast, get_args

from grader.disk_cache import path_of, read, write
from grader.exercise.load import collection, folder
from grader.model import Outcome, Result
from grader.report.changes import CheckStanding, changed, readable, standing


def since_last_check(result: Result, submission: str) -> str:
    """What changed since the last check of this file that could be read, as a sentence; "" if nothing did. This check
    is the last one from now on."""
    if not readable(result):
        return ""
    place = path_of("progress", os.path.abspath(submission), result.exercise, result.student or "")
    before, now = _standing(read(place)), standing(result)
    if before == now:
        return ""
    write(place, json.dumps(asdict(now)).encode())
    said = "" if before is None else changed(before, now)
    return f"since the last check: {said}" if said else ""


def _standing(stored: bytes | None) -> CheckStanding | None:
    if stored is None:
        return None
    try:
        found = json.loads(stored)
        outcomes = {str(name): outcome for name, outcome in found["outcomes"].items()}
        if not set(outcomes.values()) <= set(get_args(Outcome)):
            return None
        return CheckStanding(float(found["score"]), float(found["max_score"]), cast("dict[str, Outcome]", outcomes))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def next_exercise(result: Result) -> str:
    """The exercise of the collection that comes after one in which everything is right, as a sentence; "" if something
    is not right, or none comes after it."""
    if not result.complete or result.first_error is not None:
        return ""
    names = _course_order()
    following = names[names.index(result.exercise) + 1 :][:1] if result.exercise in names else []
    return f"next in the collection: `grader handout {following[0]}`" if following else ""


def _course_order() -> list[str]:
    """The ids of the collection in course order. To find it, every file is read, so it is cached."""
    files = sorted(folder().glob("*.yaml"))
    place = path_of("order", *(f"{file.name} {_modified(file)}" for file in files))
    stored = read(place)
    if stored is not None:
        return stored.decode("utf-8", "replace").split("\n")
    names = [path.stem for path in collection()]
    write(place, "\n".join(names).encode())
    return names


def _modified(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
