"""Commands for preparing a course: starters, lists of variants, new exercises, packages for other systems."""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from grader.cli.commands import read_secret
from grader.cli.output import complain, width, write
from grader.course import is_course, load_course
from grader.errors import UsageError
from grader.exercise.load import find, load
from grader.model import Isolation, Reveal
from grader.nearest import near_files
from grader.packages.contents import built
from grader.packages.targets import TARGETS, PackagePart, PackageRequest, PackageSettings, Target, target
from grader.report.numbers import counted
from grader.report.page import Page
from grader.whole_files import create_whole, write_whole

if TYPE_CHECKING:
    from grader.exercise.types import Exercise
    from grader.formula.spelling import Library
    from grader.model import Value


@dataclass(frozen=True, slots=True)
class StarterOptions:
    """The options of the command that say how a starter is written; None where one was not given."""

    form: str
    library: Library | None
    student: str | None
    secret_file: str | None
    hints: bool


def hand_out(name: str, output: str, options: StarterOptions) -> None:
    """Write the starter of an exercise to a folder."""
    from grader.exercise.load import find, load
    from grader.handout.render import notebook, script
    from grader.handout.starter import starter
    from grader.reference.points import draw_points
    from grader.reference.variants import variant_key, with_variant

    exercise = load(find(name))
    student, own = options.student, []
    if student is not None and exercise.variants:
        key = variant_key(exercise, student, "" if options.secret_file is None else read_secret(options.secret_file))
        exercise = with_variant(exercise, key)
        own = ["--variant", key]
    parts = starter(exercise, draw_points(exercise)[0].inputs, options.library, options.hints)
    stem = exercise.id if student is None else f"{exercise.id}-{_safe(student)}"
    file = f"{stem}.ipynb" if options.form == "notebook" else f"{stem}.py"
    arguments = ["check", _called(exercise), file, *own]
    text = (
        notebook(parts, arguments) if options.form == "notebook" else script(parts, f"grader {shlex.join(arguments)}")
    )
    put_new(output, file, text.encode())


def hand_out_solution(name: str, output: str, solution: str) -> None:
    """Write a worked solution with its steps blanked out to a folder, under its own file name."""
    from grader.exercise.load import find, load
    from grader.handout.blanks import blank_out
    from grader.handout.render import with_check
    from grader.pipeline import check
    from grader.submission.load import load as load_submission

    exercise = load(find(name))
    submission = load_submission(solution)
    result = check(exercise, submission)
    unfit = next((step for step in result.steps if step.outcome != "correct"), None)
    if unfit is not None:
        wrong = f"`{unfit.name}` is not right in {submission.file} (`grader check` says more)"
        raise UsageError(f"{wrong}: a starter is made of a solution that is.")
    places = [step.where for step in result.steps if step.where is not None]
    made = blank_out(exercise, submission, Path(solution).read_bytes(), places)
    file = Path(solution).name
    put_new(output, file, with_check(made.content, file, ["check", _called(exercise), file]))


def _called(exercise: Exercise) -> str:
    """The name a student uses for the exercise: its id if it is a shipped one, otherwise its file name."""
    from grader.exercise.load import find

    path = Path(exercise.path)
    try:
        shipped = find(exercise.id).resolve() == path.resolve()
    except UsageError:
        shipped = False
    return exercise.id if shipped else path.name


def _safe(student: str) -> str:
    return re.sub(r"[^\w.-]+", "_", student).strip(".") or "_"


def put_new(folder: str, file: str, content: bytes) -> None:
    """Write a new file. An existing file is never overwritten: it may be a student's work."""
    path = Path(folder) / file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"The file {str(path)!r} cannot be written: {reason}.") from error
    create_whole(path, content)
    write(f"{path}\n")


def list_variants(name: str, students: str, secret_file: str | None, form: str, output: str | None) -> None:
    """List the given numbers of each student of a roster."""
    from grader.exercise.load import find, load
    from grader.reference.variants import variant_key, with_variant

    exercise = load(find(name))
    if not exercise.variants:
        raise UsageError(f"The exercise {exercise.id} has no `variants`: all students have the same numbers.")
    secret = "" if secret_file is None else read_secret(secret_file)
    names = [one for one, _ in exercise.variants]
    rows = [["student", "key", *names]]
    for student in _roster(students):
        key = variant_key(exercise, student, secret)
        numbers = dict(with_variant(exercise, key).variant)
        rows.append([student, key, *(_spoken(numbers[one]) for one in names)])
    if form == "csv":
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows(rows)
        write(written.getvalue(), output)
    else:
        from grader.report.page import Page

        page = Page(width(to_file=output is not None))
        page.table([[(cell, "dim" if row is rows[0] else "") for cell in row] for row in rows], indent=0)
        write(page.text(), output)


def _roster(path: str) -> list[str]:
    from grader.batch.csv_text import decoded

    try:
        found = decoded(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"The list of students {path!r} cannot be read: {reason}.{near_files(path)}") from error
    if found is None:
        raise UsageError(f"The list of students {path!r} is no text.")
    lines = found.text[found.start :].splitlines()
    students = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not students:
        raise UsageError(f"There is no student in {path!r}.")
    return students


def _spoken(value: Value) -> str:
    from grader.handout.starter import nested

    numbers = [str(int(one)) if value.dtype == "int64" else repr(one) for one in value.numbers()]
    return numbers[0] if not value.shape else " ".join(nested(numbers, value.shape).split())


