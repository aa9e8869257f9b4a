"""Grade one submission inside a package, and write the result in the format of the system around it.

Whatever happens, something is written in that format: a submission that could not be graded is said to be ungraded and
never scored 0, and no traceback reaches a student."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from grader.batch.entries import DownloadedAttempt, DownloadRefused, Tree, folder, single
from grader.batch.file_choice import ChoiceRule, choose
from grader.batch.isolation import children_for, isolation_for
from grader.batch.jobs import Bundle
from grader.batch.secrets import Secrets
from grader.batch.worker import ExerciseGrader
from grader.errors import GraderError, IsolationMissing
from grader.exercise.load import load
from grader.model import Result, StepResult, Submission
from grader.packages.contents import EXERCISE, PARTS, SECRET, SETTINGS
from grader.packages.targets import Outcome, PackageSettings, Ungraded, target
from grader.runner.child.package_stubs import SHOWING
from grader.submission.imports import slow_imports, unguarded

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
    outcomes, system = graded(Path(package), settings, given.submission, given.student), target(settings.target)
    text = system.render(outcomes[0], settings) if len(outcomes) == 1 else system.render_course(outcomes, settings)
    if given.output is None:
        sys.stdout.write(text)
    else:
        beside = Path(given.output + ".new")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, given.output)
    sys.exit(0)


def read_settings(package: Path) -> PackageSettings:
    """The settings of a package."""
    return PackageSettings(**json.loads((package / SETTINGS).read_text("utf-8")))


def graded(
    package: Path, settings: PackageSettings, submission: str, student: str | None = None
) -> tuple[Outcome, ...]:
    """For each exercise of the package the result of a submission at the package's reveal level, or why there is none;
    one reason alone where nothing could be graded."""
    try:
        return tuple(_graded(package, settings, submission, student or ""))
    except IsolationMissing as error:
        return (Ungraded(f"It could not be graded here. {LATER}", f"{error} (--isolation process does without.)"),)
    except GraderError as error:
        return (Ungraded(f"It could not be graded. {LATER}", str(error)),)
    except Exception as error:  # a bug of ours: the system around the package must get an answer
        fault = f"A fault of the grader: {type(error).__name__}: {error}"
        return (Ungraded(f"It could not be graded. {LATER}", fault),)


def _graded(package: Path, settings: PackageSettings, submission: str, student: str) -> Iterator[Outcome]:
    parts = [(package / part["folder"], part["points"]) for part in json.loads((package / PARTS).read_text("utf-8"))]
    exercises = [load(place / EXERCISE) for place, _ in parts]
    try:
        tree = _tree(Path(submission))
    except DownloadRefused as error:
        yield Ungraded(f"Nothing was graded: {error}.")
        return
    names = frozenset(step.name for exercise in exercises for step in exercise.steps)
    chosen = next(choose([DownloadedAttempt("", "", tree.entries)], ChoiceRule(names)))
    if chosen.reason is not None:
        yield Ungraded(f"Nothing was graded: {chosen.reason}.")
        return
    trusted = settings.isolation == "process"
    mode = isolation_for(settings.isolation, trusted, "`grader package --isolation process`").mode
    for (place, points), exercise in zip(parts, exercises, strict=True):
        secret = _secret(package) if exercise.variants else ""
        with ExerciseGrader(str(place / EXERCISE), Secrets(secret, secret), children_for(mode)) as grader:
            result = grader.mark(student, chosen.file, Bundle(chosen.content, chosen.beside).packed())
        yield _shown(result, chosen.file, settings, points)


def _shown(result: Result, file: str, settings: PackageSettings, points: float) -> Outcome:
    """A result as the package shows it, in which a right solution is worth `points`."""
    absent = None if result.complete else _absent(result)
    if absent is not None:
        return Ungraded(
            f"It could not be graded: `{file}` computes with {absent}, which this grader does not have. Hand in "
            "plain Python or NumPy, or ask your instructor.",
            "`grader package --torch` builds a package that installs torch." if absent == "torch" else "",
        )
    return replace(worth(result, points), reveal=settings.reveal)


def worth(result: Result, points: float) -> Result:
    """The result on a scale on which a right solution is worth `points`."""
    if not result.max_score or points == result.max_score:
        return result
    unit = points / result.max_score

    def scaled(step: StepResult) -> StepResult:
        return replace(step, points=step.points * unit, max_points=step.max_points * unit)

    return replace(
        result,
        score=None if result.score is None else result.score * unit,
        max_score=points,
        steps=tuple(map(scaled, result.steps)),
        forward=tuple(map(scaled, result.forward)),
    )


def _tree(place: Path) -> Tree:
    return folder(place) if place.is_dir() else single(place)


def _absent(result: Result) -> str | None:
    """A library that a submission computes with and this package did not install."""
    named = slow_imports(Submission(result.submission, result.sources))
    needed = unguarded((cell.source for cell in result.sources), named)
    return next((name for name in needed if name not in SHOWING and importlib.util.find_spec(name) is None), None)


def _secret(package: Path) -> str:
    """The secret of a package with an exercise that has numbers for each student. For other exercises none is needed:
    the values they bring along are those at their points."""
    return (package / SECRET).read_text("utf-8")
