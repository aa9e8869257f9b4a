"""Gradescope, "Download Submissions": `submission_<number>/...` and a `submission_metadata.yml` that names the
submitters.

A group has several submitters: each of them gets an attempt with the same files.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml

from grader.batch.entries import DownloadRefused, Ignored, Tree
from grader.batch.intake.types import Attempt, DownloadLayout, Intake

NAME = "gradescope"
METADATA = "submission_metadata.yml"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def recognises(tree: Tree) -> bool:
    return any(entry.path == METADATA for entry in tree.entries)


def read(tree: Tree, wanted: str) -> Intake:
    known, why = _metadata(tree)
    attempts = []
    ignored = [Ignored(METADATA, why)] if why else []
    for folder in dict.fromkeys((*tree.all_folders(), *(key for key in known if key.startswith("submission_")))):
        about = known.get(folder)
        if not isinstance(about, dict):
            ignored.append(Ignored(folder, f"{METADATA} does not say whose it is"))
            continue
        submitted = _time(about.get(":created_at"))
        people = about.get(":submitters")
        for person in people if isinstance(people, list) else []:
            attempts.append(_attempt(person if isinstance(person, dict) else {}, folder, tree, submitted))
    for entry in tree.at_top():
        if entry.path != METADATA:
            ignored.append(Ignored(entry.path, "it is neither a script nor a notebook in a submission's folder"))
    attempts.sort(key=lambda attempt: attempt.submitted or datetime.min.replace(tzinfo=UTC))
    return Intake(NAME, tuple(attempts), tuple(ignored))


def _attempt(person: dict[str, Any], folder: str, tree: Tree, submitted: datetime | None) -> Attempt:
    name, number, mail = (_text(person.get(key)) for key in (":name", ":sid", ":email"))
    student = number or mail or name or folder
    identities = [(kind, value) for kind, value in (("sis", number), ("email", mail)) if value]
    return Attempt(student, name or student, tree.under(folder).entries, submitted, identities=tuple(identities))


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
