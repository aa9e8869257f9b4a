"""`grader dispute`: pass a doubtful verdict on as a file, or have such a file judged again."""

from __future__ import annotations

import contextlib
from pathlib import Path

from grader.cli import exits
from grader.cli.arguments import CheckTarget
from grader.cli.commands import warn_of_others
from grader.cli.one_step import show_step
from grader.cli.output import width, write
from grader.dispute import LARGEST, Dispute, DisputedVerdict, dispute, judged, read, same_verdict
from grader.errors import UsageError
from grader.exercise.load import find, load
from grader.model import Isolation
from grader.nearest import near_files
from grader.report.numbers import count
from grader.report.page import Page
from grader.whole_files import write_whole


def write_dispute(named: CheckTarget, step: str, because: str, output: str | None) -> int:
    """Write the dispute about a step, and say what is in it."""
    warn_of_others(named.submission, "process")
    made = dispute(named.exercise, named.submission, step, because, named.variant)
    place = output or f"dispute-{''.join(c if c.isalnum() or c in '._-' else '_' for c in step)}.json"
    write_whole(place, made.text().encode())
    page = Page(width())
    page.prose(f"{place}: the verdict on {step} ({_spoken(made.verdict)}), and all that it takes to judge it again",
               "bold")  # fmt: skip
    if made.kept:
        page.prose(f"Not anonymous in it: {', '.join(made.kept)}.", "yellow")
    page.prose("Your name, file name, comments and texts are left out, as far as they could be recognised: look "
               "through it before you pass it on. Hand it in beside your submission, or send it to your "
               "instructor.")  # fmt: skip
    write(page.text())
    return exits.ALL_RIGHT


def judge_again(path: str, isolation: Isolation) -> int:
    """Judge a dispute again, and compare; the status is 0 if the verdict is the same."""
    found = read(_content(path), path)
    result = judged(found, isolation, "values")
    same = same_verdict(found, result)
    page = Page(width())
    page.prose(f"{found.exercise}, {found.step}: {_spoken(found.verdict)}, by {_versions(found)}", "bold")
    if found.because:
        page.prose(found.because, lead="the student says: ", indent=2)
    if (remark := _exercise_remark(found)) is not None:
        page.prose(remark, "yellow")
    page.prose("judged again, the verdict is the same:" if same else "judged again, the verdict is another:")
    page.blank()
    write(page.text())
    show_step(result, found.step, None)
    return exits.ALL_RIGHT if same else exits.NOT_ALL_RIGHT


def _content(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path!r} cannot be read: {error.strerror}.{near_files(path)}") from None


def _spoken(verdict: DisputedVerdict) -> str:
    cell = "" if verdict.cell is None else f"cell {verdict.cell}, "
    at = "" if verdict.line is None else f" at {cell}line {verdict.line}"
    return f"{verdict.outcome}{at}, {count(verdict.points)} of {count(verdict.max_points)} points"


def _versions(found: Dispute) -> str:
    known = dict(found.versions)
    return ", ".join(f"{name} {known[name]}" for name in ("grader", "torch", "python", "system") if name in known)


def _exercise_remark(found: Dispute) -> str | None:
    """Whether the exercise in the file is not the one that is known here by this name: anybody can change a file."""
    with contextlib.suppress(UsageError):
        if Path(load(find(found.exercise)).path).read_text("utf-8-sig") != found.exercise_text:
            return f"The exercise in it is not {found.exercise} as it is here: compare the two."
        return None
    return f"The exercise in it is not one of the shipped collection: compare it with yours ({found.exercise})."
