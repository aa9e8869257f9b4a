"""A folder of files, one per student: `anna.py`, `ben.ipynb`, `cleo.zip`. The name is the
student; files of one name and different endings are one student's."""

from __future__ import annotations

from grader.batch.archive import is_archive, stem
from grader.batch.entries import Entry, Ignored, Tree
from grader.batch.intake.types import Attempt, Intake

NAME = "files"
TITLE = "a folder of files, one per student"
ENDINGS = (".py", ".ipynb")


def recognises(tree: Tree) -> bool:
    return any(_handed_in(entry.name) for entry in tree.at_top())


def read(tree: Tree, wanted: str) -> Intake:
    students: dict[str, list[Entry]] = {}
    ignored = []
    for entry in tree.entries:
        if len(entry.parts) > 1:
            ignored.append(Ignored(entry.path, "it is in a folder, and each student's file stands beside the others"))
        elif not _handed_in(entry.name):
            ignored.append(Ignored(entry.path, "it is neither a script nor a notebook"))
        else:
            student = stem(entry.name) if is_archive(entry.name) else entry.name.rpartition(".")[0]
            students.setdefault(student or entry.name, []).append(entry)
    attempts = tuple(Attempt(student, student, tuple(entries)) for student, entries in students.items())
    return Intake(NAME, attempts, tuple(ignored))


def _handed_in(name: str) -> bool:
    return name.lower().endswith(ENDINGS) or is_archive(name)
