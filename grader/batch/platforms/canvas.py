"""Canvas: its downloads, and its gradebook export, in which the column of one assignment is filled and everything else
is reimported unchanged.

"Download Submissions" is one flat folder, `<name>[_LATE]_<user>_<attachment>_<file>`. `<name>` is the sortable name
without everything but letters and digits (`obriennúñezmaríajosé`), but may still contain an underscore. So the first
two all-digit parts are user and attachment, as Canvas itself parses them.
"""

from __future__ import annotations

import re
from dataclasses import replace

from grader.batch.entries import DownloadedAttempt, DownloadEntry, DownloadLayout, Ignored, Intake, Tree
from grader.batch.gradebooks.gradebook import Gradebook, GradebookRow, ScoreEntry, Sheet, chosen, find, number_of
from grader.errors import UsageError

NAME = "canvas"

_FILE = re.compile(r"^(?P<name>.*?)(?:_(?P<late>LATE|late))?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)$", re.S)
_ENTERED = re.compile(r"^(?P<name>.*?)(?:_(?P<late>LATE|late))?_(?P<user>\d+)_(?P<what>text|link)\.html$", re.S)
_HIDDEN = re.compile(r"^(?:(?P<late>LATE|late)_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>.+)$", re.S)


def recognises(tree: Tree) -> bool:
    files = tree.at_top()
    known = [entry for entry in files if _match(entry.name) or _ENTERED.match(entry.name)]
    return bool(known) and 2 * len(known) > len(files)


def read(tree: Tree, wanted: str) -> Intake:
    students: dict[str, list[tuple[re.Match[str], DownloadEntry]]] = {}
    typed: dict[str, re.Match[str]] = {}
    ignored = []
    for entry in tree.entries:
        found = _match(entry.name) if len(entry.parts) == 1 else None
        if found is not None:
            students.setdefault(found["user"], []).append((found, entry))
        elif entered := _ENTERED.match(entry.name):
            # A typed text is a submission too: the student must be listed among those without a score.
            typed.setdefault(entered["user"], entered)
            what = "a text typed into Canvas" if entered["what"] == "text" else "a web address"
            ignored.append(Ignored(entry.path, f"it is {what}; a script or notebook handed in as a file can be graded"))
        else:
            ignored.append(Ignored(entry.path, "its name is not one that Canvas gives"))
    attempts = [_attempt(user, files) for user, files in students.items()]
    attempts += [_alone(user, entered) for user, entered in typed.items() if user not in students]
    return Intake(NAME, tuple(attempts), tuple(ignored))


def _alone(user: str, entered: re.Match[str]) -> DownloadedAttempt:
    """The attempt of a student who submitted no file."""
    return DownloadedAttempt(
        user, entered["name"] or user, (), late=bool(entered["late"]), identities=(("canvas", user),)
    )


def _attachment(found: re.Match[str]) -> int:
    """The number of an attachment: Canvas counts them upwards."""
    return int(found["attachment"][:18])


def _identities(user: str, first: re.Match[str]) -> tuple[tuple[str, str], ...]:
    """The user, and the attachment that Canvas asks for when feedback is uploaded."""
    return (("canvas", user), ("canvas-attachment", first["attachment"]))


def _match(name: str) -> re.Match[str] | None:
    return _HIDDEN.match(name) or _FILE.match(name)


def _attempt(user: str, files: list[tuple[re.Match[str], DownloadEntry]]) -> DownloadedAttempt:
    first = files[0][0]
    # The download contains only the last attempt; a file submitted again under the same name is called `hw-1.py`.
    entries = tuple(replace(entry, path=found["file"], attached=_attachment(found)) for found, entry in files)
    name = first["name"] if "name" in first.groupdict() else f"anonymous {user}"
    late = any(found["late"] for found, _ in files)
    return DownloadedAttempt(user, name or user, entries, late=late, identities=_identities(user, first))


LAYOUT = DownloadLayout(NAME, "Canvas: Download Submissions", recognises, read)


_ASSIGNMENT = re.compile(r"\(\d+\)\s*$")
_KINDS = {"id": "canvas", "sis user id": "sis", "sis login id": "username", "integration id": "integration"}


def people(sheet: Sheet) -> list[GradebookRow]:
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
        found.append(GradebookRow(row, tuple(known), names))
    return found


def column(sheet: Sheet, title: str | None, exercise: str) -> int:
    """Choose an assignment's column: its title ends with its number. Read-only columns have none."""
    numbers = [number for number, text in enumerate(sheet.head) if _ASSIGNMENT.search(text)]
    return chosen(sheet.head, numbers, title, exercise)


def most(sheet: Sheet, row: int, column: int) -> float | None:
    """The maximum, from the row "Points Possible" above the students."""
    possible = (n for n in range(1, len(sheet.rows)) if sheet.cell(n, 0).strip() == "Points Possible")
    return next((number_of(sheet.cell(n, column)) for n in possible), None)


def enter(sheet: Sheet, row: int, column: int, meant: ScoreEntry) -> str | None:
    was = sheet.cell(row, column).strip()
    if was.upper() in ("EX", "N/A"):
        return f"left as it is: Canvas has `{was}` there"
    sheet.set_number(row, column, round(meant.score, 2))
    return None


GRADEBOOK = Gradebook("canvas", "Canvas gradebook export", people, column, most, enter)
