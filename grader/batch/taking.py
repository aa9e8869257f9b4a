"""Take in a download: read it, see that it is of the class in the folder, choose files, store them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from grader.batch import disputes
from grader.batch.entries import DownloadedAttempt, Ignored, Intake
from grader.batch.file_choice import ANY, ChoiceRule, ChosenFile, Times, choose
from grader.batch.gradebooks.matching import PLATFORM
from grader.batch.intake.recognise import PLAIN, people_of, take_in, with_roster
from grader.batch.store import Store, TakenIn
from grader.errors import UsageError
from grader.exercise.types import Exercise
from grader.grading import names_asked
from grader.model import Isolation

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
