"""The blocks of a report as diagnostics: the marked ranges underlined, with what the report says about them."""

from __future__ import annotations

from lsprotocol.types import Diagnostic, DiagnosticSeverity

from grader.editor.ranges import Checked, place_of, top
from grader.model import Result
from grader.report import facts
from grader.report.account import Block, Tone, blocks, wrong_groups
from grader.report.block_text import headline
from grader.report.text import safe_lines

SOURCE = "grader"
_SEVERITY: dict[Tone, DiagnosticSeverity] = {
    "wrong": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "note": DiagnosticSeverity.Information,
}


def diagnostics(checked: Checked) -> dict[str, list[Diagnostic]]:
    """The diagnostics of each text, by address; texts without any have an empty list."""
    made: dict[str, list[Diagnostic]] = {part.uri: [] for part in checked.document.parts}
    for block in blocks(checked.result):
        place = place_of(checked, block.where)
        if place is None and (block.tone == "note" or block.steps):
            continue  # about what is not there: the place to say so is not in the text
        place = place or top(checked)
        if place is not None:
            code = _code(checked.result, block)
            found = Diagnostic(place.range, message(block), _severity(checked.result, block), code, source=SOURCE)
            made[place.part.uri].append(found)
    return made


def message(block: Block) -> str:
    """What a block says, without the line, which the editor shows."""
    lines = [headline(block), *block.facts]
    if block.help is not None:
        lines.append(f"help: {block.help}")
    return safe_lines("\n".join([*lines, *(f"    {line}" for line in block.code)]))


def _severity(result: Result, block: Block) -> DiagnosticSeverity:
    missing = {step.name for step in result.steps if step.outcome == "missing"}
    if block.steps and missing.issuperset(block.steps):
        return DiagnosticSeverity.Information  # not wrong, but not written yet
    return _SEVERITY[block.tone]


def _code(result: Result, block: Block) -> str | None:
    """The misconception, where the reveal level shows it."""
    return None if block.number is None else facts.misconception(result, wrong_groups(result)[block.number - 1][0])
