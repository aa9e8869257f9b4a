"""What a report says, for systems that show one text per submission, or HTML without style and script per step."""

from __future__ import annotations

from grader.model import Result, StepResult
from grader.packages.targets import Outcome, Ungraded
from grader.report import terminal
from grader.report.account import Block, blocks
from grader.report.block_text import block_of, headline, step_text
from grader.report.numbers import count
from grader.report.text import safe_html

WIDTH = 80
"""Columns; the narrow columns in which these systems show text break longer lines."""


def whole_text(outcome: Outcome) -> str:
    """The report as the terminal shows it, without colours."""
    if isinstance(outcome, Ungraded):
        return "\n".join(one for one in (outcome.student, outcome.reason) if one) + "\n"
    return terminal.render(outcome, WIDTH).plain


def score_line(result: Result) -> str:
    """`12 / 15 points`."""
    if result.score is None:
        return "could not be graded"
    return f"{count(result.score)} / {count(result.max_score)} points"


def fraction(result: Result) -> float | None:
    """The score as a share of the points; None if there is no score."""
    return None if result.score is None else result.score / result.max_score


def step_html(result: Result, step: StepResult) -> str:
    """The block that reports a step, or one sentence if it has none of its own."""
    block = block_of(result, step)
    if block is not None and step.outcome != "missing":
        return block_html(block)
    return "".join(f"<p>{_inline(line)}</p>" for line in step_text(result, step).split("\n"))


def general_html(result: Result) -> str:
    """The blocks that belong to no step: lines that cannot be read, what ended the program."""
    return "".join(block_html(block) for block in blocks(result) if not block.steps)


def block_html(block: Block) -> str:
    """A block: headline, the student's line, facts, the next step."""
    made = [f"<p><strong>{_inline(headline(block))}</strong></p>"]
    if block.quote is not None:
        at = f"{block.place}: " if block.place is not None else ""
        made.append(f"<pre>{safe_html(at + block.quote.text.strip())}</pre>")
    made += [f"<p>{_inline(fact)}</p>" for fact in block.facts]
    if block.help is not None:
        made.append(f"<p>{_inline(block.help)}</p>")
    if block.code:
        made.append(f"<pre>{safe_html(chr(10).join(block.code))}</pre>")
    return "".join(made)


def _inline(words: str) -> str:
    """Text in which what is between backticks becomes code."""
    pieces = words.split("`")
    if len(pieces) % 2 == 0:
        return safe_html(words)
    return "".join(f"<code>{safe_html(one)}</code>" if odd % 2 else safe_html(one) for odd, one in enumerate(pieces))
