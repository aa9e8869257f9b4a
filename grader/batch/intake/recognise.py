"""Which layout a download has, and all attempts in it.

The special layouts are asked first, from the one whose names can be taken for no other's down; then it is files or
folders, whichever holds more that can be graded. A folder that holds nothing but one folder is looked through.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from grader.batch.archive import is_archive, open_archive
from grader.batch.entries import Ignored, Tree, folder, single
from grader.batch.intake import (
    blackboard,
    brightspace,
    canvas,
    files,
    folders,
    git,
    gradescope,
    moodle,
    nbgrader,
)
from grader.batch.intake.types import Attempt, Intake, Layout
from grader.batch.read_limits import Refused
from grader.errors import UsageError
from grader.submission.language import FENCED

_SPECIAL = cast("tuple[Layout, ...]", (gradescope, moodle, brightspace, blackboard, canvas, nbgrader, git))
LAYOUTS: dict[str, Layout] = {layout.NAME: layout for layout in (*_SPECIAL, cast(Layout, folders), cast(Layout, files))}
_NESTED = 3


def take_in(paths: tuple[str, ...], wanted: str, layout: str | None = None) -> Intake:
    """The attempts in all the folders, archives and files named; later ones are later attempts.

    Raises `UsageError` where one of them cannot be read."""
    taken = [_one(path, wanted, layout) for path in paths]
    names = dict.fromkeys(intake.layout for intake in taken)
    attempts = [attempt for intake in taken for attempt in intake.attempts]
    ignored = [one for intake in taken for one in intake.ignored]
    return Intake(", ".join(names), tuple(attempts), tuple(ignored))


def _one(path: str, wanted: str, layout: str | None) -> Intake:
    place = Path(path)
    try:
        tree = _tree(place)
        return read_tree(tree, wanted, layout)
    except Refused as refused:
        raise UsageError(f"{path!r} cannot be graded: {refused}.") from None


def _tree(place: Path) -> Tree:
    if place.is_dir():
        return folder(place)
    if not place.exists():
        raise Refused("there is no such file or folder")
    if is_archive(place.name):
        return open_archive(place)
    if not place.name.lower().endswith((*files.ENDINGS, *FENCED)):
        raise Refused("it is neither a folder nor an archive, a script or a notebook")
    return single(place)


def read_tree(tree: Tree, wanted: str, layout: str | None = None) -> Intake:
    """The attempts in a tree, laid out as told or as recognised."""
    inner = _unwrapped(tree)
    if layout is not None:
        told = LAYOUTS[layout]
        chosen = next((one for one in inner if told.recognises(one)), tree)
        if not told.recognises(chosen):
            raise Refused(f"nothing in it is named as in {told.TITLE}")
        intake = told.read(chosen, wanted)
        return _with_ignored(intake, tree.ignored)
    for special in _SPECIAL:
        for one in inner:
            if special.recognises(one):
                return _with_ignored(special.read(one, wanted), tree.ignored)
    plain = _students(inner)
    by_file, by_folder = files.read(plain, wanted), folders.read(plain, wanted)
    scripts = sum(files.handed_in(entry) for attempt in by_folder.attempts for entry in attempt.entries)
    chosen_intake = by_folder if scripts > len(by_file.attempts) else by_file
    if not chosen_intake.attempts:
        raise Refused("there is no script (.py) and no notebook (.ipynb) in it")
    return _with_ignored(chosen_intake, tree.ignored)


def _unwrapped(tree: Tree) -> list[Tree]:
    """The tree, and below it what is left where folders that hold nothing but one folder are looked through."""
    found = [tree]
    while len(found) <= _NESTED and len(tops := found[-1].folders()) == 1 and not found[-1].at_top():
        found.append(found[-1].under(tops[0]))
    return found


def _students(found: list[Tree]) -> Tree:
    """Of trees within one another the one whose folders or files are students'. A folder alone with one script in it is
    a student's; with several, they are several students' in the folder that was packed."""
    last = found[-1]
    several = bool(last.folders()) or sum(files.handed_in(entry) for entry in last.at_top()) > 1
    return last if several or len(found) == 1 else found[-2]


def _with_ignored(intake: Intake, more: tuple[Ignored, ...]) -> Intake:
    return Intake(intake.layout, intake.attempts, (*more, *intake.ignored))


__all__ = ["LAYOUTS", "Attempt", "read_tree", "take_in"]
