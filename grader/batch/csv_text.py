"""Text of CSV files. Read: as Excel and others save it, in UTF-8 with or without a byte order mark, UTF-16, or the
encoding of an older Windows ("ANSI"), with commas, semicolons or tabs. Written: every value passes through here, since
a spreadsheet may open it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.nearest import near_files
from grader.report.numbers import count
from grader.report.text import safe_csv_cell

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SEPARATOR = "sep="
"""How a first line begins that tells Excel the delimiter."""


@dataclass(frozen=True, slots=True)
class DecodedTable:
    """`text` as the file has it, a byte order mark and a line `sep=;` included; the table begins at `start`."""

    text: str
    encoding: str
    start: int
    delimiter: str

    def encoded(self, text: str) -> bytes:
        """A changed text, in the encoding of the file; a character that it lacks is written as an HTML entity."""
        return text.encode(self.encoding, "xmlcharrefreplace")


def decoded(data: bytes, delimiters: str = ",;\t") -> DecodedTable | None:
    """Decode a table; None if it is no text."""
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    start = 1 if text.startswith("\ufeff") else 0
    first, _, rest = text[start:].partition("\n")
    if first.lower().startswith(_SEPARATOR) and len(first.rstrip("\r")) == len(_SEPARATOR) + 1:
        return DecodedTable(text, encoding, len(text) - len(rest), first[len(_SEPARATOR)])
    return DecodedTable(text, encoding, start, max(delimiters, key=first.count))


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    # Text of a Latin alphabet in UTF-16 has a zero in every other byte.
    if data[1:2] == b"\0" and data[:1] != b"\0":
        return "utf-16-le"
    if data[:1] == b"\0":
        return "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


Cell = str | float | int | bool | None


def cell(value: Cell) -> str:
    """A value as cell text: text is escaped so that no spreadsheet executes it; None is an empty cell."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe_csv_cell(value) if value is None or isinstance(value, str) else count(value)


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield rows as CSV, each as one text."""
    return (table([row]) for row in rows)


def table(rows: Iterable[Sequence[Cell]]) -> str:
    """Format rows as CSV."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([cell(one) for one in row] for row in rows)
    return written.getvalue()


MAX_FILE_BYTES = 16 * 1024 * 1024


def read_table(path: Path, needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a small CSV file as mappings from headings, with line numbers. Raises `UsageError`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"The file {str(path)!r} cannot be read: {error.strerror}.{near_files(str(path))}") from None
    found = None if len(data) > MAX_FILE_BYTES else decoded(data)
    if found is None:
        raise UsageError(f"The file {str(path)!r} is no CSV table that can be read.")
    reader = csv.reader(found.text[found.start :].splitlines(keepends=True), delimiter=found.delimiter)
    try:
        head = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in needed if name not in head]
        if missing:
            raise UsageError(f"{path}: there is no column {missing[0]!r}; needed are {', '.join(needed)}.")
        return [
            (reader.line_num, dict(zip(head, [*row, *[""] * len(head)], strict=False))) for row in reader if any(row)
        ]
    except csv.Error as error:
        raise UsageError(f"{path}, line {reader.line_num}: {error}.") from None
