"""Take in a download: read it, see that it is of the class in the folder, choose files, store them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch import disputes
from grader.batch.entries import Ignored
from grader.batch.file_choice import Chosen, Rule, Times, choose
from grader.batch.intake.recognise import take_in
from grader.batch.intake.roster import people_of, with_roster
from grader.batch.intake.types import Intake
from grader.batch.options import Options
from grader.batch.same_class import Known, apart, foreign, known_by
from grader.batch.store import Store, Taken
from grader.errors import UsageError
from grader.exercise.types import Exercise
from grader.grading import names_asked


@dataclass(frozen=True, slots=True)
class Choice:
    """A file that is graded, and the first of those that could have been, with the number of all of them."""

    name: str
    file: str
    other: Ignored
    others: int


@dataclass(frozen=True, slots=True)
class Read:
    """A download as it was taken: see `Outcome`."""

    taken: Taken | None = None
    choices: tuple[Choice, ...] = ()
    gone: tuple[tuple[str, str], ...] = ()


def with_names(rule: Rule, exercise: Exercise) -> Rule:
    """The rule with the names that show which file answers the exercise."""
    return replace(rule, names=names_asked(exercise))


def intake_of(options: Options, exercise: Exercise) -> Intake:
    """The download, with the names of the roster."""
    intake = take_in(options.paths, exercise.id, options.layout)
    if options.roster is None:
        return intake
    try:
        data = Path(options.roster).read_bytes()
    except OSError as error:
        raise UsageError(f"The roster {options.roster!r} cannot be read: {error.strerror}.") from None
    return with_roster(intake, people_of(data, options.roster))


def take(
    store: Store, options: Options, exercise: Exercise, expected: Callable[[Iterator[Chosen]], Iterator[Chosen]]
) -> Read:
    """Store what is to be graded of a download. The first choices of a new class pass through `expected`.

    Raises `UsageError` if the download cannot be read or is of another class."""
    if not options.paths:
        if not store.query("SELECT 1 FROM submissions LIMIT 1"):
            raise UsageError("There is nothing to grade yet: name a folder, an archive or a download.")
        return Read()
    intake = intake_of(options, exercise)
    if not intake.attempts:
        raise UsageError(_nobody(intake))
    if options.fresh:
        store.forget_submissions()
    known = _known(store)
    layout = _joined(store, intake, known, options)
    renames = options.join == "add" or any(f"{one.student} ({one.name})" in known for one in intake.attempts)
    attempts = apart(intake.attempts, known if renames else {})
    store.tell(layout=layout)
    rule = replace(with_names(options.rule, exercise), times=_times(store, options))
    choices: list[Choice] = []
    chosen = _noted(disputes.stored(store, choose(attempts, rule), exercise.id), choices)
    # If submissions are known, do not start workers in advance: files handed in again may need no grading.
    taken = store.take(chosen if known else expected(chosen), intake.ignored)
    gone = [] if options.join == "add" else store.set_aside({one.student for one in attempts})
    return Read(taken, tuple(choices), tuple(gone))


def _nobody(intake: Intake) -> str:
    """Nobody's submissions are in a download: how it was read, and why its first file is not graded."""
    first = next((f" {one.path!r}, for one, is left out: {one.reason}." for one in intake.ignored), "")
    return (f"No student's submission is in what was named, read as the layout {intake.layout!r}.{first} --layout "
            "names another one; --dry-run lists what is left out.")  # fmt: skip


def _known(store: Store) -> dict[str, Known]:
    rows = store.query("SELECT student, name, identities FROM submissions")
    return {str(key): known_by(str(key), str(name), json.loads(str(known))) for key, name, known in rows}


def _joined(store: Store, intake: Intake, known: dict[str, Known], options: Options) -> str:
    """The layout of the class with this download. Raises `UsageError` if it is of another class."""
    layout = store.about("layout") if known else ""
    if options.join != "add":
        if (why := foreign(intake, layout, known)) is not None:
            raise UsageError(f"{options.folder!r} has results of another class: {why}. Name another folder; or --add "
                             "puts both together; or --fresh starts over.")  # fmt: skip
        return intake.layout
    return ", ".join(dict.fromkeys([*layout.split(", "), *intake.layout.split(", ")] if layout else [intake.layout]))


def _times(store: Store, options: Options) -> Times:
    """Whether times of files count: once asked for, they do in every later run."""
    if options.rule.times == "file":
        store.tell(times="file")
    return "file" if store.about("times") == "file" else "platform"


def _noted(chosen: Iterator[Chosen], choices: list[Choice]) -> Iterator[Chosen]:
    """Pass the choices on, and note those among several files."""
    for one in chosen:
        if one.passed:
            choices.append(Choice(one.attempt.name, one.file, one.passed[0], len(one.passed)))
        yield one
