"""A CSV file in which single cells are changed and every other byte is kept.

Quoting, line ends, byte order mark and blanks differ between platforms, and a platform may reject a file in which they
changed. So cells are located in the text, and only the text of changed cells is replaced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.batch.csv_text import LARGEST, DecodedTable, cell, decoded
from grader.errors import UsageError

MOST_COLUMNS = 5_000
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell: its text, and its position in the source, including quotes."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class Sheet:
    """A table. `rows` are its records; `set` records a change, `text` applies all changes."""

    decoded: DecodedTable
    rows: list[list[Spot]]
    changes: dict[tuple[int, int], str] = field(default_factory=dict)
    _mark: str = ""

    @property
    def head(self) -> list[str]:
        return [spot.text.strip() for spot in self.rows[0]]

    def cell(self, row: int, column: int) -> str:
        """The text of a cell as read; "" if the row is too short."""
        return self.rows[row][column].text if column < len(self.rows[row]) else ""

    def set(self, row: int, column: int, text: str) -> None:
        """Change a cell. A row that is too short is extended."""
        self.changes[row, column] = text

    def set_number(self, row: int, column: int, number: float) -> None:
        """Change a cell to a number. A cell that already holds this number, in any notation, is kept."""
        if _number(self.cell(row, column)) != number:
            self.set(row, column, cell(number).replace(".", self.decimal_mark))

    @property
    def decimal_mark(self) -> str:
        """`,` where every decimal of the table has it: a spreadsheet of that country takes `15.5` for a date."""
        if not self._mark:
            marks = {
                found[1] for row in self.rows[1:] for spot in row if (found := _DECIMAL.fullmatch(spot.text.strip()))
            }
            self._mark = "," if marks == {","} else "."
        return self._mark

    def text(self) -> str:
        """The table with all changes applied."""
        made, at = [], 0
        for (row, column), text in sorted(self.changes.items()):
            cells = self.rows[row]
            if column < len(cells):
                spot, new = cells[column], self._quoted(text)
            else:
                end = cells[-1].end
                spot, new = Spot("", end, end), self.decoded.delimiter * (column - len(cells) + 1) + self._quoted(text)
            made += [self.decoded.text[at : spot.start], new]
            at = spot.end
        return "".join([*made, self.decoded.text[at:]])

    def bytes(self) -> bytes:
        return self.decoded.encoded(self.text())

    def _quoted(self, text: str) -> str:
        plain = not re.search(r'[",;\t\r\n]', text) and self.decoded.delimiter not in text and text == text.strip()
        return text if plain else '"' + text.replace('"', '""') + '"'


_DECIMAL = re.compile(r"-?\d+([.,])\d+")


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def read_sheet(data: bytes, name: str, delimiters: str = ",;\t") -> Sheet:
    """Parse the sheet in a file. Raises `UsageError` if it is not one."""
    if len(data) > LARGEST:
        raise UsageError(f"{name} is larger than a gradebook ever is.")
    found = decoded(data, delimiters)
    if found is None:
        raise UsageError(f"{name} is no CSV file.")
    rows = _records(found.text, found.start, found.delimiter, name)
    if not rows or len(rows[0]) < 2:
        raise UsageError(f"{name} has no columns that could be told apart.")
    return Sheet(found, rows)


def _records(source: str, at: int, delimiter: str, name: str) -> list[list[Spot]]:
    quoted = re.compile(r'"((?:[^"]++|"")*+)"(?=[^\S\r\n]*(?:' + re.escape(delimiter) + r"|\r|\n|$))")
    plain = re.compile(rf"[^{re.escape(delimiter)}\r\n]*")
    rows: list[list[Spot]] = []
    while at < len(source):
        row: list[Spot] = []
        while True:
            found = quoted.match(source, at) if source[at : at + 1] == '"' else None
            if found is not None:
                row.append(Spot(found[1].replace('""', '"'), at, found.end()))
                at = found.end()
            else:
                end = plain.match(source, at).end()  # type: ignore[union-attr]  # it matches anywhere
                row.append(Spot(source[at:end], at, end))
                at = end
            at = _past_blanks(source, at, delimiter)
            if source[at : at + 1] != delimiter:
                break
            if len(row) > MOST_COLUMNS:
                raise UsageError(f"{name}, line {len(rows) + 1}: it has more columns than a gradebook ever has.")
            at += 1
        rows.append(row)
        if len(rows) > MOST_ROWS:
            raise UsageError(f"{name} has more rows than a gradebook ever has.")
        if at < len(source) and source[at] not in "\r\n":
            raise UsageError(f"{name}, record {len(rows)}: its quotes cannot be paired.")
        at += 2 if source.startswith("\r\n", at) else 1
    return rows


def _past_blanks(source: str, at: int, delimiter: str) -> int:
    while at < len(source) and source[at] in " \t" and source[at] != delimiter:
        at += 1
    return at
