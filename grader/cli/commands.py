"""Implementation of the commands for single submissions and exercises, after their arguments are parsed."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import exits
from grader.cli.arguments import hints_file
from grader.cli.output import complain, shows_links, width, write
from grader.errors import EnvironmentProblem, ExerciseError, UsageError
from grader.model import Isolation, Result, Reveal
from grader.nearest import near_files

if TYPE_CHECKING:
    from grader.report.page import Page
    from grader.report.terminal import Detail


@dataclass(frozen=True, slots=True)
class CheckCall:
    """The arguments and options of `grader check`; None where one was not given."""

    exercise: str
    submission: str
    student: str | None = None
    reveal: Reveal | None = None
    secret_file: str | None = None
    variant: str | None = None
    isolation: Isolation = "process"
    detail: Detail = "first"
    form: str = "text"
    output: str | None = None
    step: str | None = None

    @property
    def secret(self) -> str:
        """The course secret. Raises `UsageError` if its file cannot be read."""
        return "" if self.secret_file is None else read_secret(self.secret_file)


def check_one(call: CheckCall) -> int:
    """Grade a submission, write the report, or what it says about one step, and return the exit status."""
    from grader.cli.arguments import meant_for, refuse_swapped
    from grader.pipeline import check

    exercise, submission, form, output = call.exercise, call.submission, call.form, call.output
    refuse_swapped(exercise, (submission,), "check")
    warn_of_others(submission, call.isolation)
    secret = call.secret
    result = check(
        exercise,
        submission,
        student=call.student,
        reveal=call.reveal,
        secret=secret,
        variant=call.variant,
        isolation=call.isolation,
    )
    result = with_hint_costs(result, submission)
    if call.step is not None:
        from grader.cli.one_step import show_step

        return show_step(result, call.step, link_to(submission))
    if form == "json":
        from grader.report import json as json_report

        write(json_report.render(result), output)
    elif form == "html":
        from grader.cli.output import write_page

        write_page(result, exercise, secret, call.variant, output)
    elif form != "text":
        from grader.cli.output import write_for_ci

        write_for_ci(result, form, submission, output)
    else:
        from grader.report import terminal

        link = link_to(submission) if output is None else None
        write(terminal.render(result, width(to_file=output is not None), call.detail, link), output)
        for name in meant_for(result):
            import shlex  # imported here: it takes as long as several of our modules

            command = shlex.join(["grader", "check", name, submission])
            complain(f"{submission} looks like an answer to {name}: `{command}`")
        if output is None:
            _after(result, submission)
    return exits.status_of(result)


def with_hint_costs(result: Result, submission: str) -> Result:
    """The result with what the hints cost that `grader hint` has shown of this file."""
    if not Path(hints_file(submission)).exists():
        return result
    from grader.cli.hint import ShownHints
    from grader.report.hints import deducted

    return deducted(result, ShownHints(submission, result.exercise).taken())


def _after(result: Result, submission: str) -> None:
    """Say what changed since the last check, and what comes next."""
    from grader.cli.progress import next_exercise, since_last_check
    from grader.report.page import Page

    page = Page(width())
    for sentence in (since_last_check(result, submission), next_exercise(result)):
        if sentence:
            page.prose(sentence, "dim")
    write(page.text())


def warn_of_others(submission: str, isolation: str) -> None:
    """Say so if a file that is to be run without isolation may be somebody else's."""
    from grader.cli.arguments import not_own

    if isolation == "process" and (why := not_own(submission)):
        from grader.runner.process import unlimited

        complain(
            f"{submission} {why}. It is run with your rights, limited but not isolated; if it is not your own, "
            "--isolation strict keeps it from your files." + unlimited()
        )


def link_to(path: str) -> str | None:
    """The address of a file, where the terminal shows links."""
    if not shows_links():
        return None
    with contextlib.suppress(OSError, ValueError):
        return Path(path).resolve().as_uri()
    return None


def read_secret(path: str) -> str:
    """Read the course secret from a file, stripped of whitespace. Raises `UsageError`."""
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"The secret file {path!r} cannot be read: {reason}.{near_files(path)}") from error
    if not secret:
        raise UsageError(f"The secret file {path!r} is empty.")
    return secret