def write_new(name: str, output: str, solution: str | None = None, forward: str | None = None) -> None:
    """Write a new exercise file: with a comment on every field, or as read from a worked solution, to the forward
    program of the file `forward` if there is one."""
    from grader.exercise.schema import template

    if re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) is None:
        raise UsageError(f"{name!r} cannot be the id of an exercise: lower-case letters, digits and `-` can.")
    place = Path(output) if Path(output).suffix in (".yaml", ".yml") else Path(output, f"{name}.yaml")
    if solution is None:
        if forward is not None:
            raise UsageError("--forward states the forward pass of a worked script: name the script with --from.")
        put_new(str(place.parent), place.name, template(name).encode())
        return
    from grader.draft.drafting import draft_of
    from grader.submission.load import load as load_submission

    program = None if forward is None else _program_in(forward)
    put_new(str(place.parent), place.name, draft_of(load_submission(solution), name, program).encode())


def _program_in(path: str) -> str:
    """The text of a file with a forward program."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"The forward program {path!r} cannot be read: {reason}.{near_files(path)}") from error


def write_values_of(names: tuple[str, ...], output: str | None, secret_file: str | None) -> None:
    """Write the reference values of exercises, or of the whole shipped collection, to a folder or beside each."""
    from grader.exercise.load import collection, find, load
    from grader.reference.cache import folder_beside, write_values

    if secret_file is not None and output is None:
        raise UsageError("Values at secret points belong in a folder of their own: name it with -o.")
    secret = "" if secret_file is None else read_secret(secret_file)
    for path in [find(name) for name in names] or collection():
        exercise = load(path)
        write(f"{write_values(exercise, output or folder_beside(exercise), secret)}\n")


_COURSE = {
    "one": "one package, for one script or notebook with all exercises",
    "each": "one package, with a notebook for each exercise",
    None: "a package for each exercise",
}


def list_targets() -> None:
    """Print each target with what it needs, what it shows and what it cannot do."""
    page = Page(width())
    for one in TARGETS:
        page.blank()
        page.pieces((one.name, "bold"), (f"  {one.title}", ""))
        rows = (
            ("needs", one.needs),
            ("shows", one.shows),
            ("lacks", one.lacks),
            ("partial credit", one.partial),
            ("formatting", one.html),
            ("a course", _COURSE[one.course]),
            ("after the due date", "more, with --reveal-after-due and --reveal-after-published" if one.later else ""),
        )
        for word, said in rows:
            if said:
                page.prose(said, lead=f"{word}  ", lead_style="dim", indent=2)
    write(page.text())


@dataclass(frozen=True, slots=True)
class PackageOptions:
    """The options of the command that say how a package grades; None for the defaults."""

    reveal: Reveal | None = None
    after_due: Reveal | None = None
    after_published: Reveal | None = None
    isolation: Isolation | None = None
    secret_file: str | None = None
    torch: str = ""


def build_package(name: str, exercise: str, output: str | None, options: PackageOptions) -> None:
    """Write the package for a target and an exercise, or the exercises of a course."""
    wanted = target(name)
    if options.secret_file is not None and not wanted.kept:
        raise UsageError(f"A package for {name} is read by students, so it holds no values at secret points.")
    if is_course(exercise):
        course = load_course(exercise)
        parts = tuple(PackagePart(entry.exercise, entry.weight * entry.points, entry.name) for entry in course.entries)
        id, title = course.id, course.title
    else:
        loaded = load(find(exercise))
        parts = (PackagePart(loaded, loaded.points, exercise),)
        id, title = loaded.id, loaded.title or loaded.id
    made = PackageRequest(parts, _settings(wanted, parts, options), _secret(wanted, options), options.torch, id, title)
    file, data = built(wanted, made)
    place = Path(output or file)
    if place.is_dir() or (output or "").endswith(("/", os.sep)):
        place.mkdir(parents=True, exist_ok=True)
        place /= file
    write_whole(place, data)
    points = counted(sum(part.points for part in parts), "point")
    complain(f"{place}: {title} ({points}) for {wanted.title}, {len(data) / 1e6:.1f} MB")


def _settings(wanted: Target, parts: tuple[PackagePart, ...], options: PackageOptions) -> PackageSettings:
    """How the package grades: unless it is said, it shows what the most reserved of its exercises shows."""
    levels = list(get_args(Reveal))
    most_reserved: Reveal = min((part.exercise.policy.shown for part in parts), key=levels.index)
    shown = options.reveal or most_reserved
    later = [one for one in (options.after_due, options.after_published) if one is not None]
    if later and not wanted.later:
        able = ", ".join(one.name for one in TARGETS if one.later)
        raise UsageError(f"{wanted.title} cannot show more after the due date. It works with {able}.")
    if any(levels.index(one) <= levels.index(shown) for one in later):
        raise UsageError(f"Reports show the level {shown} at once: a level for later has to be a higher one.")
    return PackageSettings(
        wanted.name,
        shown,
        options.isolation,
        after_due=options.after_due,
        after_published=options.after_published,
    )


def _secret(wanted: Target, options: PackageOptions) -> str:
    if options.secret_file is not None:
        return read_secret(options.secret_file)
    return secrets.token_hex(16) if wanted.kept else ""
