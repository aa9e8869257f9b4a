"""A folder per student, containing everything that student handed in, which may be nothing."""

from __future__ import annotations

from grader.batch.entries import Ignored, Tree
from grader.batch.intake.folder_names import whose
from grader.batch.intake.types import Attempt, Intake

NAME = "folders"
TITLE = "a folder per student"


def recognises(tree: Tree) -> bool:
    return bool(tree.all_folders())


def read(tree: Tree, wanted: str) -> Intake:
    reason = "it is in no student's folder"
    known = whose(tree.all_folders())
    attempts = []
    for folder, said in known.items():
        own = tree.under(folder)
        attempts.append(Attempt(folder, said.name, own.entries, identities=said.identities, refused=own.ignored))
    return Intake(NAME, tuple(attempts), tuple(Ignored(entry.path, reason) for entry in tree.at_top()))
