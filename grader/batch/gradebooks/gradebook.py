"""The common form of all gradebooks: a CSV file in which single cells are changed and every other byte is kept, with
rows of people, and one column to fill, found by its title.

Any table with headings is read as one: people are found by identifying columns, scores go into the named column.

Quoting, line ends, byte order mark and spaces differ between platforms, and a platform may reject a file in which they
changed. So cells are located in the text, and only the text of changed cells is replaced.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from grader.batch.csv_text import MAX_FILE_BYTES, DecodedTable, cell, decoded
from grader.errors import UsageError

Comments = Literal["keep", "fill", "replace"]
"""Comments of a gradebook: all stay as they are, empty ones are filled, or all are replaced."""


_KINDS = {
    "student": "student", "student id": "student", "student_id": "student", "id": "student", "username": "username",
    "login": "username", "user": "username", "email": "email", "e-mail": "email", "email address": "email",
    "sid": "sis", "id number": "sis", "github_username": "username", "orgdefinedid": "sis",
}  # fmt: skip

_NAMES = ("name", "full name", "student name")

MAX_COLUMNS = 5_000

MAX_ROWS = 100_000


_DECIMAL = re.compile(r"-?\d+([.,])\d+")


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


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def read_sheet(data: bytes, name: str, delimiters: str = ",;\t") -> Sheet:
    """Parse the sheet in a file. Raises `UsageError` if it is not one."""
    if len(data) > MAX_FILE_BYTES:
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
            if len(row) > MAX_COLUMNS:
                raise UsageError(f"{name}, line {len(rows) + 1}: it has more columns than a gradebook ever has.")
            at += 1
        rows.append(row)
        if len(rows) > MAX_ROWS:
            raise UsageError(f"{name} has more rows than a gradebook ever has.")
        if at < len(source) and source[at] not in "\r\n":
            raise UsageError(f"{name}, record {len(rows)}: its quotes cannot be paired.")
        at += 2 if source.startswith("\r\n", at) else 1
    return rows


def _past_blanks(source: str, at: int, delimiter: str) -> int:
    while at < len(source) and source[at] in " \t" and source[at] != delimiter:
        at += 1
    return at


@dataclass(frozen=True, slots=True)
class GradebookRow:
    """A row of a gradebook. `identities` are pairs of a kind (as in `DownloadedAttempt`) and a value; `names` are the
    spellings of the person's name."""

    row: int
    identities: tuple[tuple[str, str], ...]
    names: tuple[str, ...]

    @property
    def shown(self) -> str:
        return next(iter(self.names), "") or next((value for _, value in self.identities), f"row {self.row + 1}")

    @property
    def told_by(self) -> str:
        """Text that distinguishes the person from namesakes: the row, and the first known identity."""
        known = next((value for _, value in self.identities), "")
        return f"row {self.row + 1}{f', {known}' if known else ''}"


@dataclass(frozen=True, slots=True)
class ScoreEntry:
    """What is entered for one person: the score, on the gradebook's scale, and a sentence or two of feedback, for the
    cells that `comments` names."""

    score: float
    feedback: str
    comments: Comments = "keep"


@dataclass(frozen=True, slots=True)
class Gradebook:
    """One platform's gradebook file."""

    name: str
    title: str
    people: Callable[[Sheet], list[GradebookRow]]
    """All people in the sheet. Raises `UsageError` if it is not such a gradebook."""

    column: Callable[[Sheet, str | None, str], int]
    """The column to fill, for an exercise: the one with a title, or the only possible one. Raises `UsageError`."""

    most: Callable[[Sheet, int, int], float | None]
    """The platform's maximum points for the column, in a row; None if the file does not state it."""

    enter: Callable[[Sheet, int, int, ScoreEntry], str | None]
    """Enters the score into a row and a column; a sentence if the platform would reject it."""


def find(head: Sequence[str], *names: str) -> int | None:
    """The first column with one of these titles, ignoring case; None if there is none."""
    plain = [title.strip().lower() for title in head]
    return next((plain.index(name) for name in (one.lower() for one in names) if name in plain), None)


