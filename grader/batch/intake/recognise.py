"""Recognise the layout of a download and read all attempts in it.

The layouts of platforms are tried first, those with the most distinctive names before the others; then plain files or
plain folders, whichever yields more gradable files. Folders that contain nothing but one folder are skipped, as is an
archive around nothing but the archive of a class. A roster, a table with the numbers, names or addresses of everybody
in the class, gives names and identities to those who handed in, and lists those who did not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from grader.batch.archive import is_archive, open_archive, open_inner
from grader.batch.entries import (
    DownloadedAttempt,
    DownloadEntry,
    DownloadRefused,
    Ignored,
    Intake,
    Tree,
    folder,
    single,
)
from grader.batch.gradebooks.gradebook import GradebookRow, people_of_table, read_sheet
from grader.batch.gradebooks.matching import Matching, match
from grader.batch.intake.plain import ENDINGS, FILES, FOLDERS, REPOSITORIES, handed_in, holding, numbered, says_nobody
from grader.batch.platforms import blackboard, brightspace, canvas, gradescope, moodle, nbgrader, sakai
from grader.errors import UsageError
from grader.nearest import near_files
from grader.submission.companion_files import modules_in
from grader.submission.load import MAX_SCRIPT
from grader.submission.syntax import FENCED


def people_of(data: bytes, shown: str) -> list[GradebookRow]:
    """The people in a roster. Raises `UsageError` if it is none."""
    sheet = read_sheet(data, shown)
    try:
        return people_of_table(sheet)
    except UsageError as error:
        raise UsageError(
            f"The roster {shown} has the columns {', '.join(map(repr, sheet.head[:12]))}. {error}"
        ) from None


def roster_in(tree: Tree) -> tuple[str | None, list[GradebookRow]]:
    """The path of the roster at the top of a download, and the people in it: a CSV file with the columns id (or email,
    username) and name. None if there is none, or several."""
    found = []
    for entry in tree.at_top():
        if entry.name.lower().endswith(".csv"):
            try:
                people = people_of(entry.read(), entry.path)
            except (UsageError, DownloadRefused):
                continue
            if people and all(person.identities and person.names for person in people):
                found.append((entry.path, people))
    return found[0] if len(found) == 1 else (None, [])


def with_roster(intake: Intake, people: Sequence[GradebookRow], shown: str) -> Intake:
    """The attempts with the names and identities of the roster, and an empty attempt for everybody else in it; who may
    now be listed twice is noted.

    Raises `UsageError` for a roster of other people: nobody in it handed in anything."""
    intake = _with_identities(intake, people)
    handed_in = {one.student: one for one in reversed(intake.attempts)}
    found = match(list(reversed(handed_in.values())), people, {})
    if not found.matches and not found.ambiguous and min(len(handed_in), len(people)) >= _FEWEST_OF_A_CLASS:
        raise UsageError(
            f"None of the {len(handed_in)} students of the download is in the roster {shown}. The download has "
            f"{_students_shown(found.unmatched)}; the roster has {_rows_shown(found.absent)}. A roster has a column "
            "id, username, email or name with what the download has."
        )
    rows = {one.standing.student: one.person for one in found.matches}
    attempts = [_known_as(one, rows.get(one.student)) for one in intake.attempts]
    taken = set(handed_in)
    for person in found.absent:
        key = next((value for _, value in person.identities), "") or person.shown
        if key in taken:  # by somebody else: as the number of a platform, or by a namesake
            key = f"{key} ({person.told_by if key == _shown(person) else _shown(person)})"
        taken.add(key)
        attempts.append(DownloadedAttempt(key, _shown(person) or key, (), identities=person.identities))
    return replace(intake, attempts=tuple(attempts), notes=(*intake.notes, *_unsure(found, shown)))


def _with_identities(intake: Intake, people: Sequence[GradebookRow]) -> Intake:
    """The attempts whose folder or file has an identity of the roster in its name, with that identity."""
    known = {
        value.casefold(): (kind, value)
        for person in people
        for kind, value in person.identities
        if len(value) >= _SHORTEST_IDENTITY
    }
    nameless = {one.student for one in intake.attempts if not one.identities}
    if intake.layout not in PLAIN or not known or not nameless:
        return intake
    held = holding(nameless, known)
    attempts = (
        replace(one, identities=(known[held[one.student]],)) if one.student in held else one for one in intake.attempts
    )
    return replace(intake, attempts=tuple(attempts))


def _known_as(attempt: DownloadedAttempt, person: GradebookRow | None) -> DownloadedAttempt:
    if person is None:
        return attempt
    known = dict.fromkeys((*attempt.identities, *person.identities))
    name = _shown(person)
    if not name or _LOST_LETTER.search(name):
        name = attempt.name
    return replace(attempt, name=name, identities=tuple(known))


def _unsure(found: Matching[DownloadedAttempt], shown: str) -> Iterator[str]:
    """Who of a roster may be who of a download."""
    for one, several in found.ambiguous:
        rows = " or ".join(person.told_by for person in several)
        yield f"roster {shown}: not sure whether {_students_shown([one])} is {rows}"
    if found.unmatched and found.absent:
        yield (
            f"in no row of the roster {shown} ({len(found.unmatched)}): {_students_shown(found.unmatched)}; in the "
            f"roster and not in the download ({len(found.absent)}): {_rows_shown(found.absent)}. Who is among both is "
            "listed twice: correct the roster"
        )


def _students_shown(several: Sequence[DownloadedAttempt]) -> str:
    return _listed([f"`{one.student}`" + (f" {one.name}" if one.name != one.student else "") for one in several])


def _rows_shown(several: Sequence[GradebookRow]) -> str:
    return _listed([
        " ".join([*(f"`{value}`" for _, value in one.identities), _shown(one)]).strip() for one in several
    ])  # fmt: skip


def _listed(texts: Sequence[str]) -> str:
    return ", ".join([*texts[:_MOST_SHOWN], *(["..."] if len(texts) > _MOST_SHOWN else [])])


def _shown(person: GradebookRow) -> str:
    return next((" ".join(name.split()) for name in person.names if name.strip()), "")


_PLATFORMS = (gradescope, moodle, brightspace, blackboard, canvas, sakai, nbgrader)
_SPECIAL = (*(one.LAYOUT for one in _PLATFORMS), REPOSITORIES)
LAYOUTS = {layout.name: layout for layout in (*_SPECIAL, FOLDERS, FILES)}
PLAIN = ("files", "folders")
"""The layouts of no platform."""

_NESTED = 3
_MOST_SHOWN = 4
_LOST_LETTER = re.compile(r"[?\ufffd]")
"""What a spreadsheet leaves of a letter that its encoding does not have."""

_FEWEST_OF_A_CLASS = 3
_SHORTEST_IDENTITY = 3
"""How many characters an identity has at least that is looked for within a name."""
_MOST_OF_ONE = 8
"""The number of scripts from which a folder is a class's, even if one imports another."""


