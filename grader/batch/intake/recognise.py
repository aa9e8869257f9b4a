"""Recognise the layout of a download and read all attempts in it.

The layouts of platforms are tried first, those with the most distinctive names before the others; then plain files or
plain folders, whichever yields more gradable files. Folders that contain nothing but one folder are skipped.
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
from grader.nearest import near_files
from grader.submission.language import FENCED

_SPECIAL = cast("tuple[Layout, ...]", (gradescope, moodle, brightspace, blackboard, canvas, nbgrader, git))
LAYOUTS: dict[str, Layout] = {layout.NAME: layout for layout in (*_SPECIAL, cast(Layout, folders), cast(Layout, files))}
_NESTED = 3


def take_in(paths: tuple[str, ...], wanted: str, layout: str | None = None) -> Intake:
    """The attempts in all named folders, archives and files; those of later paths count as later attempts.

    Raises `UsageError` if one of the paths cannot be read."""
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
        raise UsageError(f"There is no file or folder {str(place)!r}.{near_files(str(place))}")
    if is_archive(place.name):
        return open_archive(place)
    if not place.name.lower().endswith((*files.ENDINGS, *FENCED)):
        raise Refused("it is neither a folder nor an archive, a script or a notebook")
    return single(place)


def read_tree(tree: Tree, wanted: str, layout: str | None = None) -> Intake:
    """The attempts in a tree, in the given layout or the recognised one."""
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
    """The tree and, as long as a tree contains nothing but one folder, that folder's tree."""
    found = [tree]
    while len(found) <= _NESTED and len(tops := found[-1].folders()) == 1 and not found[-1].at_top():
        found.append(found[-1].under(tops[0]))
    return found


def _students(found: list[Tree]) -> Tree:
    """Of nested trees, the one whose folders or files belong to students. A single folder that contains one script
    belongs to one student; with several scripts, each is a student's."""
    last = found[-1]
    several = bool(last.folders()) or sum(files.handed_in(entry) for entry in last.at_top()) > 1
    return last if several or len(found) == 1 else found[-2]


def _with_ignored(intake: Intake, more: tuple[Ignored, ...]) -> Intake:
    return Intake(intake.layout, intake.attempts, (*more, *intake.ignored))


__all__ = ["LAYOUTS", "Attempt", "read_tree", "take_in"]
