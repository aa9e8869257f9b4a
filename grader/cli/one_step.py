"""`grader check --step`: what a report says about one step."""

from __future__ import annotations

from grader.cli import status
from grader.cli.output import width, write
from grader.errors import UsageError
from grader.model import Result, StepResult
from grader.nearest import did_you_mean
from grader.report.block_text import block_of, step_text
from grader.report.page import Page
from grader.report.terminal import render_block


def show_step(result: Result, name: str, link: str | None) -> int:
    """Print what is known of one step or forward value, and return the exit status of that step alone.

    Raises `UsageError` if the exercise has none of this name."""
    step = _found(result, name)
    block = block_of(result, step)
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


def _found(result: Result, name: str) -> StepResult:
    steps = {step.name: step for step in (*result.forward, *result.steps)}
    if name not in steps:
        raise UsageError(f"{result.exercise} has no step {name[:80]!r}.{did_you_mean(name, steps)}")
    return steps[name]
