"""A folder per student, containing everything that student handed in."""

from __future__ import annotations

from grader.batch.entries import Ignored, Tree
from grader.batch.intake.types import Attempt, Intake

NAME = "folders"
TITLE = "a folder per student"


def recognises(tree: Tree) -> bool:
    return bool(tree.folders())


def read(tree: Tree, wanted: str) -> Intake:
    reason = "it is in no student's folder"
    attempts = [Attempt(folder, folder, tree.under(folder).entries) for folder in tree.folders()]
    return Intake(NAME, tuple(attempts), tuple(Ignored(entry.path, reason) for entry in tree.at_top()))
