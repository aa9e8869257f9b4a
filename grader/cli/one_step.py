"""`grader check --step`: what a report says about one step."""

from __future__ import annotations

from dataclasses import replace

from grader.cli import status
from grader.cli.output import width, write
from grader.errors import UsageError
from grader.model import Result, StepResult
from grader.nearest import did_you_mean
from grader.report.account import Block
from grader.report.block_text import block_of, step_text
from grader.report.page import Page
from grader.report.terminal import render_block


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
        return status.UNREADABLE
    right = step.outcome == "correct" or (step.outcome == "missing" and step.reason == "optional")
    return status.ALL_RIGHT if right else status.NOT_ALL_RIGHT


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