def show_one(name: str, values: bool, hints: bool = False) -> None:
    """Print an exercise, on request with the right values at the given numbers, or with its hints."""
    from grader.cli.arguments import is_course
    from grader.exercise.load import find, load
    from grader.report.exercise import readable, render

    if is_course(name):
        from grader.cli.course import show_contents

        show_contents(name)
        return
    exercise = load(find(name))
    exercise = readable(exercise) if _shows("∂∑√₁ᵢ²") else exercise
    right = None
    if values:
        from grader.reference.cache import reference_for

        right = reference_for(exercise).values[0]
    write(render(exercise, right, width(), hints))


def _shows(characters: str) -> bool:
    """Whether standard output can encode these characters."""
    try:
        characters.encode(sys.stdout.encoding or "ascii")
    except (LookupError, UnicodeError):
        return False
    return True


def lint_all(names: tuple[str, ...]) -> int:
    """Print every fault and warning of every file, and `ok` for files without faults; return the worst status."""
    from grader.report.page import Page

    page, worst = Page(1 << 16), exits.ALL_RIGHT
    for name in names:
        try:
            files = _files(name)
        except UsageError as error:
            worst, files = exits.UNREADABLE, []
            complain(f"grader: {error}")
        for file in files:
            worst = max(worst, _faults(file, page))
    write(page.text())
    return worst


def _faults(file: str, page: Page) -> int:
    try:
        _lint(file, page)
    except ExerciseError as error:
        for fault in error.faults:
            page.pieces((str(fault), ""))
        return exits.UNREADABLE
    except UsageError as error:
        complain(f"grader: {error}")
        return exits.UNREADABLE
    return exits.ALL_RIGHT


def _files(name: str) -> list[str]:
    """The exercise files in a folder, or those of a course and its own; any other name is returned unchanged."""
    from grader.cli.arguments import is_course
    from grader.course import load_course

    if is_course(name):
        with contextlib.suppress(ExerciseError):
            return [*(entry.name for entry in load_course(name).entries), name]
    folder = Path(name)
    if not folder.is_dir():
        return [name]
    found = sorted(str(path) for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    if not found:
        raise UsageError(f"There is no exercise file in {name!r}.")
    return found


def _lint(name: str, page: Page) -> None:
    """Print the warnings on one file. Raises `ExerciseError` if the file has faults."""
    from grader.cli.arguments import is_course
    from grader.course import load_course
    from grader.exercise.load import find, load
    from grader.exercise.yaml_reader import parse
    from grader.reference.cache import reference_for
    from grader.reference.variants import with_variant
    from grader.report.numbers import counted

    if is_course(name):
        course = load_course(name)
        points = counted(sum(entry.weight * entry.points for entry in course.entries), "point")
        checked = f"{counted(len(course.entries), 'exercise')}, {points}"
        page.pieces((f"{name}: ", ""), ("ok", "bold green"), (f" ({checked})", ""))
        return
    path = find(name)
    exercise = load(path)
    reference = reference_for(exercise)
    try:
        from grader.lint import examine
    except (ImportError, OSError) as error:
        raise EnvironmentProblem(
            f"the fitness of {exercise.id} needs torch, which cannot be imported ({error})"
        ) from error
    found = examine(exercise, reference, parse(path.read_text("utf-8-sig"), exercise.path))
    for warning in found.warned:
        page.pieces((f"{warning.place}: ", ""), ("warning: ", "bold yellow"), (warning.sentence, ""))
    if found.refused:
        raise ExerciseError(found.refused)
    with_variant(exercise, "lint")
    points = counted(exercise.points, "point")
    checked = f"{counted(len(exercise.steps), 'step')}, {points}, evaluated at {len(reference.points)} sets of numbers"
    page.pieces((f"{path}: ", ""), ("ok", "bold green"), (f" ({checked})", ""))


def print_schema() -> int:
    """Print the JSON Schema of exercise files."""
    from grader.exercise.schema import json_schema

    write(json.dumps(json_schema(), indent=2) + "\n")
    return exits.ALL_RIGHT
