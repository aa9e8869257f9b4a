"""Take in a download: recognise its layout and read all attempts in it, see that it is of the class in the folder,
choose files, store them.

The layouts of platforms are tried first, those with the most distinctive names before the others; then plain files or
plain folders, whichever yields more gradable files. Folders that contain nothing but one folder are skipped, as is an
archive around nothing but the archive of a class. A roster, a table with the numbers, names or addresses of everybody
in the class, gives names and identities to those who handed in, and lists those who did not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from grader.batch import disputes
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
from grader.batch.file_choice import ANY, ChoiceRule, ChosenFile, Times, choose
from grader.batch.gradebooks.gradebook import GradebookRow, people_of_table, read_sheet
from grader.batch.gradebooks.matching import PLATFORM, Matching, match
from grader.batch.platforms import blackboard, brightspace, canvas, gradescope, moodle, nbgrader, sakai
from grader.batch.platforms.plain import (
    ENDINGS,
    FILES,
    FOLDERS,
    REPOSITORIES,
    handed_in,
    holding,
    numbered,
    says_nobody,
)
from grader.batch.store import Store, TakenIn
from grader.errors import UsageError
from grader.exercise.types import Exercise
from grader.grading import names_asked
from grader.model import Isolation
from grader.nearest import near_files
from grader.submission.companion_files import modules_in
from grader.submission.load import MAX_SCRIPT
from grader.submission.syntax import FENCED

Join = Literal["replace", "add"]
"""Whether a download replaces the one before, or is added to it."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """The options of a batch. `paths` may be empty if the folder already holds submissions. `late` are the fields of
    the late policy that change; `times`, `extensions` and `roster` name files. With `join` of "add" a download of
    another class is added to the one in the folder."""

    exercise: str
    paths: tuple[str, ...]
    folder: str
    layout: str | None = None
    rule: ChoiceRule = ANY
    secret: str = ""
    fresh: bool = False
    student: str | None = None
    workers: int = 0
    mode: Isolation = "process"
    cluster: str | None = None
    late: Mapping[str, object] = field(default_factory=dict)
    times: str | None = None
    extensions: str | None = None
    roster: str | None = None
    join: Join = "replace"


_SAME_COURSE = 0.25
"""The share of the smaller of two downloads that has to be in the other one."""


@dataclass(frozen=True, slots=True)
class KnownStudent:
    """A student whose results are there: the displayed name, and whether the key is a number of a platform."""

    name: str
    numbered: bool


def known_by(key: str, name: str, identities: Iterable[tuple[str, str]]) -> KnownStudent:
    return KnownStudent(name, any(kind in PLATFORM and value == key for kind, value in identities))


def foreign(intake: Intake, layout: str, known: Mapping[str, KnownStudent]) -> str | None:
    """What is different about a download: its layout or its course; None if it is of the known class."""
    if not known or not intake.attempts:
        return None
    new, old = ({_family(one) for one in text.split(", ")} for text in (intake.layout, layout))
    if layout and not new <= old:
        return f"it holds a class from {layout}, and this one is from {intake.layout}"
    came = {one.student: one for one in intake.attempts}
    both = sum(key in known and not _another(one, known[key]) for key, one in came.items())
    if both < _SAME_COURSE * min(len(came), len(known)):
        return f"of its {len(known)} students {both} are among the {len(came)} of this one"
    return None


def apart(attempts: Sequence[DownloadedAttempt], known: Mapping[str, KnownStudent]) -> tuple[DownloadedAttempt, ...]:
    """The attempts, with a key of their own for those who have the number of another student of another platform or
    course."""
    seen = dict(known)
    made = []
    for one in attempts:
        if one.student in seen and _another(one, seen[one.student]):
            one = replace(one, student=f"{one.student} ({one.name})")
        seen.setdefault(one.student, known_by(one.student, one.name, one.identities))
        made.append(one)
    return tuple(made)


def _another(attempt: DownloadedAttempt, known: KnownStudent) -> bool:
    """Whether an attempt with a known key is somebody else's: the names differ, and the key is a platform's number."""
    numbered = known.numbered or known_by(attempt.student, attempt.name, attempt.identities).numbered
    return numbered and _plain(attempt.name) != _plain(known.name)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def _family(layout: str) -> str:
    return "plain" if layout in PLAIN else layout


@dataclass(frozen=True, slots=True)
class FileOfSeveral:
    """A file that is graded, and the first of those that could have been, with the number of all of them."""

    name: str
    file: str
    other: Ignored
    others: int


@dataclass(frozen=True, slots=True)
class TakenDownload:
    """A download as it was taken: see `Outcome`."""

    taken: TakenIn | None = None
    choices: tuple[FileOfSeveral, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def with_names(rule: ChoiceRule, exercise: Exercise) -> ChoiceRule:
    """The rule with the names that show which file answers the exercise."""
    return replace(rule, names=names_asked(exercise))


def intake_of(options: BatchOptions, exercise: Exercise) -> Intake:
    """The download, with the names of the roster."""
    intake = take_in(options.paths, exercise.id, options.layout)
    if options.roster is None:
        return intake
    try:
        data = Path(options.roster).read_bytes()
    except OSError as error:
        raise UsageError(f"The roster {options.roster!r} cannot be read: {error.strerror}.") from None
    shown = repr(options.roster)
    return with_roster(intake, people_of(data, shown), shown)


def take(
    store: Store,
    options: BatchOptions,
    exercise: Exercise,
    expected: Callable[[Iterator[ChosenFile]], Iterator[ChosenFile]],
) -> TakenDownload:
    """Store what is to be graded of a download. The first choices of a new class pass through `expected`.

    Raises `UsageError` if the download cannot be read or is of another class."""
    if not options.paths:
        if not store.query("SELECT 1 FROM submissions LIMIT 1"):
            raise UsageError("There is nothing to grade yet: name a folder, an archive or a download.")
        return TakenDownload()
    intake = intake_of(options, exercise)
    if not intake.attempts:
        raise UsageError(_nobody(intake))
    known = before = _known(store)
    if options.fresh:
        store.forget_submissions()
        known = {}
    layout = _joined(store, intake, known, options)
    renames = options.join == "add" or any(f"{one.student} ({one.name})" in known for one in intake.attempts)
    attempts = apart(intake.attempts, known if renames else {})
    store.tell(layout=layout)
    rule = replace(with_names(options.rule, exercise), times=_times(store, options))
    choices: list[FileOfSeveral] = []
    chosen = _noted(disputes.stored(store, choose(attempts, rule), exercise.id), choices)
    # If submissions are known, do not start workers in advance: files handed in again may need no grading.
    taken = store.take(chosen if known else expected(chosen), intake.ignored)
    if rule.pattern is not None and not taken.new + taken.changed + taken.same:
        raise UsageError(f"No student's file is named like {rule.pattern!r} (--file); --dry-run lists all files.")
    came = {one.student for one in attempts}
    if options.join == "add":
        return TakenDownload(taken, tuple(choices), (), (*intake.notes, *namesakes(_known(store), came)))
    gone = store.set_aside(came) or [(key, one.name) for key, one in before.items() if key not in came]
    return TakenDownload(taken, tuple(choices), tuple(gone), intake.notes)


def namesakes(known: Mapping[str, KnownStudent], came: Collection[str]) -> Iterator[str]:
    """Yield which name in a class of several downloads stands for several students, one of whom `came` now."""
    keys: dict[str, list[str]] = {}
    for key, one in known.items():
        keys.setdefault(_plain(one.name), []).append(key)
    for several in keys.values():
        if 0 < sum(key in came for key in several) < len(several):
            listed = f"{len(several)} students ({', '.join(several)})"
            yield f"{known[several[0]].name} is the name of {listed}: whoever is in both downloads is listed twice"


def _nobody(intake: Intake) -> str:
    """Nobody's submissions are in a download: how it was read, and why its first file is not graded."""
    first = next((f" {one.path!r}, for one, is left out: {one.reason}." for one in intake.ignored), "")
    return (f"No student's submission is in what was named, read as the layout {intake.layout!r}.{first} --layout "
            "names another one; --dry-run lists what is left out.")  # fmt: skip


