"""Blackboard: its grade download, tab-separated, in UTF-16 or UTF-8.

The filled column has a heading like `Quiz 3 [Total Pts: 10] |664617`."""

from __future__ import annotations

import re

from grader.batch.gradebooks.sheet import Sheet
from grader.batch.gradebooks.types import Meant, Person, chosen, find, number_of
from grader.errors import UsageError

NAME = "blackboard"
TITLE = "Blackboard grade download"

_ITEM = re.compile(r"\|\s*\d+\s*$|\[Total Pts:")
_MOST = re.compile(r"\[Total Pts:\s*([\d.,]+)")


def people(sheet: Sheet) -> list[Person]:
    head = sheet.head
    user, number = find(head, "Username", "User Name"), find(head, "Student ID")
    if user is None:
        raise UsageError("This is no grade download of Blackboard: it has no column Username.")
    last, first = find(head, "Last Name"), find(head, "First Name")
    found = []
    for row in range(1, len(sheet.rows)):
        known = [
            (kind, sheet.cell(row, place).strip())
            for kind, place in (("username", user), ("sis", number))
            if place is not None and sheet.cell(row, place).strip()
        ]
        names = (f"{sheet.cell(row, first)} {sheet.cell(row, last)}",) if first is not None and last is not None else ()
        if known:
            found.append(Person(row, tuple(known), names))
    return found


def column(sheet: Sheet, title: str | None, exercise: str) -> int:
    numbers = [number for number, text in enumerate(sheet.head) if _ITEM.search(text)]
    return chosen(sheet.head, numbers, title, exercise)


def most(sheet: Sheet, row: int, column: int) -> float | None:
    found = _MOST.search(sheet.head[column])
    return None if found is None else number_of(found[1])


def enter(sheet: Sheet, row: int, column: int, meant: Meant) -> str | None:
    sheet.set_number(row, column, round(meant.score, 2))
    return None
