"""A result as an editor shows it: places as ranges, the blocks of the report as diagnostics that underline what they
mark, verdicts as inlay hints after the lines that bind steps, and what is said when one points at a line. Nothing is
shown that the reveal level hides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol.types import Diagnostic, DiagnosticSeverity, Hover, InlayHint, MarkupContent, MarkupKind, Range

from grader.editor.documents import DocumentPart, OpenDocument, position, whole_line
from grader.model import Outcome, Result, Span, StepResult
from grader.report import facts
from grader.report.account import Block, Tone, blocks, wrong_groups
from grader.report.block_text import block_of, headline, step_text
from grader.report.table import outcome_words
from grader.report.text import code_block, inline, safe_lines, safe_text
from grader.submission.spans import line_text
from grader.submission.wording import listed


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document as it was checked, and the result. `encoding` is that of the editor's positions."""

    document: OpenDocument
    result: Result
    encoding: str


@dataclass(frozen=True, slots=True)
class DocumentRange:
    """A range of one of the texts of a document."""

    part: DocumentPart
    range: Range


def place_of(checked: CheckedDocument, span: Span | None) -> DocumentRange | None:
    """Where a span of the result is; None where it is in no text that is open."""
    part = None if span is None or span.file != checked.result.submission else checked.document.part(span.cell)
    if span is None or part is None:
        return None
    first = position(part.lines, span.line, span.column + _cut(checked, part, span.line), checked.encoding)
    end = span.end_column + _cut(checked, part, span.end_line)
    last = position(part.lines, span.end_line, end, checked.encoding)
    if (first.line, first.character) >= (last.line, last.character):
        return DocumentRange(part, whole_line(part.lines, first.line, checked.encoding))
    return DocumentRange(part, Range(first, last))


def top(checked: CheckedDocument) -> DocumentRange | None:
    """The first line that is not blank, for what has no place; None where nothing is open."""
    for part in checked.document.parts:
        for row, line in enumerate(part.lines):
            if line.strip() and part.is_code:
                return DocumentRange(part, whole_line(part.lines, row, checked.encoding))
    return None


def _cut(checked: CheckedDocument, part: DocumentPart, line: int) -> int:
    """How many characters at the beginning of a line were cut off before it was read: the indentation of a cell."""
    shown = part.lines[line - 1] if 0 < line <= len(part.lines) else ""
    for cell in checked.result.sources:
        if cell.number == part.number and (read := line_text(cell, line)) and shown.endswith(read):
            return len(shown) - len(read)
    return 0


SOURCE = "grader"
_SEVERITY: dict[Tone, DiagnosticSeverity] = {
    "wrong": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "note": DiagnosticSeverity.Information,
}


def diagnostics(checked: CheckedDocument) -> dict[str, list[Diagnostic]]:
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


def hover(checked: CheckedDocument, part: DocumentPart, row: int, kind: MarkupKind) -> Hover | None:
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


def _text(checked: CheckedDocument, step: StepResult, kind: MarkupKind) -> str:
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


_MARKS: dict[Outcome, str] = {"correct": "✓", "carried": "✓", "wrong": "✗", "compensated": "✗", "borrowed": "✗"}
_OPEN = "…"
"""The mark of a step without a verdict."""

NAMES = 3
"""Maximum number of steps named in one hint."""


def hints(checked: CheckedDocument) -> dict[str, list[InlayHint]]:
    """The hints of each text, by address, in the order of its lines."""
    lines: dict[tuple[str, int], list[StepResult]] = {}
    for step in shown(checked.result):
        if (place := place_of(checked, step.where)) is not None:
            lines.setdefault((place.part.uri, place.range.end.line), []).append(step)
    made: dict[str, list[InlayHint]] = {}
    for (uri, row), steps in sorted(lines.items(), key=lambda item: item[0]):
        part = checked.document.at(uri)
        if part is not None:
            end = position(part.lines, row + 1, len(part.lines[row].rstrip()) + 1, checked.encoding)
            made.setdefault(uri, []).append(InlayHint(end, label(steps), padding_left=True))
    return made


def shown(result: Result) -> tuple[StepResult, ...]:
    """What carries points, and forward values that are not right."""
    forward = [step for step in result.forward if step.max_points or step.outcome in ("wrong", "compensated")]
    return (*forward, *result.steps)


def label(steps: Sequence[StepResult]) -> str:
    """`✓ right`, or where a line binds several steps with several outcomes `✓ dh[2]: right, ✗ dh[1]: wrong`."""
    by_words: dict[str, list[str]] = {}
    for step in steps:
        mark = _MARKS.get(step.outcome, _OPEN)
        by_words.setdefault(f"{mark} {{}}{outcome_words(step, {})}", []).append(safe_text(step.name))
    if len(by_words) == 1:
        return next(iter(by_words)).format("")
    return ", ".join(words.format(f"{listed(names, NAMES)}: ") for words, names in by_words.items())