def _known(store: Store) -> dict[str, KnownStudent]:
    rows = store.query("SELECT student, name, identities FROM submissions")
    return {str(key): known_by(str(key), str(name), json.loads(str(known))) for key, name, known in rows}


def _joined(store: Store, intake: Intake, known: dict[str, KnownStudent], options: BatchOptions) -> str:
    """The layout of the class with this download. Raises `UsageError` if it is of another class."""
    layout = store.about("layout") if known else ""
    if options.join != "add":
        if (why := foreign(intake, layout, known)) is not None:
            raise UsageError(f"{options.folder!r} has results of another class: {why}. Name another folder; or --add "
                             "puts both together; or --fresh starts over.")  # fmt: skip
        return intake.layout
    return ", ".join(dict.fromkeys([*layout.split(", "), *intake.layout.split(", ")] if layout else [intake.layout]))


def _times(store: Store, options: BatchOptions) -> Times:
    """Whether times of files count: once asked for, they do in every later run."""
    if options.rule.times == "file":
        store.tell(times="file")
    return "file" if store.about("times") == "file" else "platform"


def _noted(chosen: Iterator[ChosenFile], choices: list[FileOfSeveral]) -> Iterator[ChosenFile]:
    """Pass the choices on, and note those among several files."""
    for one in chosen:
        if one.passed:
            choices.append(FileOfSeveral(one.attempt.name, one.file, one.passed[0], len(one.passed)))
        yield one


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
