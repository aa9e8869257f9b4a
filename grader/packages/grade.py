"""Grade one submission inside a package, and write the result in the format of the system around it.

Whatever happens, something is written in that format: a submission that could not be graded is said to be ungraded and
never scored 0, and no traceback reaches a student."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from grader.batch.bundle import Bundle
from grader.batch.entries import Tree, folder, single
from grader.batch.exercise_grader import ExerciseGrader
from grader.batch.file_choice import Rule, choose
from grader.batch.intake.types import Attempt
from grader.batch.isolation import children_for, isolation_for
from grader.batch.read_limits import Refused
from grader.batch.secrets import Secrets
from grader.errors import GraderError, IsolationMissing
from grader.exercise.load import load
from grader.model import Result, Submission
from grader.packages.contents import EXERCISE, SECRET, SETTINGS
from grader.packages.targets import target
from grader.packages.types import Outcome, Settings, Ungraded
from grader.runner.child.package_stubs import SHOWING
from grader.submission.imports import slow_libraries, unguarded

LATER = "This says nothing about your work. Please tell your instructor."


def main(package: str, arguments: list[str]) -> NoReturn:
    """Grade the file or folder that the arguments name, with the package in this folder, and exit.

    The exit status is 0 if a result was written, also one that says that the submission could not be graded."""
    parser = argparse.ArgumentParser(prog="grade.py")
    parser.add_argument("submission", help="what was handed in: a folder, or a file")
    parser.add_argument("-o", "--output", help="the file for the result; standard output without it")
    parser.add_argument("--student", help="whose it is, for an exercise with numbers for each student")
    parser.add_argument("--range", nargs=2, type=float, metavar=("LOWEST", "HIGHEST"), help="the system's grades")
    given = parser.parse_args(arguments)
    settings = read_settings(Path(package))
    if given.range is not None:
        settings = replace(settings, lowest=given.range[0], highest=given.range[1])
    text = target(settings.target).render(graded(Path(package), settings, given.submission, given.student), settings)
    if given.output is None:
        sys.stdout.write(text)
    else:
        beside = Path(given.output + ".new")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, given.output)
    sys.exit(0)


def read_settings(package: Path) -> Settings:
    """The settings of a package."""
    return Settings(**json.loads((package / SETTINGS).read_text("utf-8")))


def graded(package: Path, settings: Settings, submission: str, student: str | None = None) -> Outcome:
    """The result of a submission at the reveal level of the package, or why there is none."""
    try:
        return _graded(package, settings, submission, student)
    except IsolationMissing as error:
        return Ungraded(f"It could not be graded here. {LATER}", f"{error} (--isolation process does without.)")
    except GraderError as error:
        return Ungraded(f"It could not be graded. {LATER}", str(error))
    except Exception as error:
        return Ungraded(f"It could not be graded. {LATER}", f"A fault of the grader: {type(error).__name__}: {error}")


def _graded(package: Path, settings: Settings, submission: str, student: str | None) -> Outcome:
    exercise = load(package / EXERCISE)
    names = frozenset(step.name for step in exercise.steps)
    try:
        tree = _tree(Path(submission))
    except Refused as error:
        return Ungraded(f"Nothing was graded: {error}.")
    chosen = next(choose([Attempt("", "", tree.entries)], Rule(names)))
    if chosen.reason is not None:
        return Ungraded(f"Nothing was graded: {chosen.reason}.")
    secret = _secret(package)
    mode = isolation_for(settings.isolation, trusted=settings.isolation == "process").mode
    with ExerciseGrader(str(package / EXERCISE), Secrets(secret, secret), children_for(mode)) as grader:
        result = grader.mark(student or "", chosen.file, Bundle(chosen.content, chosen.beside).packed())
    absent = None if result.complete else _absent(result)
    if absent is not None:
        return Ungraded(
            f"It could not be graded: `{chosen.file}` computes with {absent}, which this grader does not have. Hand in "
            "plain Python or NumPy, or ask your instructor.",
            "`grader package --torch` builds a package that installs torch." if absent == "torch" else "",
        )
    return replace(result, reveal=settings.reveal)


def _tree(place: Path) -> Tree:
    return folder(place) if place.is_dir() else single(place)


def _absent(result: Result) -> str | None:
    """A library that a submission computes with and this package did not install."""
    named = slow_libraries(Submission(result.submission, result.sources))
    needed = unguarded((cell.source for cell in result.sources), named)
    return next((name for name in needed if name not in SHOWING and importlib.util.find_spec(name) is None), None)


def _secret(package: Path) -> str:
    """The secret of a package for an exercise with numbers of each student; "" elsewhere: the values it brings along
    are those at its points."""
    try:
        return (package / SECRET).read_text("utf-8")
    except FileNotFoundError:
        return ""
