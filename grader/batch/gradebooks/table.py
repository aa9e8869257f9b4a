"""Any CSV table with headings: people are found by identifying columns, scores go into the named column."""

from __future__ import annotations

from grader.batch.gradebooks.sheet import Sheet
from grader.batch.gradebooks.types import Gradebook, GradebookRow, ScoreEntry, chosen, find
from grader.errors import UsageError

_KINDS = {
    "student": "student", "student id": "student", "student_id": "student", "id": "student", "username": "username",
    "login": "username", "user": "username", "email": "email", "e-mail": "email", "email address": "email",
    "sid": "sis", "id number": "sis", "github_username": "username", "orgdefinedid": "sis",
}  # fmt: skip
_NAMES = ("name", "full name", "student name")


def people(sheet: Sheet) -> list[GradebookRow]:
    head = [title.lower() for title in sheet.head]
    kinds = [(number, _KINDS[title]) for number, title in enumerate(head) if title in _KINDS]
    name = find(head, *_NAMES)
    first, last = find(head, "first name", "first_name"), find(head, "last name", "last_name")
    if not kinds and name is None and last is None:
        raise UsageError("No column says who is meant: one called student, username, email, sid or name would.")
    found = []
    for row in range(1, len(sheet.rows)):
        known = tuple(
            (kind, sheet.cell(row, number).strip()) for number, kind in kinds if sheet.cell(row, number).strip()
        )
        names = [sheet.cell(row, name)] if name is not None else []
        if first is not None and last is not None:
            names.append(f"{sheet.cell(row, first)} {sheet.cell(row, last)}")
        if known or any(one.strip() for one in names):
            found.append(GradebookRow(row, known, tuple(names)))
    return found


def column(sheet: Sheet, title: str | None, exercise: str) -> int:
    score = find(sheet.head, "score", "grade", "points")
    if title is None and score is not None:
        return score
    return chosen(sheet.head, range(len(sheet.head)), title, exercise)


def most(sheet: Sheet, row: int, column: int) -> float | None:
    return None  # a plain table does not state it


def enter(sheet: Sheet, row: int, column: int, meant: ScoreEntry) -> str | None:
    sheet.set_number(row, column, round(meant.score, 6))
    return None


GRADEBOOK = Gradebook("csv", "a CSV table", people, column, most, enter)