def take_in(paths: tuple[str, ...], wanted: str, layout: str | None = None) -> Intake:
    """The attempts in all named folders, archives and files; those of later paths count as later attempts.

    Raises `UsageError` if one of the paths cannot be read."""
    taken = [_one(path, wanted, layout) for path in paths]
    names = dict.fromkeys(intake.layout for intake in taken)
    attempts = [attempt for intake in taken for attempt in intake.attempts]
    ignored = [one for intake in taken for one in intake.ignored]
    notes = [one for intake in taken for one in intake.notes]
    return Intake(", ".join(names), tuple(attempts), tuple(ignored), tuple(notes))


def _one(path: str, wanted: str, layout: str | None) -> Intake:
    place = Path(path)
    try:
        tree = _tree(place)
        return _packed_twice(tree, wanted, layout) or read_tree(tree, wanted, layout)
    except DownloadRefused as refused:
        raise UsageError(f"{path!r} cannot be graded: {refused}.") from None


def _packed_twice(tree: Tree, wanted: str, layout: str | None) -> Intake | None:
    """The class in an archive that is the only file of the download; None if there is no such archive, or it is what
    one student handed in."""
    if len(tree.entries) != 1 or not is_archive(tree.entries[0].name):
        return None
    only = tree.entries[0]
    try:
        intake = read_tree(open_inner(only), wanted, layout)
    except DownloadRefused:
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
    if not place.name.lower().endswith((*ENDINGS, *FENCED)):
        raise DownloadRefused("it is neither a folder nor an archive, a script or a notebook")
    return single(place)


