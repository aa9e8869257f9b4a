"""Cells of tables that a spreadsheet opens: the one way by which text that others wrote gets into a CSV file.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and a formula can send the sheet away.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from grader.report.numbers import count

_FORMULA = re.compile(r"^[\s\u00a0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n|]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

Cell = str | float | int | bool | None


def cell(value: Cell) -> str:
    """A value as the text of a cell: numbers as numbers, text so that nothing obeys it, None as an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return count(value)
    text = value.encode("utf-8", "backslashreplace").decode("utf-8")
    text = _UNSEEN.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return f"'{text}" if _FORMULA.match(text) else text


def table(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as CSV."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([cell(one) for one in row] for row in rows)
    return written.getvalue()
