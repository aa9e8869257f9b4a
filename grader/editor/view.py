"""What the last check of a document says about the text as it is now, to be asked at any moment; and proven repairs as
edits, where the reveal level shows them.

Between two checks the text changes: what was said about a line holds for it as long as it is unchanged, wherever it
has moved to. An edit is offered only if it turns the student's statement into the one that was proven right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsprotocol.types import (
    CodeAction,
    CodeActionContext,
    CodeActionKind,
    Diagnostic,
    Hover,
    InlayHint,
    MarkupKind,
    OptionalVersionedTextDocumentIdentifier,
    Position,
    Range,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from grader.editor.documents import DocumentPart, lines_of, offset, position
from grader.editor.shown import SOURCE, CheckedDocument, DocumentRange, diagnostics, hints, hover, place_of
from grader.model import Diagnosis, StepResult
from grader.report.account import wrong_groups
from grader.report.text import cut

TITLE = 100
"""Maximum width of the title of a repair."""


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