def read_tree(tree: Tree, wanted: str, layout: str | None = None) -> Intake:
    """The attempts in a tree, in the given layout or the recognised one."""
    inner = _unwrapped(tree)
    if layout is not None:
        told = LAYOUTS[layout]
        chosen = next((one for one in inner if told.recognises(one)), tree)
        if not told.recognises(chosen):
            raise DownloadRefused(f"nothing in it is named as in {told.title}")
        intake = told.read(chosen, wanted)
        return _with_ignored(_named(intake, chosen) if layout in PLAIN else intake, tree.ignored)
    for special in _SPECIAL:
        for one in inner:
            if special.recognises(one):
                return _with_ignored(special.read(one, wanted), tree.ignored)
    plain = _students(inner, wanted)
    by_file, by_folder = FILES.read(plain, wanted), FOLDERS.read(plain, wanted)
    scripts = sum(handed_in(entry) for attempt in by_folder.attempts for entry in attempt.entries)
    if not scripts and not by_file.attempts:
        raise DownloadRefused("there is no script (.py) and no notebook (.ipynb) in it")
    folders = scripts and max(scripts, len(plain.all_folders())) > len(by_file.attempts)
    return _with_ignored(_named(by_folder if folders else by_file, plain), tree.ignored)


def _named(intake: Intake, tree: Tree) -> Intake:
    """The attempts with what a roster at the top of the download says."""
    path, people = roster_in(tree)
    if path is None:
        return intake
    ignored = tuple(one for one in intake.ignored if one.path != path)
    try:
        return with_roster(replace(intake, ignored=ignored), people, path)
    except UsageError as error:
        return replace(intake, notes=(*intake.notes, f"{error} It was left out."))


def _unwrapped(tree: Tree) -> list[Tree]:
    """The tree and, as long as a tree contains nothing but one folder, that folder's tree."""
    found = [tree]
    while len(found) <= _NESTED and len(tops := found[-1].all_folders()) == 1 and not _readable(found[-1].at_top()):
        found.append(found[-1].under(tops[0]))
    return found


def _readable(entries: Iterable[DownloadEntry]) -> bool:
    return not all(entry.refused for entry in entries)


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
    scripts = [entry for entry in tree.at_top() if handed_in(entry) and not is_archive(entry.name)]
    if not scripts or len(scripts) < sum(handed_in(entry) for entry in tree.at_top()):
        return False
    stems = {entry.name.rpartition(".")[0] for entry in scripts}
    if len(scripts) > _MOST_OF_ONE or numbered(stems):
        return False
    if (wrapped and len(stems) == 1) or all(says_nobody(stem, wanted) for stem in stems):
        return True
    # Beside one another, as they were named on the command line, `anna.py` may import what the instructor put there.
    return wrapped and any(_modules(one) & stems for one in scripts)


def _modules(entry: DownloadEntry) -> frozenset[str]:
    try:
        return modules_in(entry.read(MAX_SCRIPT).decode("utf-8", "replace"))
    except DownloadRefused:
        return frozenset()


def _with_ignored(intake: Intake, more: Iterable[Ignored]) -> Intake:
    return replace(intake, ignored=(*more, *intake.ignored))
