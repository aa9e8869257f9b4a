"""A block of a report as plain text, for programs that show text alone: logs of CI, test reports, editors."""

from __future__ import annotations

from grader.model import Result, StepResult
from grader.report import facts
from grader.report.account import Block, blocks
from grader.report.places import short_place


def scored(result: Result) -> tuple[StepResult, ...]:
    """Everything that carries points: forward quantities that do, then the steps."""
    return (*(step for step in result.forward if step.max_points), *result.steps)


def headline(block: Block) -> str:
    """The headline with the number by which other blocks refer to this one."""
    return block.headline if block.number is None else f"{block.number}. {block.headline}"


def text(block: Block) -> str:
    """The headline, the student's line, the facts and the next step, each on lines of its own."""
    lines = [headline(block)]
    if block.quote is not None:
        at = f"{block.place}: " if block.place is not None else ""
        lines.append(f"{at}{block.quote.text.strip()}")
    lines += block.facts
    if block.help is not None:
        lines.append(f"help: {block.help}")
    lines += [f"    {line}" for line in block.code]
    return "\n".join(lines)


def block_of(result: Result, step: StepResult) -> Block | None:
    """The block that reports a step; None if it has none of its own, as a right one."""
    return next((block for block in blocks(result) if step.name in block.steps), None)


def step_text(result: Result, step: StepResult) -> str:
    """What a report of tests says about one step: its block, or one sentence if it has none of its own."""
    block = block_of(result, step)
    if block is not None and step.outcome != "missing":
        return text(block)
    at = f" on {short_place(step.where, result.submission)}" if step.where is not None else ""
    match step.outcome:
        case "correct":
            return f"`{step.name}`{at} is right"
        case "carried":
            cause = facts.names(step.caused_by) if step.caused_by else "an earlier mistake"
            if facts.shares_mistake(step):
                return f"`{step.name}`{at} is wrong by the mistake in {cause}"
            return f"`{step.name}`{at} is fed by {cause}; its own formula is right"
        case "missing":
            asked = f"`{step.name}` = {step.quantity}"
            return f"{asked} is not there yet" if step.reason != "optional" else f"{asked} is optional and left out"
        case "unjudged":
            return "\n".join((f"`{step.name}`{at} could not be graded", *facts.unjudged(result, step)))
    return f"`{step.name}`{at}: {step.outcome}"
