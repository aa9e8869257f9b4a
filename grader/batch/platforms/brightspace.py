"""D2L Brightspace: its downloads, and its grade export, in which the points column of one item is filled.

A download has a folder per submission, `<number>-<number> - <First Last> - <Sep 24, 2024 926 PM>`, and `index.html`.
Names may contain " - ", so a folder's name is parsed from both ends. The date is in the course's language; if it cannot
be parsed, the order of the folders decides which attempt is the last.
"""

from __future__ import annotations

import re
from datetime import datetime

from grader.batch.entries import DownloadedAttempt, DownloadEntry, DownloadLayout, Ignored, Intake, Tree
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
from grader.errors import UsageError

NAME = "brightspace"

_FOLDER = re.compile(r"^(?P<first>\d+)-(?P<second>\d+) - (?P<name>.*) - (?P<date>[^-]*)$", re.S)
_DATE = re.compile(r"^([A-Za-z]{3})[a-z]*\.? (\d{1,2}), (\d{4}) (\d{1,2})(\d\d) ?([AP]M)$")


def recognises(tree: Tree) -> bool:
    return any(_FOLDER.match(folder) for folder in tree.folders())


def read(tree: Tree, wanted: str) -> Intake:
    ignored = []
    found: list[tuple[re.Match[str], tuple[DownloadEntry, ...]]] = []
    for folder in tree.all_folders():
        match = _FOLDER.match(folder)
        if match is not None:
            found.append((match, tree.under(folder).entries))
        else:
            ignored.append(Ignored(folder, "its name is not one that Brightspace gives"))
    for entry in tree.at_top():
        ignored.append(Ignored(entry.path, "it is in no submission's folder"))
    # One of the two numbers is the same in all names: that of the assignment.
    same = len(found) > 1 and len({match["first"] for match, _ in found}) == 1
    attempts = []
    for match, entries in found:
        user = match["second"] if same and len({m["second"] for m, _ in found}) > 1 else match["first"]
        name = match["name"].strip()
        attempts.append(
            DownloadedAttempt(user, name or user, entries, _date(match["date"]), identities=(("brightspace", user),))
        )
    attempts.sort(key=lambda attempt: attempt.submitted or datetime.min)
    return Intake(NAME, tuple(attempts), tuple(ignored))


def _date(text: str) -> datetime | None:
    found = _DATE.match(text.strip())
    if found is None:
        return None
    month, day, year, hour, minute, half = found.groups()
    try:
        return datetime.strptime(f"{month} {day} {year} {hour}:{minute} {half}", "%b %d %Y %I:%M %p")
    except ValueError:
        return None


LAYOUT = DownloadLayout(NAME, "Brightspace (D2L): Download submissions", recognises, read)


_POINTS = re.compile(r" Points Grade\b")
_MOST = re.compile(r"\bMaxPoints:\s*([\d.,]+)")


def people(sheet: Sheet) -> list[GradebookRow]:
    head = sheet.head
    number, user, mail = find(head, "OrgDefinedId"), find(head, "Username"), find(head, "Email")
    if number is None and user is None:
        raise UsageError("This is no grade export of Brightspace: it has neither OrgDefinedId nor Username.")
    return people_known_by(sheet, (("sis", number), ("username", user), ("email", mail)), prefix="#")


GRADEBOOK = Gradebook(
    "brightspace", "Brightspace (D2L) grade export", people, column_titled(_POINTS), most_in_title(_MOST), enter_score
)
