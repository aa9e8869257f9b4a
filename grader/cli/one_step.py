"""`grader check --step`, what a report says about one step, and `grader numcheck`, a step beside its numerical
slope.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.cli import exits
from grader.cli.arguments import CheckTarget, refuse_swapped
from grader.cli.commands import read_secret, warn_of_others
from grader.cli.output import width, write
from grader.errors import UsageError
from grader.model import Result, StepResult
from grader.nearest import did_you_mean
from grader.report.account import Block
from grader.report.block_text import block_of, step_text
from grader.report.numbers import number, pair
from grader.report.page import Page
from grader.report.places import short_place
from grader.report.terminal import render_block

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


def numcheck_one(named: CheckTarget, step: str, student: str | None, secret_file: str | None) -> int:
    """Print the comparison; return 0 if the step agrees with the slope, 1 if not."""
    from grader.exercise.load import named as load
    from grader.formula.syntax import Assign
    from grader.numcheck import numcheck
    from grader.reference.variants import for_student

    refuse_swapped(named.exercise, (named.submission,), "numcheck")
    warn_of_others(named.submission, "process")
    secret = "" if secret_file is None else read_secret(secret_file)
    exercise = for_student(load(named.exercise), student, secret, named.variant)
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
