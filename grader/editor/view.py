"""What the last check of a document says about the text as it is now, to be asked at any moment: places as ranges,
blocks of the report as diagnostics, verdicts as inlay hints, what is said when one points at a line, and proven repairs
as edits, where the reveal level shows them.

Between two checks the text changes: what was said about a line holds for it as long as it is unchanged, wherever it
has moved to. An edit is offered only if it turns the student's statement into the one that was proven right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol.types import (
    CodeAction,
    CodeActionContext,
    CodeActionKind,
    Diagnostic,
    DiagnosticSeverity,
    Hover,
    InlayHint,
    MarkupContent,
    MarkupKind,
    OptionalVersionedTextDocumentIdentifier,
    Position,
    Range,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from grader.editor.documents import DocumentPart, OpenDocument, lines_of, offset, position, whole_line
from grader.model import Diagnosis, Outcome, Result, Span, StepResult
from grader.report import facts
from grader.report.account import Block, Tone, blocks, wrong_groups
from grader.report.block_text import block_of, headline, step_text
from grader.report.facts import shares_mistake
from grader.report.table import outcome_words
from grader.report.text import code_block, cut, inline, safe_lines, safe_text
from grader.submission.spans import line_text
from grader.submission.wording import listed

TITLE = 100
"""Maximum width of the title of a repair."""


SOURCE = "grader"

_SEVERITY: dict[Tone, DiagnosticSeverity] = {
    "wrong": DiagnosticSeverity.Error,
    "warning": DiagnosticSeverity.Warning,
    "note": DiagnosticSeverity.Information,
}


_MARKS: dict[Outcome, str] = {"correct": "✓", "carried": "✓", "wrong": "✗", "compensated": "✗", "borrowed": "✗"}

_OPEN = "…"
"""The mark of a step without a verdict."""

MAX_STEP_NAMES = 3
"""Maximum number of steps named in one hint."""


@dataclass(frozen=True, slots=True)
class RepairEdit:
    """An edit of one text that makes a step right. `sure`: no other repair does equally well."""

    step: str
    title: str
    part: DocumentPart
    marked: Range
    edit: TextEdit
    sure: bool


def repairs(checked: CheckedDocument) -> tuple[RepairEdit, ...]:
    """The repairs of all wrong steps that the reveal level shows."""
    if not checked.result.shows("diagnosis.fix"):
        return ()
    found: list[RepairEdit] = []
    for group in wrong_groups(checked.result):
        step, place = group[0], place_of(checked, group[0].where)
        if place is not None and step.diagnosis is not None:
            found += _repairs(checked, step, step.diagnosis, place)
    return tuple(found)


def _repairs(
    checked: CheckedDocument, step: StepResult, found: Diagnosis, place: DocumentRange
) -> Iterator[RepairEdit]:
    if found.fix is None or found.confidence == "unexplained":
        return
    statement = _statement(checked, step, place)
    for fixed in (found.fix, *found.alternatives):
        edit = _edit(checked, place, found.replace_with, fixed, statement)
        if edit is not None:
            sure = found.confidence == "certain"
            yield RepairEdit(step.name, _title(step, fixed), place.part, place.range, edit, sure)


def _edit(
    checked: CheckedDocument, place: DocumentRange, put: str | None, fixed: str, statement: _Statement | None
) -> TextEdit | None:
    """The smallest edit that leads to a repaired statement: of the marked range, otherwise of the whole statement."""
    if put is not None and fixed in _edited(checked, place, put, statement):
        return TextEdit(place.range, put)
    if statement is None:
        return None
    return TextEdit(statement.range, fixed) if fixed else TextEdit(statement.lines, "")


def _edited(checked: CheckedDocument, place: DocumentRange, put: str, statement: _Statement | None) -> tuple[str, ...]:
    """What the statement becomes if `put` replaces the marked range. Where the mark is in another statement than that
    of the step, as in a helper, what its lines become, with and without the comment behind them."""
    text = "\n".join(place.part.lines)
    start, end = (offset(text, at, checked.encoding) for at in (place.range.start, place.range.end))
    if statement is not None:
        return (text[statement.start : start] + put + text[end : statement.end],)
    before, after = text[:start].rpartition("\n")[2], text[end:].partition("\n")[0]
    line = f"{before}{put}{after}".strip()
    return line, line.partition("  #")[0].rstrip()


@dataclass(frozen=True, slots=True)
class _Statement:
    """The student's statement, where it stands: characters `start` to `end` of the text, lines joined by newlines."""

    start: int
    end: int
    range: Range
    lines: Range
    """Its lines as a whole, where nothing else stands on them."""


def _statement(checked: CheckedDocument, step: StepResult, place: DocumentRange) -> _Statement | None:
    """None where it does not stand in the text as it was read."""
    text = "\n".join(place.part.lines)
    marked = offset(text, place.range.start, checked.encoding)
    code, start = step.code or "", -1
    while code and (start := text.find(code, start + 1)) >= 0:
        if start <= marked <= start + len(code):
            end = start + len(code)
            first, last = _position(checked, text, start), _position(checked, text, end)
            alone = not text[:start].rpartition("\n")[2].strip() and not text[end:].partition("\n")[0].strip()
            lines = Range(Position(first.line, 0), Position(last.line + 1, 0)) if alone else Range(first, last)
            return _Statement(start, end, Range(first, last), lines)
    return None


def _position(checked: CheckedDocument, text: str, at: int) -> Position:
    before = lines_of(text[:at])
    return position(before, len(before), len(before[-1]) + 1, checked.encoding)


