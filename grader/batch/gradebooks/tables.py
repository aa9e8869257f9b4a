"""Tables that are written as a whole, one row per student: for mail merge, and as nbgrader exports them."""

from __future__ import annotations

from collections.abc import Iterable

from grader.batch.csv_text import Cell, table
from grader.batch.feedback import safe_name
from grader.batch.late import Final
from grader.batch.student_row import StudentRow

MAIL_MERGE = ("email", "name", "first_name", "student", "score", "max_score", "late", "late_penalty", "comment",
        "page")  # fmt: skip


def mail_merge(rows: Iterable[tuple[StudentRow, Final, str]]) -> str:
    """The table as CSV, with a byte order mark, without which Excel and Word misread names. `page` is the file that
    `--for feedback` writes for the student. An address that the download does not have is left empty."""
    made: list[list[Cell]] = [list(MAIL_MERGE)]
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


NBGRADER = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
        "late_submission_penalty", "score", "max_score")  # fmt: skip


def nbgrader(rows: Iterable[tuple[StudentRow, Final]], assignment: str, due: str) -> str:
    """The table as CSV. Missing scores stay empty, where nbgrader would write 0.0."""
    made: list[list[Cell]] = [list(NBGRADER)]
    for one, known in rows:
        first, _, last = one.name.rpartition(" ")
        mail = dict(one.identities).get("email", "")
        at = None if one.submitted is None else one.submitted.isoformat(sep=" ")
        raw = one.score if one.by_hand is None else one.by_hand
        made.append([assignment, due, at, one.student, last, first, mail, raw,
                     None if known.score is None else known.lost, known.score, one.max_score])  # fmt: skip
    return table(made)
