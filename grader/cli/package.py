"""Implementation of `grader package`."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from grader.cli.commands import read_secret
from grader.cli.output import complain, width, write
from grader.course import is_course, load_course
from grader.errors import UsageError
from grader.exercise.load import find, load
from grader.model import Isolation, Reveal
from grader.packages.contents import built
from grader.packages.targets import TARGETS, Part, Request, Settings, Target, target
from grader.report.numbers import counted
from grader.report.page import Page

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
class Options:
    """The options of the command that say how a package grades; None for the defaults."""

    reveal: str | None = None
    after_due: str | None = None
    after_published: str | None = None
    isolation: str | None = None
    secret_file: str | None = None
    torch: str = ""


def build_package(name: str, exercise: str, output: str | None, options: Options) -> None:
    """Write the package for a target and an exercise, or the exercises of a course."""
    wanted = target(name)
    if options.secret_file is not None and not wanted.kept:
        raise UsageError(f"A package for {name} is read by students, so it holds no values at secret points.")
    if is_course(exercise):
        course = load_course(exercise)
        parts = tuple(Part(entry.exercise, entry.weight * entry.points, entry.name) for entry in course.entries)
        id, title = course.id, course.title
    else:
        loaded = load(find(exercise))
        parts = (Part(loaded, loaded.points, exercise),)
        id, title = loaded.id, loaded.title or loaded.id
    made = Request(parts, _settings(wanted, parts, options), _secret(wanted, options), options.torch, id, title)
    file, data = built(wanted, made)
    place = Path(output if output is not None else file)
    beside = place.with_name(f"{place.name}.new")
    try:
        beside.write_bytes(data)
        os.replace(beside, place)
    except OSError as error:
        raise UsageError(f"The package cannot be written to {str(place)!r}: {error.strerror}.") from error
    points = counted(sum(part.points for part in parts), "point")
    complain(f"{place}: {title} ({points}) for {wanted.title}, {len(data) / 1e6:.1f} MB")


def _settings(wanted: Target, parts: tuple[Part, ...], options: Options) -> Settings:
    """How the package grades: unless it is said, it shows what the most reserved of its exercises shows."""
    levels = list(get_args(Reveal))
    shown = options.reveal or min((part.exercise.policy.shown for part in parts), key=levels.index)
    later = [one for one in (options.after_due, options.after_published) if one is not None]
    if later and not wanted.later:
        able = ", ".join(one.name for one in TARGETS if one.later)
        raise UsageError(f"{wanted.title} cannot show more after the due date. It works with {able}.")
    if any(levels.index(one) <= levels.index(shown) for one in later):
        raise UsageError(f"Reports show the level {shown} at once: a level for later has to be a higher one.")
    return Settings(
        wanted.name,
        cast(Reveal, shown),
        cast("Isolation | None", options.isolation),
        after_due=cast("Reveal | None", options.after_due),
        after_published=cast("Reveal | None", options.after_published),
    )


def _secret(wanted: Target, options: Options) -> str:
    if options.secret_file is not None:
        return read_secret(options.secret_file)
    return secrets.token_hex(16) if wanted.kept else ""