def _title(step: StepResult, fixed: str) -> str:
    if not fixed:
        return cut(f"Leave out `{step.name}`'s line", TITLE)
    return cut(f"Repair `{step.name}`: {' '.join(fixed.split())}", TITLE)


@dataclass(frozen=True, slots=True)
class LineMap:
    """Lines (from 0) before `first` are where they were; those from `last` on have moved by `shift`; between, the text
    has changed."""

    first: int
    last: int
    shift: int

    def new(self, row: int) -> int | None:
        """Where a line is now; None where it may have changed."""
        if row < self.first:
            return row
        return row + self.shift if row >= self.last else None

    def old(self, row: int) -> int | None:
        """Where a line of the later version was; None where it may be another."""
        if row < self.first:
            return row
        return row - self.shift if row >= self.last + self.shift else None


def line_map(before: Sequence[str], after: Sequence[str]) -> LineMap:
    """The unchanged lines at the beginning and the end of two versions: one types at one place at a time."""
    shorter = min(len(before), len(after))
    first = next((row for row in range(shorter) if before[row] != after[row]), shorter)
    same = next((n for n in range(shorter - first) if before[-1 - n] != after[-1 - n]), shorter - first)
    return LineMap(first, len(before) - same, len(after) - len(before))


@dataclass(frozen=True, slots=True)
class View:
    """All that is said about a checked document, made in advance but for hovers. The texts are those of `checked`."""

    checked: CheckedDocument
    diagnostics: dict[str, list[Diagnostic]]
    hints: dict[str, list[InlayHint]]
    repairs: tuple[RepairEdit, ...]

    @classmethod
    def of(cls, checked: CheckedDocument) -> View:
        return cls(checked, diagnostics(checked), hints(checked), repairs(checked))

    def hints_in(self, now: DocumentPart, wanted: Range) -> list[InlayHint]:
        """The hints of unchanged lines of a text as it is now, within a range."""
        lines = self._lines(now)
        if lines is None:
            return []
        found = []
        for hint in self.hints.get(now.uri, ()):
            row = lines.new(hint.position.line)
            if row is not None and wanted.start.line <= row <= wanted.end.line:
                found.append(InlayHint(Position(row, hint.position.character), hint.label, padding_left=True))
        return found

    def hover_at(self, now: DocumentPart, place: Position, kind: MarkupKind) -> Hover | None:
        """What is said about a line of a text as it is now; None where it has changed."""
        lines, part = self._lines(now), self.checked.document.at(now.uri)
        row = None if lines is None else lines.old(place.line)
        if part is None or row is None:
            return None
        found = hover(self.checked, part, row, kind)
        if found is None or found.range is None:
            return found
        return Hover(found.contents, _moved(found.range, place.line - row))

    def actions_in(
        self, now: DocumentPart, wanted: Range, context: CodeActionContext, versioned: bool
    ) -> list[CodeAction]:
        """The repairs of unchanged lines that a range touches. `versioned`: the editor takes edits of a version."""
        lines = self._lines(now)
        if lines is None or not _asks_for_repairs(context.only):
            return []
        found = []
        for one in self.repairs:
            shift = _shift(lines, one.edit.range) if one.part.uri == now.uri else None
            if shift is None:
                continue
            marked = _moved(one.marked, shift)
            if marked.start.line <= wanted.end.line and wanted.start.line <= marked.end.line:
                told = [each for each in context.diagnostics if each.source == SOURCE and each.range == marked]
                edit = TextEdit(_moved(one.edit.range, shift), one.edit.new_text)
                found.append(_action(one, told, now, edit, versioned))
        return found

    def _lines(self, now: DocumentPart) -> LineMap | None:
        before = self.checked.document.at(now.uri)
        return None if before is None else line_map(before.lines, now.lines)


def _action(one: RepairEdit, told: list[Diagnostic], now: DocumentPart, edit: TextEdit, versioned: bool) -> CodeAction:
    if versioned:
        document = OptionalVersionedTextDocumentIdentifier(now.uri, now.version)
        change = WorkspaceEdit(document_changes=[TextDocumentEdit(document, [edit])])
    else:
        change = WorkspaceEdit(changes={now.uri: [edit]})
    return CodeAction(one.title, CodeActionKind.QuickFix, told, is_preferred=one.sure, edit=change)


def _asks_for_repairs(only: Sequence[CodeActionKind | str] | None) -> bool:
    wanted = [one.value if isinstance(one, CodeActionKind) else one for one in only or ()]
    return not wanted or "" in wanted or CodeActionKind.QuickFix.value in wanted


def _shift(lines: LineMap, range: Range) -> int | None:
    """By how many lines a range has moved as a whole; None where it has changed. A range that ends at the beginning of
    a line does not touch that line."""
    last = range.end.line if range.end.character or range.end == range.start else range.end.line - 1
    shifts = {None if (new := lines.new(row)) is None else new - row for row in (range.start.line, last)}
    between_edits = lines.first > last or lines.last <= range.start.line
    return shifts.pop() if len(shifts) == 1 and between_edits else None


def _moved(range: Range, shift: int) -> Range:
    first, last = range.start, range.end
    return Range(Position(first.line + shift, first.character), Position(last.line + shift, last.character))


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
    """The first line that is not empty, for what has no place; None where nothing is open."""
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
        mark = _MARKS["wrong"] if shares_mistake(step) else _MARKS.get(step.outcome, _OPEN)
        by_words.setdefault(f"{mark} {{}}{outcome_words(step, {})}", []).append(safe_text(step.name))
    if len(by_words) == 1:
        return next(iter(by_words)).format("")
    return ", ".join(words.format(f"{listed(names, MAX_STEP_NAMES)}: ") for words, names in by_words.items())
