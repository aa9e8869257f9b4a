"""The roster of the class page: what its columns hold, what it is filtered by, where its names lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from grader.batch.roster import Roster, StudentScore, roster
from grader.batch.student_row import LatePolicy, StudentRow, final

DUE = LatePolicy(datetime(2026, 11, 23, 23, 59), penalty=10.0, grace=15.0)
ROW = StudentRow("s1", "Anna", "mine.py", "graded", None, 15.0, 16.0, False, "dh1", "w", 1, 1,
                 datetime(2026, 11, 23, 20), None, ())  # fmt: skip
LATE = replace(ROW, submitted=datetime(2026, 11, 26, 1))
WAITS = replace(ROW, status="pending", score=None, first_error=None)


def of(*rows: StudentRow, links: dict[str, str] | None = None) -> Roster:
    return roster((StudentScore(row, final(row, DUE)) for row in rows), links or {})


def cells(row: StudentRow) -> dict[str, tuple[str, str]]:
    """Text and remark of every cell that is not empty, by the column's title."""
    made = of(row)
    return {
        column.title: (entry.text, entry.remark)
        for column, entry in zip(made.columns, made.lines[0].entries, strict=True)
    }


@pytest.mark.parametrize(
    ("row", "column", "cell"),
    [
        (ROW, "score", ("15", "")),
        (ROW, "first wrong step", ("dh1", "")),
        (ROW, "handed in", ("2026-11-23 20:00", "")),
        (LATE, "score", ("10.2", "")),
        (LATE, "as graded", ("15", "")),
        (LATE, "late", ("late by 2 d 1 h", "4.8 taken off")),
        (WAITS, "score", ("waiting", "not graded yet")),
        (replace(ROW, status="nothing", score=None, reason="no file"), "score", ("none", "no file")),
        (replace(ROW, attempt=2, attempts=3), "attempt", ("2 of 3", "")),
        (replace(ROW, overridden=True, override=16.0, override_reason="oral"), "by hand", ("16", "oral")),
        (replace(ROW, overridden=True, override=16.0, override_reason="oral"), "as graded", ("15", "")),
    ],
)
def test_a_cell_says(row: StudentRow, column: str, cell: tuple[str, str]) -> None:
    assert cells(row)[column] == cell


def test_a_column_without_any_text_is_left_out() -> None:
    assert list(cells(ROW)) == ["score", "first wrong step", "handed in"]


@pytest.mark.parametrize(
    ("row", "tags"),
    [
        (replace(ROW, complete=True), ("right",)),
        (ROW, ("errors",)),
        (LATE, ("errors", "late")),
        (WAITS, ("none", "waiting")),
        (replace(WAITS, overridden=True, override=3.0), ("waiting", "hand")),
        (replace(ROW, submitted=None, late=True), ("errors", "late", "open")),
    ],
)
def test_a_student_belongs_to_groups(row: StudentRow, tags: tuple[str, ...]) -> None:
    assert of(row).lines[0].tags == tags


def test_groups_are_counted_and_those_without_students_left_out() -> None:
    assert of(ROW, LATE, WAITS).groups == (
        ("errors", "with errors", 2),
        ("none", "without a score", 1),
        ("waiting", "waiting to be graded", 1),
        ("late", "late", 1),
    )


def test_scores_are_sorted_as_numbers_with_the_missing_ones_first() -> None:
    lines = of(replace(ROW, score=9.0), replace(ROW, score=10.0), WAITS).lines

    assert sorted(float(line.entries[0].key) for line in lines) == [-1.0, 9.0, 10.0]


def test_a_name_leads_to_the_page_of_the_student() -> None:
    assert [line.link for line in of(ROW, replace(ROW, student="s2"), links={"s1": "f/s1.html"}).lines] == [
        "f/s1.html", None
    ]  # fmt: skip
