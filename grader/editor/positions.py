"""Positions as editors count them: lines from 0, and code units of the agreed encoding, usually UTF-16."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol.types import (
    Position,
    PositionEncodingKind,
    Range,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
)

_LINE_END = re.compile(r"\r\n|\n|\r")
_UNITS = {PositionEncodingKind.Utf8: "utf-8", PositionEncodingKind.Utf16: "utf-16-le"}
_SIZES = {PositionEncodingKind.Utf8: 1, PositionEncodingKind.Utf16: 2}


def lines_of(text: str) -> tuple[str, ...]:
    """The lines without their ends. Only a newline, a carriage return or both end one, as in the protocol;
    `str.splitlines` splits at form feeds and more."""
    return tuple(_LINE_END.split(text))


def units(text: str, encoding: str) -> int:
    """The length of a text in code units. A lone surrogate is one character of three bytes or one unit."""
    kind = PositionEncodingKind(encoding)
    if kind not in _UNITS or text.isascii():
        return len(text)
    return len(text.encode(_UNITS[kind], "surrogatepass")) // _SIZES[kind]


def characters(line: str, character: int, encoding: str) -> int:
    """The number of characters in the first `character` code units of a line; all of them where it is shorter. A
    position within a character counts as before it."""
    if line.isascii():
        return min(max(character, 0), len(line))
    at = 0
    for number, one in enumerate(line):
        at += units(one, encoding)
        if at > character:
            return number
    return len(line)


def position(lines: Sequence[str], line: int, column: int, encoding: str) -> Position:
    """The position of a line and a column, both 1-based, the column in characters; clipped to the text."""
    row = min(max(line - 1, 0), len(lines) - 1)
    return Position(row, units(lines[row][: max(column - 1, 0)], encoding))


def whole_line(lines: Sequence[str], row: int, encoding: str) -> Range:
    """The content of a line (from 0) without indentation and trailing blanks."""
    line = lines[row]
    start, end = len(line) - len(line.lstrip()), len(line.rstrip())
    return Range(position(lines, row + 1, min(start, end) + 1, encoding), position(lines, row + 1, end + 1, encoding))


def offset(text: str, place: Position, encoding: str) -> int:
    """The number of characters before a position; that of the whole text where it lies behind its end."""
    start = 0
    for _ in range(place.line):
        end = _LINE_END.search(text, start)
        if end is None:
            return len(text)
        start = end.end()
    end = _LINE_END.search(text, start)
    line = text[start : end.start() if end else len(text)]
    return start + characters(line, place.character, encoding)


def changed(text: str, changes: Sequence[TextDocumentContentChangeEvent], encoding: str) -> str:
    """The text after the changes, which are applied one after the other."""
    for change in changes:
        if isinstance(change, TextDocumentContentChangePartial):
            start = offset(text, change.range.start, encoding)
            end = max(offset(text, change.range.end, encoding), start)
            text = text[:start] + change.text + text[end:]
        else:
            text = change.text
    return text
