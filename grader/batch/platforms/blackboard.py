"""Blackboard: its downloads, and its grade download, tab-separated, in UTF-16 or UTF-8.

"Assignment File Download" has names `<Assignment>_<user>_attempt_<time>_<file>`, and a `.txt` per attempt. Assignment
and user may contain underscores. The text file of an attempt says `Name: Anna Bell (abell)`; without it, the assignment
is the common prefix of all names.

The filled column of the grade download has a heading like `Quiz 3 [Total Pts: 10] |664617`.
"""

from __future__ import annotations

import re
from datetime import datetime

from grader.batch.entries import (
    DownloadedAttempt,
    DownloadEntry,
    DownloadLayout,
    DownloadRefused,
    Ignored,
    Intake,
    Tree,
)
from grader.batch.gradebooks.gradebook import (
    Gradebook,
    GradebookRow,
    Sheet,
    column_titled,
    enter_score,
    find,
    most_in_title,
    people_known_by,
)
from grader.batch.platforms.plain import common_start
from grader.errors import UsageError

NAME = "blackboard"

_FILE = re.compile(
    r"^(?P<head>.+)_attempt_(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)(?:_(?P<file>.+)|(?P<note>\.txt))$", re.S
)
_WHO = re.compile(r"^Name:[ \t]*(?P<name>.*?)[ \t]*\((?P<user>[^()\r\n]+)\)[ \t]*\r?$", re.M)


def recognises(tree: Tree) -> bool:
    return any(_FILE.match(entry.name) for entry in tree.at_top())


def read(tree: Tree, wanted: str) -> Intake:
    attempts: dict[tuple[str, str], list[tuple[str, DownloadEntry]]] = {}
    ignored, notes = [], {}
    for entry in tree.entries:
        found = _FILE.match(entry.name) if len(entry.parts) == 1 else None
        if found is None:
            ignored.append(Ignored(entry.path, "its name is not one that Blackboard gives"))
            continue
        files = attempts.setdefault((found["head"], found["time"]), [])
        if found["note"]:
            notes[found["head"]] = entry
            ignored.append(Ignored(entry.path, "it is Blackboard's note on an attempt"))
        else:
            files.append((found["file"], entry))
    people = _people(sorted({head for head, _ in attempts}), notes)
    made = []
    for (head, time), files in sorted(attempts.items(), key=lambda one: one[0][1]):
        user, name = people[head]
        entries = tuple(entry.at(file) for file, entry in files)
        # The time is in the time zone of the instructor's display, which the name does not state.
        submitted = datetime.strptime(time, "%Y-%m-%d-%H-%M-%S") if _is_time(time) else None
        made.append(DownloadedAttempt(user, name, entries, submitted, identities=(("username", user),)))
    return Intake(NAME, tuple(made), tuple(ignored))


def _is_time(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d-%H-%M-%S")
    except ValueError:
        return False
    return True


def _people(heads: list[str], notes: dict[str, DownloadEntry]) -> dict[str, tuple[str, str]]:
    """User and full name for each file name prefix."""
    assignment = common_start(heads, "_") or (heads[0][: heads[0].rfind("_") + 1] if heads else "")
    people = {}
    for head in heads:
        told = _told(notes.get(head), head)
        user = head[len(assignment) :] or head
        people[head] = told or (user, user)
    return people


def _told(note: DownloadEntry | None, head: str) -> tuple[str, str] | None:
    """User and name from the note, if its user matches the file name."""
    if note is None:
        return None
    try:
        text = note.read(1024 * 1024).decode("utf-8-sig", "replace")
    except DownloadRefused:
        return None
    found = _WHO.search(text)
    if found is None or not head.endswith(f"_{found['user']}"):
        return None
    return found["user"], found["name"] or found["user"]


LAYOUT = DownloadLayout(NAME, "Blackboard: Assignment File Download", recognises, read)


_ITEM = re.compile(r"\|\s*\d+\s*$|\[Total Pts:")
_MOST = re.compile(r"\[Total Pts:\s*([\d.,]+)")


def people(sheet: Sheet) -> list[GradebookRow]:
    head = sheet.head
    user, number = find(head, "Username", "User Name"), find(head, "Student ID")
    if user is None:
        raise UsageError("This is no grade download of Blackboard: it has no column Username.")
    return people_known_by(sheet, (("username", user), ("sis", number)))


GRADEBOOK = Gradebook(
    "blackboard", "Blackboard grade download", people, column_titled(_ITEM), most_in_title(_MOST), enter_score
)
