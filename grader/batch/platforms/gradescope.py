"""Gradescope, "Download Submissions": `submission_<number>/...`, or `<number>.pdf` where a page was scanned, and a
`submission_metadata.yml` that names the submitters.

A group has several submitters: each of them gets an attempt with the same files.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import yaml

from grader.batch.entries import (
    DownloadedAttempt,
    DownloadEntry,
    DownloadLayout,
    DownloadRefused,
    Ignored,
    Intake,
    Tree,
)

NAME = "gradescope"
METADATA = "submission_metadata.yml"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def recognises(tree: Tree) -> bool:
    return any(entry.path == METADATA for entry in tree.entries)


def read(tree: Tree, wanted: str) -> Intake:
    known, why = _metadata(tree)
    attempts = []
    ignored = [Ignored(METADATA, why)] if why else []
    alone = {entry.path: entry for entry in tree.at_top() if entry.path != METADATA}
    for name in dict.fromkeys((*tree.all_folders(), *alone, *known)):
        about = known.get(name)
        people = about.get(":submitters") if isinstance(about, dict) else None
        if not isinstance(about, dict) or not isinstance(people, list) or not people:
            ignored.append(Ignored(name, f"{METADATA} does not say whose it is"))
            continue
        submitted = _time(about.get(":created_at"))
        entries = (alone[name],) if name in alone else tree.under(name).entries
        for person in people:
            attempts.append(_attempt(person if isinstance(person, dict) else {}, name, entries, submitted))
    attempts.sort(key=lambda attempt: attempt.submitted or datetime.min.replace(tzinfo=UTC))
    return Intake(NAME, _apart(attempts), tuple(ignored))


def _attempt(
    person: dict[str, Any], place: str, entries: tuple[DownloadEntry, ...], submitted: datetime | None
) -> DownloadedAttempt:
    name, number, mail = (_text(person.get(key)) for key in (":name", ":sid", ":email"))
    student = number or mail or (f"{name} ({place})" if name else place)
    identities = [(kind, value) for kind, value in (("sis", number), ("email", mail)) if value]
    return DownloadedAttempt(student, name or student, entries, submitted, identities=tuple(identities))


def _apart(attempts: list[DownloadedAttempt]) -> tuple[DownloadedAttempt, ...]:
    """The attempts with keys that no two students share: the same number may have been typed in for two."""
    names: dict[str, set[str]] = {}
    for one in attempts:
        names.setdefault(one.student, set()).add(one.name)
    return tuple(
        replace(one, student=f"{one.student} ({one.name})") if len(names[one.student]) > 1 else one for one in attempts
    )


def _metadata(tree: Tree) -> tuple[dict[str, Any], str]:
    """The content of the metadata file, or why it has none. Reads few fields, so as not to expand YAML aliases."""
    entry = next(entry for entry in tree.entries if entry.path == METADATA)
    try:
        content = yaml.load(entry.read(), Loader=_Loader)
    except DownloadRefused as refused:
        return {}, str(refused)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, "it is not YAML that can be read"
    if not isinstance(content, dict):
        return {}, "it does not say whose the submissions are"
    return {str(key): value for key, value in content.items()}, ""


def _text(value: object) -> str:
    """A text or a number as text, "" for anything else: with YAML aliases a list may contain itself."""
    return str(value or "") if isinstance(value, str | int) else ""


def _time(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace(" Z", "+00:00").replace(" UTC", "+00:00"))
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


LAYOUT = DownloadLayout(NAME, "Gradescope: Download Submissions", recognises, read)
