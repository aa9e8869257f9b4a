"""Brightspace: its grade export; the points column of one item is filled."""

from __future__ import annotations

import re

from grader.batch.gradebooks.sheet import Sheet
from grader.batch.gradebooks.types import Meant, Person, chosen, find, number_of
from grader.errors import UsageError

NAME = "brightspace"
TITLE = "Brightspace (D2L) grade export"

_POINTS = re.compile(r" Points Grade\b")
_MOST = re.compile(r"\bMaxPoints:\s*([\d.,]+)")


def people(sheet: Sheet) -> list[Person]:
    head = sheet.head
    number, user, mail = find(head, "OrgDefinedId"), find(head, "Username"), find(head, "Email")
    if number is None and user is None:
        raise UsageError("This is no grade export of Brightspace: it has neither OrgDefinedId nor Username.")
    last, first = find(head, "Last Name"), find(head, "First Name")
    found = []
    for row in range(1, len(sheet.rows)):
        known = [
            (kind, sheet.cell(row, place).strip().removeprefix("#"))
            for kind, place in (("sis", number), ("username", user), ("email", mail))
            if place is not None and sheet.cell(row, place).strip("# ")
        ]
        names = (f"{sheet.cell(row, first)} {sheet.cell(row, last)}",) if first is not None and last is not None else ()
        if known:
            found.append(Person(row, tuple(known), names))
    return found


def column(sheet: Sheet, title: str | None, exercise: str) -> int:
    numbers = [number for number, text in enumerate(sheet.head) if _POINTS.search(text)]
    return chosen(sheet.head, numbers, title, exercise)


def most(sheet: Sheet, row: int, column: int) -> float | None:
    found = _MOST.search(sheet.head[column])
    return None if found is None else number_of(found[1])


def enter(sheet: Sheet, row: int, column: int, meant: Meant) -> str | None:
    sheet.set_number(row, column, round(meant.score, 2))
    return None
