"""Checked-out git repositories, one per student: `<assignment>-<user>`. git itself is never run in them, since their
hooks and settings are untrusted."""

from __future__ import annotations

from grader.batch.entries import Ignored, Tree
from grader.batch.intake.folder_names import common_start
from grader.batch.intake.types import Attempt, DownloadLayout, Intake

NAME = "git"


def recognises(tree: Tree) -> bool:
    return any(path and "/" not in path for path in tree.repositories)


def read(tree: Tree, wanted: str) -> Intake:
    names = sorted(path for path in tree.repositories if path and "/" not in path)
    assignment = _assignment(tree.name, names, wanted)
    attempts, ignored = [], []
    for name in names:
        user = name[len(assignment) :] or name
        attempts.append(Attempt(user, user, tree.under(name).entries, identities=(("username", user),)))
    for entry in tree.entries:
        if entry.parts[0] not in tree.repositories:
            ignored.append(Ignored(entry.path, "it is in no repository"))
    return Intake(NAME, tuple(attempts), tuple(ignored))


def _assignment(folder: str, names: list[str], wanted: str) -> str:
    """The common prefix of all repository names, including the hyphen: taken from the folder that `gh classroom clone`
    makes, from the exercise's id, or from the names themselves."""
    for told in (folder.removesuffix("-submissions"), wanted):
        if told and all(name.startswith(f"{told}-") and len(name) > len(told) + 1 for name in names):
            return f"{told}-"
    return common_start(names, "-")


LAYOUT = DownloadLayout(NAME, "checked-out git repositories, one per student", recognises, read)
