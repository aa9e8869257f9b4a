"""Cells of CSV files that a spreadsheet may open: every value written to our CSV files passes through here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from grader.report.numbers import count
from grader.report.text import safe_csv_cell

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
