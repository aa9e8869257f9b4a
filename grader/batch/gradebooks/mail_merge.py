"""A table for mail merge (Word, Thunderbird, a spreadsheet): one row per student with all that a letter may say."""

from __future__ import annotations

from collections.abc import Iterable

from grader.batch.cells import Cell, table
from grader.batch.feedback import safe_name
from grader.batch.late import Final
from grader.batch.student_row import StudentRow

HEAD = ("email", "name", "first_name", "student", "score", "max_score", "late", "late_penalty", "comment",
        "page")  # fmt: skip


def written(rows: Iterable[tuple[StudentRow, Final, str]]) -> str:
    """The table as CSV, with a byte order mark, without which Excel and Word misread names. `page` is the file that
    `--for feedback` writes for the student. An address that the download does not have is left empty."""
    made: list[list[Cell]] = [list(HEAD)]
    for one, known, comment in rows:
        mail = dict(one.identities).get("email", "")
        made.append([mail, one.name, _first_name(one.name), one.student, known.score, one.max_score, known.late,
                     known.lost or None, comment or f"No score: {one.why}.",
                     f"{safe_name(one.student)}.html"])  # fmt: skip
    return "\ufeff" + table(made)


def _first_name(name: str) -> str:
    """The first name, where a name has several words: `Bell, Anna` and `Anna Bell`."""
    last, comma, first = name.partition(",")
    words = (first if comma else last).split()
    return words[0] if comma or len(words) > 1 else name
