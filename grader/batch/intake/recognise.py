"""Recognise the layout of a download and read all attempts in it.

The layouts of platforms are tried first, those with the most distinctive names before the others; then plain files or
plain folders, whichever yields more gradable files. Folders that contain nothing but one folder are skipped, as is an
archive around nothing but the archive of a class.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import cast

from grader.batch.archive import is_archive, open_archive, open_inner
from grader.batch.entries import Entry, Ignored, Tree, folder, single
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
    sakai,
)
from grader.batch.intake.folder_names import numbered, says_nobody
from grader.batch.intake.roster import roster_in, with_roster
from grader.batch.intake.types import Attempt, Intake, Layout
from grader.batch.read_limits import Refused
from grader.errors import UsageError
from grader.nearest import near_files
from grader.submission.companion_files import modules_in
from grader.submission.language import FENCED
from grader.submission.load import MAX_SCRIPT

_SPECIAL = cast("tuple[Layout, ...]", (gradescope, moodle, brightspace, blackboard, canvas, sakai, nbgrader, git))
LAYOUTS: dict[str, Layout] = {layout.NAME: layout for layout in (*_SPECIAL, cast(Layout, folders), cast(Layout, files))}
PLAIN = ("files", "folders")
"""The layouts of no platform."""

_NESTED = 3
_FEWEST_OF_A_CLASS = 3
_MOST_OF_ONE = 8
"""The number of scripts from which a folder is a class's, even if one imports another."""


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
        return _packed_twice(tree, wanted, layout) or read_tree(tree, wanted, layout)
    except Refused as refused:
        raise UsageError(f"{path!r} cannot be graded: {refused}.") from None


def _packed_twice(tree: Tree, wanted: str, layout: str | None) -> Intake | None:
    """The class in an archive that is the only file of the download; None if there is no such archive, or it is what
    one student handed in."""
    if len(tree.entries) != 1 or not is_archive(tree.entries[0].name):
        return None
    only = tree.entries[0]
    try:
        intake = read_tree(open_inner(only), wanted, layout)
    except Refused:
        return None
    if intake.layout in PLAIN and sum(bool(one.entries) for one in intake.attempts) < _FEWEST_OF_A_CLASS:
        return None
    inside = [Ignored(f"{only.path}/{one.path}", one.reason) for one in intake.ignored]
    return replace(intake, ignored=(*tree.ignored, *inside))


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
        return _with_ignored(_named(intake, chosen) if layout in PLAIN else intake, tree.ignored)
    for special in _SPECIAL:
        for one in inner:
            if special.recognises(one):
                return _with_ignored(special.read(one, wanted), tree.ignored)
    plain = _students(inner, wanted)
    by_file, by_folder = files.read(plain, wanted), folders.read(plain, wanted)
    scripts = sum(files.handed_in(entry) for attempt in by_folder.attempts for entry in attempt.entries)
    if not scripts and not by_file.attempts:
        raise Refused("there is no script (.py) and no notebook (.ipynb) in it")
    if scripts and max(scripts, len(plain.all_folders())) > len(by_file.attempts):
        own = {one for attempt in by_folder.attempts for one in attempt.refused}
        return _with_ignored(_named(by_folder, plain), [one for one in tree.ignored if not _is_in(one, own)])
    return _with_ignored(_named(by_file, plain), tree.ignored)


def _named(intake: Intake, tree: Tree) -> Intake:
    """The attempts with what a roster at the top of the download says."""
    path, people = roster_in(tree)
    ignored = tuple(one for one in intake.ignored if one.path != path)
    return with_roster(replace(intake, ignored=ignored), people)


def _is_in(one: Ignored, several: Collection[Ignored]) -> bool:
    """Whether a file, with its full path, is one of several with paths from their own folders."""
    return any(one.reason == other.reason and one.path.endswith(f"/{other.path}") for other in several)


def _unwrapped(tree: Tree) -> list[Tree]:
    """The tree and, as long as a tree contains nothing but one folder, that folder's tree."""
    found = [tree]
    while len(found) <= _NESTED and len(tops := found[-1].all_folders()) == 1 and not found[-1].at_top():
        found.append(found[-1].under(tops[0]))
    return found


def _students(found: list[Tree], wanted: str) -> Tree:
    """Of nested trees, the one whose folders or files belong to students. A folder of one student is put into a tree of
    its own."""
    last = found[-1]
    if last.all_folders() or not _is_one_students(last, wanted, wrapped=len(found) > 1):
        return last
    if len(found) > 1:
        return found[-2]
    inside = tuple(entry.at(f"{last.name}/{entry.path}") for entry in last.entries)
    return replace(last, entries=inside, ignored=())


def _is_one_students(tree: Tree, wanted: str, wrapped: bool) -> bool:
    """Whether the files of a folder are one student's: in a folder of a folder a single script, or scripts of which one
    imports another; anywhere scripts whose names all say what they are and not who wrote them."""
    scripts = [entry for entry in tree.at_top() if files.handed_in(entry) and not is_archive(entry.name)]
    if not scripts or len(scripts) < sum(files.handed_in(entry) for entry in tree.at_top()):
        return False
    stems = {entry.name.rpartition(".")[0] for entry in scripts}
    if len(scripts) > _MOST_OF_ONE or numbered(stems):
        return False
    if (wrapped and len(stems) == 1) or all(says_nobody(stem, wanted) for stem in stems):
        return True
    # Beside one another, as they were named on the command line, `anna.py` may import what the instructor put there.
    return wrapped and any(_modules(one) & stems for one in scripts)


def _modules(entry: Entry) -> frozenset[str]:
    try:
        return modules_in(entry.read(MAX_SCRIPT).decode("utf-8", "replace"))
    except Refused:
        return frozenset()


def _with_ignored(intake: Intake, more: Iterable[Ignored]) -> Intake:
    return Intake(intake.layout, intake.attempts, (*more, *intake.ignored))


__all__ = ["LAYOUTS", "Attempt", "read_tree", "take_in"]
