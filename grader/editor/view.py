"""What the last check of a document says about the text as it is now, to be asked at any moment.

Between two checks the text changes: what was said about a line holds for it as long as it is unchanged, wherever it has
moved to."""

from __future__ import annotations

from collections.abc import Sequence
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

from grader.editor.documents import DocumentPart
from grader.editor.repairs import RepairEdit, repairs
from grader.editor.shown import SOURCE, CheckedDocument, diagnostics, hints, hover


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
