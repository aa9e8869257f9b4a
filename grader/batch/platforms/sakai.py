"""Sakai, "Download All": `<Last, First(user)>/Submission attachment(s)/<file>`, beside it `timestamp.txt` and texts.

The assignment's folder also has `grades.csv`. The names of the folders with attachments are in the language of the
course."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from grader.batch.entries import (
    DownloadedAttempt,
    DownloadEntry,
    DownloadLayout,
    DownloadRefused,
    Ignored,
    Intake,
    Tree,
)

NAME = "sakai"

_WHO = re.compile(r"^(?P<name>.+?)\s*\((?P<user>[^()]+)\)$", re.S)
_TIMESTAMP = "timestamp.txt"
_ATTACHED = "submission attachment(s)"
_NOTES = ("_submissiontext.html", "feedbacktext.html", "feedbacktext.txt", "comments.txt", _TIMESTAMP)


def recognises(tree: Tree) -> bool:
    return any(_is_sakais(entry) for entry in tree.entries if len(entry.parts) > 1)


def _is_sakais(entry: DownloadEntry) -> bool:
    inside = entry.parts[1].lower()
    return bool(_WHO.match(entry.parts[0])) and (
        (len(entry.parts) == 2 and (inside == _TIMESTAMP or inside.endswith("_submissiontext.html")))
        or (len(entry.parts) > 2 and inside == _ATTACHED)
    )


def read(tree: Tree, wanted: str) -> Intake:
    people: dict[str, list[DownloadEntry]] = {folder: [] for folder in tree.all_folders() if _WHO.match(folder)}
    times: dict[str, datetime | None] = {}
    ignored = []
    for entry in tree.entries:
        folder, inside = entry.parts[0], entry.parts[1:]
        if folder not in people or not inside:
            ignored.append(Ignored(entry.path, "it is in no student's folder"))
        elif len(inside) > 1 and inside[0].lower().startswith("feedback"):
            ignored.append(Ignored(entry.path, "it is feedback, not handed in"))
        elif len(inside) == 1 and inside[0].lower().endswith(_NOTES):
            ignored.append(Ignored(entry.path, "it is Sakai's note on a submission"))
            if inside[0] == _TIMESTAMP:
                times[folder] = _time(entry)
        else:
            people[folder].append(entry.at("/".join(inside[1:] if len(inside) > 1 else inside)))
    attempts = []
    for folder, entries in people.items():
        found = _WHO.match(folder)
        assert found is not None
        user = found["user"]
        who = _as_said(found["name"])
        attempts.append(
            DownloadedAttempt(user, who, tuple(entries), times.get(folder), identities=(("username", user),))
        )
    return Intake(NAME, tuple(attempts), tuple(ignored))


def _as_said(name: str) -> str:
    """`Anna Bell` of `Bell, Anna`."""
    last, comma, first = name.rpartition(", ")
    return f"{first} {last}" if comma else name


def _time(entry: DownloadEntry) -> datetime | None:
    """The time of `20261122100000000` or `2026-11-22T10:00:00Z`, both in UTC; None if it is written otherwise."""
    try:
        text = entry.read(1024).decode("utf-8", "replace").strip()
    except DownloadRefused:
        return None
    try:
        if re.fullmatch(r"\d{14}(\d{3})?", text):
            return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


LAYOUT = DownloadLayout(NAME, "Sakai: Download All", recognises, read)
