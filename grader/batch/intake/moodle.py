"""Moodle, "Download all submissions": `<Full name>_<number>_assignsubmission_file/<file>`, or flat, with `_<file>`.

The number identifies the participant within this assignment only; the offline worksheet calls it "Participant
<number>".
"""

from __future__ import annotations

import re

from grader.batch.entries import Entry, Ignored, Tree
from grader.batch.intake.types import Attempt, Intake

NAME = "moodle"
TITLE = "Moodle: Download all submissions"

_PART = re.compile(
    r"^(?P<name>[^_]*)_(?P<user>\d+)_(?P<what>assignsubmission|assignfeedback)_(?P<plugin>[a-z]+)(?:_(?P<flat>.*))?$",
    re.S,
)


def recognises(tree: Tree) -> bool:
    return any(_PART.match(entry.parts[0]) for entry in tree.entries)


def read(tree: Tree, wanted: str) -> Intake:
    students: dict[str, tuple[str, list[Entry]]] = {}
    ignored = []
    for entry in tree.entries:
        found = _PART.match(entry.parts[0])
        if found is None:
            ignored.append(Ignored(entry.path, "its name is not one that Moodle gives"))
        elif found["what"] == "assignfeedback":
            ignored.append(Ignored(entry.path, "it is feedback, not handed in"))
        elif found["plugin"] != "file":
            # A typed text is a submission too: the student must be listed among those without a score.
            students.setdefault(found["user"], (found["name"], []))
            reason = "it was typed into Moodle; a script or notebook handed in as a file can be graded"
            ignored.append(Ignored(entry.path, reason))
        else:
            path = "/".join(entry.parts[1:]) or found["flat"] or ""
            students.setdefault(found["user"], (found["name"], []))[1].append(entry.at(path))
    attempts = [
        Attempt(user, name or user, tuple(entries), identities=(("moodle", user),))
        for user, (name, entries) in students.items()
    ]
    return Intake(NAME, tuple(attempts), tuple(ignored))
