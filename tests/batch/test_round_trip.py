"""Every gradebook out and back: whatever comments and grades stand in it, only the grades of the class change."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.gradebooks.fill import BOOKS
from grader.batch.gradebooks.gradebook import Comments, ScoreEntry, Sheet, read_sheet

HEADS = {
    "canvas": ["Student", "ID", "SIS Login ID", "Notes", "Chain (4711)", "Final Score"],
    "moodle": ["Identifier", "Full name", "Notes", "Grade", "Maximum grade", "Feedback comments"],
    "brightspace": ["OrgDefinedId", "Username", "Notes", "Chain Points Grade <Numeric MaxPoints:16>",
                    "End-of-Line Indicator"],
    "blackboard": ["Username", "Notes", "Chain [Total Pts: 16] |664617", "Feedback to Learner"],
    "csv": ["id", "Notes", "score", "comment"],
}  # fmt: skip
ABOVE = {"canvas": [["    Points Possible", "", "", "", "16", "(read only)"]]}
GRADES = {"canvas": 4, "moodle": 3, "brightspace": 3, "blackboard": 2, "csv": 2}

texts = st.text(st.characters(exclude_characters="\0\r", codec="utf-8"), max_size=12)
grades = st.sampled_from(["", "3", "12.50", "7,25"])
people = st.lists(st.tuples(texts, grades, texts), min_size=1, max_size=4)


def row(kind: str, number: int, note: str, grade: str, comment: str) -> list[str]:
    match kind:
        case "canvas":
            return [f"Ek, Bo {number}", str(100 + number), f"u{number}", note, grade, "9"]
        case "moodle":
            return [f"Participant {100 + number}", f"Bo Ek {number}", note, grade, "16.00", comment]
        case "brightspace":
            return [f"#{100 + number}", f"#u{number}", note, grade, "#"]
        case "blackboard":
            return [f"u{number}", note, grade, comment]
        case _:
            return [str(100 + number), note, grade, comment]


def entered(kind: str, data: bytes, comments: Comments, score: float) -> tuple[Sheet, int]:
    """The sheet with a score for the first of its people, and the column of grades."""
    book, sheet = BOOKS[kind], read_sheet(data, kind)
    column = book.column(sheet, None, "chain")
    assert book.enter(sheet, book.people(sheet)[0].row, column, ScoreEntry(score, "Begin with da.", comments)) is None
    return sheet, column


def cells(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize("comments", ["keep", "fill", "replace"])
@pytest.mark.parametrize("kind", HEADS)
@settings(deadline=None, max_examples=15)
@given(
    people, st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
)
def test_only_the_grade_changes_and_a_comment_on_request(
    kind: str, comments: Comments, several: list[tuple[str, str, str]], delimiter: str, end: str, encoding: str
) -> None:
    made = io.StringIO()
    rows = [HEADS[kind], *ABOVE.get(kind, []), *(row(kind, n, *one) for n, one in enumerate(several))]
    csv.writer(made, delimiter=delimiter, lineterminator=end).writerows(rows)

    sheet, column = entered(kind, made.getvalue().encode(encoding), comments, 12.5)
    again, _ = entered(kind, sheet.bytes(), comments, 12.5)

    first = 1 + len(ABOVE.get(kind, []))
    before, after = cells(made.getvalue(), delimiter), cells(sheet.bytes().decode(encoding), delimiter)
    expected = [list(one) for one in before]
    if column == GRADES[kind] and before[first][column] != "12.50":
        expected[first][column] = f"12{sheet.decimal_mark}5"
    if kind == "moodle" and (comments == "replace" or (comments == "fill" and not before[first][5].strip())):
        expected[first][5] = "Begin with da."
    assert after == expected
    assert again.bytes() == sheet.bytes()  # filled once more, nothing changes
