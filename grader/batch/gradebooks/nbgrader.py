"""nbgrader: the table that nbgrader's own exporter writes, one row per student, for programs that read it."""

from __future__ import annotations

from collections.abc import Iterable

from grader.batch.cells import Cell, table
from grader.batch.late import Final
from grader.batch.student_row import StudentRow

HEAD = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
        "late_submission_penalty", "score", "max_score")  # fmt: skip


def written(rows: Iterable[tuple[StudentRow, Final]], assignment: str, due: str) -> str:
    """The table as CSV. Missing scores stay empty, where nbgrader would write 0.0."""
    made: list[list[Cell]] = [list(HEAD)]
    for one, known in rows:
        first, _, last = one.name.rpartition(" ")
        mail = dict(one.identities).get("email", "")
        at = None if one.submitted is None else one.submitted.isoformat(sep=" ")
        raw = one.score if one.by_hand is None else one.by_hand
        made.append([assignment, due, at, one.student, last, first, mail, raw,
                     None if known.score is None else known.lost, known.score, one.max_score])  # fmt: skip
    return table(made)
