"""What is open in the editor: files, and notebooks as lists of cells. Values; a change makes a new one.

Positions are counted as editors do: lines from 0, and code units of the agreed encoding, usually UTF-16.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from lsprotocol.types import (
    NotebookCell,
    NotebookCellKind,
    Position,
    PositionEncodingKind,
    Range,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
)
from pygls.uris import to_fs_path

from grader.model import Submission
from grader.submission.decoding import normalised
from grader.submission.load import load_bytes
from grader.submission.syntax import FENCED

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
    """The content of a line (from 0) without indentation and trailing whitespace."""
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


_MARK = "\ufeff"
"""Put before a text that is handed on as bytes: then it is read as UTF-8, whatever encoding it names in a comment."""

_JUPYTER_COPIES = ".virtual_documents"
"""The folder in which jupyter-lsp may keep what it shows to servers."""


@dataclass(frozen=True)
class DocumentPart:
    """A text with an address of its own: a file, or a cell of a notebook, whose `number` is counted from 1 among all
    cells. `is_code` is False for cells in Markdown or another language."""

    uri: str
    text: str
    version: int = 0
    number: int | None = None
    is_code: bool = True

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return lines_of(self.text)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A file with one part, or a notebook with a part for each cell."""

    uri: str
    parts: tuple[DocumentPart, ...]
    is_notebook: bool = False
    is_saved: bool = True

    @property
    def path(self) -> str | None:
        """The file; None where it has never been saved. Of a notebook that JupyterLab shows as one text, the
        notebook's."""
        path = to_fs_path(self.uri) if urlsplit(self.uri).scheme == "file" else None
        if path is None:
            return None
        return os.path.join(*(part for part in PurePath(path).parts if part != _JUPYTER_COPIES))

    @property
    def name(self) -> str:
        """The name under which it is read: one whose ending says how."""
        name = PurePath(unquote(urlsplit(self.uri).path)).name or "untitled"
        if self.is_notebook:
            return name if name.lower().endswith(".ipynb") else f"{name}.ipynb"
        return name if name.lower().endswith((".py", *FENCED)) else f"{name.removesuffix('.ipynb')}.py"

    @property
    def content(self) -> bytes:
        """What would be saved, as far as grading reads it."""
        if not self.is_notebook:
            return f"{_MARK}{normalised(self.parts[0].text)}".encode()
        cells: list[dict[str, object]] = [
            {"cell_type": "code" if part.is_code else "raw", "metadata": {}, "outputs": [], "source": part.text}
            for part in self.parts
        ]
        return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()

    def submission(self) -> Submission:
        """What is open, read but not run. Raises `SubmissionError` where it is too large."""
        return load_bytes(self.content, self.name, None if self.path is None else os.path.dirname(self.path))

    def part(self, number: int | None) -> DocumentPart | None:
        """The cell with this number; the text of a file for None."""
        return next((part for part in self.parts if part.number == number), None)

    def at(self, uri: str) -> DocumentPart | None:
        """The part with this address."""
        return next((part for part in self.parts if part.uri == uri), None)

    def with_text(self, uri: str, text: str, version: int) -> OpenDocument:
        """The document after one of its texts has changed."""
        parts = tuple(replace(one, text=text, version=version) if one.uri == uri else one for one in self.parts)
        return replace(self, parts=parts, is_saved=False)

    def with_cells(
        self, start: int, deleted: int, cells: Sequence[NotebookCell], texts: Mapping[str, DocumentPart]
    ) -> OpenDocument:
        """The notebook with `cells` in place of as many as were `deleted` from `start` (from 0) on. `texts` are those
        of cells that are new to it; one that only moves keeps its own."""
        known = {part.uri: part for part in self.parts} | dict(texts)
        parts = (*self.parts[:start], *_parts(cells, known), *self.parts[start + deleted :])
        return replace(self, parts=_numbered(parts), is_saved=False)


def file(uri: str, text: str, version: int) -> OpenDocument:
    """A file."""
    return OpenDocument(uri, (DocumentPart(uri, text, version),))


def notebook(uri: str, cells: Sequence[NotebookCell], texts: Mapping[str, DocumentPart]) -> OpenDocument:
    """A notebook. `texts` are the texts of its cells by address."""
    return OpenDocument(uri, _numbered(_parts(cells, texts)), is_notebook=True)


def _parts(cells: Sequence[NotebookCell], texts: Mapping[str, DocumentPart]) -> list[DocumentPart]:
    """A part for each cell; one without a text is empty."""
    known = [(cell, texts.get(cell.document, DocumentPart(cell.document, "", is_code=False))) for cell in cells]
    return [replace(part, is_code=part.is_code and cell.kind == NotebookCellKind.Code) for cell, part in known]


def _numbered(parts: Sequence[DocumentPart]) -> tuple[DocumentPart, ...]:
    return tuple(replace(part, number=number) for number, part in enumerate(parts, 1))