def number_of(text: str) -> float | None:
    """Parse a positive number as a platform writes it, such as `100,00`; None if the text is not one."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 < number < math.inf else None


def chosen(head: Sequence[str], candidates: Iterable[int], title: str | None, exercise: str) -> int:
    """Choose the column to fill among those that hold grades: by title (or the number in it), by the exercise's name,
    or because there is only one. Raises `UsageError`, which lists the candidates."""
    columns = list(candidates)
    if not columns:
        raise UsageError("No column of this gradebook holds grades: export it together with that of the assignment.")
    if title is not None:
        exact = [number for number in columns if head[number].strip() == title.strip()]
        like = exact or [number for number in columns if _plain(title) in _plain(head[number])]
        if len(like) == 1:
            return like[0]
        if len(exact) > 1:
            raise UsageError(f"{len(exact)} columns are called {title!r}: give the one to be filled another title.")
        how = f"Several columns have {title!r} in their titles" if like else f"No column is called {title!r}"
        raise UsageError(f"{how}; {_listed(head, columns)}")
    named = [number for number in columns if _plain(exercise) in _plain(head[number])]
    if len(named) == 1 or len(columns) == 1:
        return (named or columns)[0]
    raise UsageError(f"Say which column is to be filled (--column); {_listed(head, columns)}")


def column_titled(pattern: re.Pattern[str]) -> Callable[[Sheet, str | None, str], int]:
    """Chooses among the columns whose titles match, as `Gradebook.column`."""

    def column(sheet: Sheet, title: str | None, exercise: str) -> int:
        numbers = [number for number, text in enumerate(sheet.head) if pattern.search(text)]
        return chosen(sheet.head, numbers, title, exercise)

    return column


def most_in_title(pattern: re.Pattern[str]) -> Callable[[Sheet, int, int], float | None]:
    """Reads the maximum from the title of the column, where it is the first group, as `Gradebook.most`."""

    def most(sheet: Sheet, row: int, column: int) -> float | None:
        found = pattern.search(sheet.head[column])
        return None if found is None else number_of(found[1])

    return most


def enter_score(sheet: Sheet, row: int, column: int, meant: ScoreEntry) -> str | None:
    """Enters the score with two decimals, as `Gradebook.enter`."""
    sheet.set_number(row, column, round(meant.score, 2))
    return None


def people_known_by(sheet: Sheet, columns: Sequence[tuple[str, int | None]], prefix: str = "") -> list[GradebookRow]:
    """The rows with a key in one of these columns, without a prefix, where the columns of names are called `Last Name`
    and `First Name`."""
    last, first = find(sheet.head, "Last Name"), find(sheet.head, "First Name")
    found = []
    for row in range(1, len(sheet.rows)):
        cells = [(kind, sheet.cell(row, place).strip()) for kind, place in columns if place is not None]
        known = tuple((kind, text.removeprefix(prefix)) for kind, text in cells if text.strip(f"{prefix} "))
        names = (f"{sheet.cell(row, first)} {sheet.cell(row, last)}",) if first is not None and last is not None else ()
        if known:
            found.append(GradebookRow(row, known, names))
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _listed(head: Sequence[str], columns: Sequence[int]) -> str:
    return "there are " + ", ".join(repr(head[number]) for number in columns[:12]) + "."


def people_of_table(sheet: Sheet) -> list[GradebookRow]:
    head = [title.lower() for title in sheet.head]
    kinds = [(number, _KINDS[title]) for number, title in enumerate(head) if title in _KINDS]
    name = find(head, *_NAMES)
    first, last = find(head, "first name", "first_name"), find(head, "last name", "last_name")
    if not kinds and name is None and last is None:
        raise UsageError("No column says who is meant: one called student, username, email, sid or name would.")
    found = []
    for row in range(1, len(sheet.rows)):
        known = tuple(
            (kind, sheet.cell(row, number).strip()) for number, kind in kinds if sheet.cell(row, number).strip()
        )
        names = [sheet.cell(row, name)] if name is not None else []
        if first is not None and last is not None:
            names.append(f"{sheet.cell(row, first)} {sheet.cell(row, last)}")
        if known or any(one.strip() for one in names):
            found.append(GradebookRow(row, known, tuple(names)))
    return found


def _column(sheet: Sheet, title: str | None, exercise: str) -> int:
    score = find(sheet.head, "score", "grade", "points")
    if title is None and score is not None:
        return score
    return chosen(sheet.head, range(len(sheet.head)), title, exercise)


def _most(sheet: Sheet, row: int, column: int) -> float | None:
    return None  # a plain table does not state it


def _enter(sheet: Sheet, row: int, column: int, meant: ScoreEntry) -> str | None:
    sheet.set_number(row, column, round(meant.score, 6))
    return None


ANY_TABLE = Gradebook("csv", "a CSV table", people_of_table, _column, _most, _enter)
