"""What concerns one step: `grader check --step`, what a report says about it; `grader numcheck`, the step beside its
numerical slope; and `grader dispute`, which passes a doubtful verdict on as a file, or has such a file judged again.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import exits
from grader.cli.arguments import CheckTarget, refuse_swapped
from grader.cli.commands import read_secret, warn_of_others
from grader.cli.output import width, write
from grader.dispute import LARGEST, Dispute, DisputedVerdict, dispute, judged, read, same_verdict
from grader.errors import UsageError
from grader.exercise.load import find, load
from grader.model import Result, StepResult
from grader.nearest import did_you_mean, near_files
from grader.report.account import Block
from grader.report.block_text import block_of, step_text
from grader.report.numbers import count, number, pair
from grader.report.page import Page
from grader.report.places import short_place
from grader.report.terminal import render_block
from grader.whole_files import write_whole

if TYPE_CHECKING:
    from grader.numcheck import SlopeComparison


def show_step(result: Result, name: str, link: str | None) -> int:
    """Print what is known of one step or forward value, and return the exit status of that step alone.

    Raises `UsageError` if the exercise has none of this name."""
    step = _found(result, name)
    block = _alone(result, step)
    if block is not None and step.outcome not in ("missing", "correct"):
        write(render_block(block, width(), link))
    else:
        page = Page(width())
        page.prose(step_text(result, step), "bold green" if step.outcome == "correct" else "")
        write(page.text())
    if step.outcome == "unjudged":
        return exits.UNREADABLE
    right = step.outcome == "correct" or (step.outcome == "missing" and step.reason == "optional")
    return exits.ALL_RIGHT if right else exits.NOT_ALL_RIGHT


def _alone(result: Result, step: StepResult) -> Block | None:
    """The block that reports a step, without a number, and without references to other blocks."""

    def silent(steps: tuple[StepResult, ...]) -> tuple[StepResult, ...]:
        return tuple(one if one.where == step.where else replace(one, diagnosis=None) for one in steps)

    block = block_of(replace(result, steps=silent(result.steps), forward=silent(result.forward)), step)
    return None if block is None else replace(block, number=None)


def _found(result: Result, name: str) -> StepResult:
    steps = {step.name: step for step in (*result.forward, *result.steps)}
    if name not in steps:
        raise UsageError(f"{result.exercise} has no step {name[:80]!r}.{did_you_mean(name, steps)}")
    return steps[name]


@dataclass(frozen=True, slots=True)
class NumcheckOptions:
    """The options of `grader numcheck`; None where one was not given."""

    student: str | None = None
    secret_file: str | None = None


def numcheck_one(named: CheckTarget, step: str, options: NumcheckOptions) -> int:
    """Print the comparison; return 0 if the step agrees with the slope, 1 if not."""
    from grader.exercise.load import named as load
    from grader.formula.syntax import Assign
    from grader.numcheck import numcheck
    from grader.reference.variants import for_student

    refuse_swapped(named.exercise, (named.submission,), "numcheck")
    warn_of_others(named.submission, "process")
    secret = "" if options.secret_file is None else read_secret(options.secret_file)
    exercise = for_student(load(named.exercise), options.student, secret, named.variant)
    steps = [one.name for one in exercise.steps]
    if step not in steps:
        forward = any(one.name == step for one in exercise.program if isinstance(one, Assign))
        what = f"{step} is a forward value, not a derivative" if forward else f"{exercise.id} has no step {step[:80]!r}"
        raise UsageError(f"{what}.{did_you_mean(step, steps)}")
    found = numcheck(exercise, named.submission, step)
    page = Page(width())
    for sentence, style in said(found):
        page.prose(sentence, style)
    write(page.text())
    return exits.ALL_RIGHT if found.agrees else exits.NOT_ALL_RIGHT


def said(found: SlopeComparison) -> list[tuple[str, str]]:
    """The sentences, each with its style."""
    entry = f"[{', '.join(map(str, found.entry))}]" if found.entry else ""
    at = f", {short_place(found.where, found.where.file)}" if found.where is not None else ""
    own, slope = (number(found.own), number(found.slope)) if found.agrees else pair(found.own, found.slope)
    unlike = "" if found.unlike is None else f" (in yours, `{found.unlike}` is not right)"
    whose = "your own program" if found.program == "own" else f"the exercise's program{unlike}"
    parts = f"{'an entry of ' if found.entry else ''}`{found.by}`"
    lines = [
        (f"your `{found.step}{entry}`{at}: {own}", "bold"),
        (f"numerical slope in {whose}: {slope}", "bold"),
        (f"measured by shifting {parts} up and down by {found.shift:.0e} and looking at `{found.of}`", "dim"),
    ]
    if found.agrees:
        lines.append(("they agree", "bold green"))
    elif found.size == 1:
        lines.append(("they differ", "bold red"))
    else:
        lines.append((f"they differ in {found.differing} of {found.size} entries, most in this one", "bold red"))
    return lines


@dataclass(frozen=True, slots=True)
class DisputeOptions:
    """The options of `grader dispute`; None where one was not given. `trusted` accepts that code runs unisolated."""

    because: str = ""
    output: str | None = None
    isolation: str | None = None
    trusted: bool = False


def write_dispute(named: CheckTarget, step: str, options: DisputeOptions) -> int:
    """Write the dispute about a step, and say what is in it."""
    warn_of_others(named.submission, "process")
    made = dispute(named.exercise, named.submission, step, options.because, named.variant)
    place = options.output or f"dispute-{''.join(c if c.isalnum() or c in '._-' else '_' for c in step)}.json"
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


def judge_again(path: str, options: DisputeOptions) -> int:
    """Judge a dispute again, and compare; the status is 0 if the verdict is the same."""
    from grader.batch.isolation import isolation_for

    isolation = isolation_for(options.isolation, options.trusted).mode
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
