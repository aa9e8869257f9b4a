"""Canvas: its gradebook export; the column of one assignment is filled, and everything else is reimported unchanged."""

from __future__ import annotations

import re

from grader.batch.gradebooks.sheet import Sheet
from grader.batch.gradebooks.types import Meant, Person, chosen, find, number_of
from grader.errors import UsageError

NAME = "canvas"
TITLE = "Canvas gradebook export"

_ASSIGNMENT = re.compile(r"\(\d+\)\s*$")
_KINDS = {"id": "canvas", "sis user id": "sis", "sis login id": "username", "integration id": "integration"}


def people(sheet: Sheet) -> list[Person]:
    head = sheet.head
    if find(head, "ID") is None or (find(head, "Student") is None and find(head, "LastName") is None):
        raise UsageError("This is no gradebook export of Canvas: it has no columns Student and ID.")
    name, last, first = find(head, "Student"), find(head, "LastName"), find(head, "FirstName")
    found = []
    for row in range(1, len(sheet.rows)):
        known = [
            (kind, sheet.cell(row, number).strip())
            for title, kind in _KINDS.items()
            if (number := find(head, title)) is not None and sheet.cell(row, number).strip()
        ]
        # The rows for points possible and posting policy belong to no student: they have no ID.
        if not any(kind == "canvas" for kind, _ in known):
            continue
        if name is not None:
            names = (sheet.cell(row, name),)
        else:
            names = (f"{sheet.cell(row, last or 0)}, {sheet.cell(row, first or 0)}",)
        found.append(Person(row, tuple(known), names))
    return found


def column(sheet: Sheet, title: str | None, exercise: str) -> int:
    """Choose an assignment's column: its title ends with its number. Read-only columns have none."""
    numbers = [number for number, text in enumerate(sheet.head) if _ASSIGNMENT.search(text)]
    return chosen(sheet.head, numbers, title, exercise)


def most(sheet: Sheet, row: int, column: int) -> float | None:
    """The maximum, from the row "Points Possible" above the students."""
    possible = (n for n in range(1, len(sheet.rows)) if sheet.cell(n, 0).strip() == "Points Possible")
    return next((number_of(sheet.cell(n, column)) for n in possible), None)


def enter(sheet: Sheet, row: int, column: int, meant: Meant) -> str | None:
    was = sheet.cell(row, column).strip()
    if was.upper() in ("EX", "N/A"):
        return f"left as it is: Canvas has `{was}` there"
    sheet.set_number(row, column, round(meant.score, 2))
    return None
