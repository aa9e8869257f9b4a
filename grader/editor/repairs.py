"""Proven repairs as edits, where the reveal level shows them.

An edit is offered only if it turns the student's statement into the one that was proven right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lsprotocol.types import Position, Range, TextEdit

from grader.editor.documents import DocumentPart, lines_of, offset, position
from grader.editor.shown import CheckedDocument, DocumentRange, place_of
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
