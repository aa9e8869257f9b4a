"""Results for spreadsheets and gradebooks. Under anonymous marking tables have pseudonyms, and gradebooks, which name
everybody, are not filled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.batch.csv_text import Cell, lines
from grader.batch.export import table_rows
from grader.batch.gradebooks.fill import BOOKS, Filled, ScoresToEnter, fill_column
from grader.batch.gradebooks.gradebook import read_sheet
from grader.batch.student_row import Final, StudentRow
from grader.errors import UsageError
from grader.report.numbers import count
from grader.service.scores import standings
from grader.service.store.tables import Assignment, Course
from grader.service.teaching.class_view import ClassView
from grader.service.teaching.people import People

DETECTED = ("canvas", "moodle", "brightspace", "blackboard", "csv")
"""In which order a file is tried for what it may be: any table with headings is the last."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A gradebook to fill: its bytes and name, of which kind it is ("" to find out), and the title of the column (""
    for the only possible one)."""

    content: bytes
    name: str
    kind: str = ""
    column: str = ""


def class_table(view: ClassView, steps: Sequence[str], people: People) -> Iterator[str]:
    """The table of a class, line by line, with a byte order mark, without which Excel misreads names."""
    yield "\ufeff"
    students = (
        (_hidden(one.row, member.person.key) if people.anonymous else one.row, one.final,
         {step[1]: (step[3], step[2], step[5]) for step in member.steps})
        for one, member in zip(view.known, view.members, strict=True)
    )  # fmt: skip
    yield from lines(table_rows(steps, students))


def _hidden(row: StudentRow, pseudonym: str) -> StudentRow:
    return replace(row, student=pseudonym, name=pseudonym)


def course_table(session: Session, course: Course, people: People) -> Iterator[str]:
    """A row per student, with the score that counts of each assignment."""
    assignments = list(
        session.scalars(
            select(Assignment).where(Assignment.course_id == course.id).order_by(Assignment.due_at, Assignment.id)
        )
    )
    finals = [{one.user_id: one.final for one in standings(session, each)} for each in assignments]
    head: list[Cell] = ["student", "name", *(f"{one.title} (of {count(one.max_score)})" for one in assignments)]
    rows: list[list[Cell]] = [head]
    for person in people.students():
        if person.active:
            rows.append([person.key, person.name, *(known.get(person.user_id) for known in finals)])
    yield "\ufeff"
    yield from lines(rows)


def filled_gradebook(view: ClassView, assignment: Assignment, people: People, upload: Upload) -> tuple[Filled, bytes]:
    """Fill an instructor's own export of a gradebook: what was entered, and the file. Raises `UsageError`."""
    if people.anonymous:
        raise UsageError("A gradebook names everybody: it can be filled once anonymous marking is off.")
    sheet = read_sheet(upload.content, upload.name)
    refused: UsageError | None = None
    for kind in (upload.kind,) if upload.kind else DETECTED:
        if kind not in BOOKS:
            raise UsageError("Choose one of the kinds of gradebooks.")
        book = BOOKS[kind]
        try:
            book.people(sheet)
        except UsageError as error:
            refused = error
            continue
        column = book.column(sheet, upload.column or None, assignment.name)
        finals = tuple((one.row, one.final) for one in view.known)
        scores = ScoresToEnter(assignment.name, finals, _sentence)
        return fill_column(book, sheet, column, scores), sheet.bytes()
    raise refused or UsageError("This is no table.")


def _sentence(one: StudentRow, known: Final) -> str:
    said = [f"{count(known.score or 0.0)} of {count(one.max_score or 0.0)} points."]
    if known.lost:
        said.append(f"{count(known.lost)} of them taken off: {known.late}.")
    if one.comments:
        said.append(one.comments)
    return " ".join(said)
