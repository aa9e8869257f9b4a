"""What is said about the steps of a line when one points at it: what the report says, never more than it reveals."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol.types import Hover, MarkupContent, MarkupKind, Range

from grader.editor.diagnostics import message
from grader.editor.documents import Part
from grader.editor.ranges import Checked, place_of
from grader.model import StepResult
from grader.report.account import Block
from grader.report.block_text import block_of, headline, step_text
from grader.report.text import code_block, inline, safe_lines


def hover(checked: Checked, part: Part, row: int, kind: MarkupKind) -> Hover | None:
    """What is said about a line (from 0); None where it binds no step."""
    said: dict[str, Range] = {}
    for step in (*checked.result.forward, *checked.result.steps):
        place = place_of(checked, step.where)
        if place is not None and place.part is part and place.range.start.line <= row <= place.range.end.line:
            said.setdefault(_text(checked, step, kind), place.range)
    if not said:
        return None
    between = "\n\n---\n\n" if kind == MarkupKind.Markdown else "\n\n"
    return Hover(MarkupContent(kind, between.join(said)), next(iter(said.values())))


def _text(checked: Checked, step: StepResult, kind: MarkupKind) -> str:
    block = block_of(checked.result, step)
    if block is not None and step.outcome != "missing":
        return "\n\n".join(_markdown(block)) if kind == MarkupKind.Markdown else message(block)
    lines = step_text(checked.result, step).split("\n")
    if step.name != step.quantity and step.outcome != "missing":
        lines.append(f"`{step.name}` = {step.quantity}")
    return "\n\n".join(map(inline, lines)) if kind == MarkupKind.Markdown else safe_lines("\n".join(lines))


def _markdown(block: Block) -> Iterator[str]:
    yield f"**{inline(headline(block))}**"
    if block.facts:
        yield "\n".join(f"- {inline(fact)}" for fact in block.facts)
    if block.help is not None:
        yield inline(f"help: {block.help}")
    if block.code:
        yield code_block("\n".join(block.code), "python")
