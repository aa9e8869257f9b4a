"""A course and a class at one assignment, as instructors see them: standings, statistics and the rows of the roster, in
a bounded number of queries; and results for spreadsheets and gradebooks.

The lines of the roster that a page shows are chosen here: searched, filtered, sorted, a page at a time, on the server.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from grader.batch.class_statistics import (
    UNEXPLAINED,
    ClassExercise,
    ClassStatistics,
    Item,
    StepOutcome,
    StepPoints,
    items_of,
    statistics_of,
)
from grader.batch.csv_text import Cell, lines
from grader.batch.export import table_rows
from grader.batch.gradebooks.fill import BOOKS, Filled, ScoresToEnter, fill_column
from grader.batch.gradebooks.gradebook import read_sheet
from grader.batch.roster import Cells, Key, Roster, RosterLine, StudentScore, cells
from grader.batch.student_row import Final, StudentRow
from grader.errors import UsageError
from grader.report.hints import less
from grader.report.numbers import count
from grader.service.scores import ClassStandings, Standing, standings
from grader.service.store.tables import (
    Assignment,
    Attempt,
    AuditEntry,
    Course,
    Enrolment,
    Extension,
    Job,
    Outcome,
    Push,
    Regrade,
    TakenHint,
)
from grader.service.teaching.people import People, Person

PER_PAGE = 100


CHUNK = 10_000
"""Ids in one query."""

Step = tuple[str, str, str, float, float, str | None, str | None]
"""Part, name, outcome, points, maximum points, mistake and wrong line: a step of an outcome as it is stored."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: words to `search` for, a `group`, a `step` and the `mistake` made there, the column to `sort`
    by ("" for names), whether `descending`, and the `page`, from 1 on."""

    search: str = ""
    group: str = ""
    step: str = ""
    mistake: str = ""
    sort: str = ""
    descending: bool = False
    page: int = 1

    @classmethod
    def of(cls, query: dict[str, str]) -> Wish:
        """From the query of an address; what makes no sense is ignored."""
        page = query.get("page", "1")
        return cls(
            query.get("q", "")[:200].strip(),
            query.get("group", ""),
            query.get("step", ""),
            query.get("mistake", ""),
            query.get("sort", ""),
            query.get("down", "") == "1",
            max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
        )

    def query(self, **changes: object) -> str:
        """The query of the address for this wish with some changes; unless the page is one of them, of the first."""
        wish = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]  # by name
        told = {"q": wish.search, "group": wish.group, "step": wish.step, "mistake": wish.mistake, "sort": wish.sort,
                "down": "1" if wish.descending else "", "page": str(wish.page) if wish.page > 1 else ""}  # fmt: skip
        return urlencode({key: value for key, value in told.items() if value})


@dataclass(frozen=True, slots=True)
class RosterPage:
    """A page of lines: how many lines there are on all pages, and how many pages."""

    lines: tuple[RosterLine, ...]
    found: int
    page: int
    pages: int


def shown(roster: Roster, wish: Wish, among: Sequence[bool] | None = None) -> RosterPage:
    """The lines to show. `among` says for each line whether it may be shown at all; None: each may."""
    words = wish.search.casefold().split()
    lines = [
        line
        for line in roster.lines
        if (among is None or among[line.number])
        and (not wish.group or wish.group in line.tags)
        and (not words or _has(line, words))
    ]
    column = next((at for at, one in enumerate(roster.columns) if one.title == wish.sort), None)
    if column is not None:
        filled = [line for line in lines if line.entries[column].key != ""]
        empty = [line for line in lines if line.entries[column].key == ""]
        lines = sorted(filled, key=lambda line: _key(line.entries[column].key), reverse=wish.descending) + empty
    elif wish.descending:
        lines.reverse()
    pages = max(1, -(-len(lines) // PER_PAGE))
    page = min(wish.page, pages)
    return RosterPage(tuple(lines[PER_PAGE * (page - 1) : PER_PAGE * page]), len(lines), page, pages)


def _has(line: RosterLine, words: list[str]) -> bool:
    text = " ".join((line.name, line.student, line.file, *(one.text for one in line.entries))).casefold()
    return all(word in text for word in words)


def _key(key: Key) -> tuple[int, float, str]:
    return (0, key, "") if isinstance(key, int | float) else (1, 0.0, key.casefold())


@dataclass(frozen=True, slots=True)
class ClassMember:
    """A student of the class: who, the standing, and the steps of the attempt that counts (empty: none counts)."""

    person: Person
    standing: Standing
    steps: tuple[Step, ...]

    def made(self, step: str, code: str) -> bool:
        """Whether the student made a mistake at a step."""
        return any(one[1] == step and mistake_of(one) == code for one in self.steps)


@dataclass(frozen=True, slots=True)
class ClassView:
    """The class: its members by name, what the roster shows of each, and the statistics."""

    members: tuple[ClassMember, ...]
    cells: tuple[Cells, ...]
    seen: ClassStatistics
    items: tuple[Item, ...]

    @property
    def known(self) -> tuple[StudentScore, ...]:
        return tuple(one.known for one in self.cells)


def class_view(session: Session, assignment: Assignment, people: People, optional: frozenset[str]) -> ClassView:
    """The class as it is now. `optional` are the steps that may be left out: where one is, it counts for nothing."""
    return WatchedClass().view(session, assignment, people, optional)


class WatchedClass:
    """A class at an assignment that is looked at again and again: what has not changed for a student since the last
    time is neither read nor computed again."""

    def __init__(self) -> None:
        self._standings = ClassStandings()
        self._kept: dict[int, _Student] = {}
        self._optional: frozenset[str] = frozenset()

    def view(self, session: Session, assignment: Assignment, people: People, optional: frozenset[str]) -> ClassView:
        """The class as it is now, as `class_view` has it."""
        by_user = {one.user_id: one for one in self._standings.read(session, assignment)}
        known = self._kept if optional == self._optional else {}
        kept = {user: one for user, one in known.items() if one.member.standing is by_user.get(user)}
        extensions = _extensions(session, assignment)
        new = (one for user, one in by_user.items() if user not in kept)
        steps = _steps(session, [one.counted.id for one in new if one.counted is not None])
        found: dict[int, _Student] = {}
        for person in people.students():
            standing = by_user.get(person.user_id)
            if standing is None:
                continue
            old = kept.get(person.user_id)
            # A name that is hidden may have changed, and with it what is covered in texts.
            if old is not None and old.member.person == person and not people.anonymous:
                found[person.user_id] = old
                continue
            own = steps.get(standing.counted.id, ()) if standing.counted is not None else ()
            member = ClassMember(person, standing, own if old is None else old.member.steps)
            shown = cells(known_of(member, people, extensions))
            found[person.user_id] = _Student(
                member, shown, tuple(_rows(member, optional)), tuple(_item_rows(member, optional))
            )
        self._kept, self._optional = found, optional
        table = tuple(one.cells for one in found.values())
        seen = statistics_of(
            ClassExercise(assignment.name, assignment.title, assignment.max_score),
            [(one.known.row, one.known.final) for one in table],
            [row for one in found.values() for row in one.rows],
        )
        rows = (row for one in found.values() for row in one.item_rows)
        return ClassView(tuple(one.member for one in found.values()), table, seen, items_of(rows))


class _Student(NamedTuple):
    """What is shown, and what is counted, of a student."""

    member: ClassMember
    cells: Cells
    rows: tuple[StepOutcome, ...]
    item_rows: tuple[StepPoints, ...]


def mistake_of(step: Step) -> str | None:
    """The code under which statistics count a step; None if it is not wrong."""
    outcome, code = step[2], step[5]
    if outcome == "borrowed":
        return "borrowed"
    return (code or UNEXPLAINED) if outcome in ("wrong", "compensated") else None


def known_of(one: ClassMember, people: People, extensions: Mapping[int, datetime]) -> StudentScore:
    """A student as the roster of a class shows one."""
    standing, person = one.standing, one.person
    counted = standing.counted
    file = "" if counted is None else people.file(person.user_id, counted.file)
    row = StudentRow(
        student=person.key,
        name=person.name,
        file=file,
        status=status_of(standing),
        reason=reason_of(standing, people),
        score=None if standing.raw is None else less(standing.raw, standing.hints),
        max_score=standing.max_score,
        complete=counted is not None and counted.complete,
        first_error=next((step[1] for step in one.steps if step[2] == "wrong"), None),
        work=None,
        attempt=0 if counted is None else counted.number,
        attempts=standing.attempts,
        submitted=standing.last_submitted_at if counted is None else counted.submitted_at,
        late=None,
        identities=person.identities,
        overridden=standing.overridden,
        override=standing.override,
        override_reason=people.text(person.user_id, standing.comments),
        steps_by_hand=standing.steps,
        until=extensions.get(person.user_id),
        stale=standing.stale_override,
    )
    return StudentScore(row, Final(standing.final, standing.lost, standing.late, open_of(standing)))


def status_of(standing: Standing) -> str:
    """`graded`, `pending`, `nothing` or `ungradable`, as a class calls it."""
    if standing.counted is not None:
        return "graded"
    if standing.pending:
        return "pending"
    return "ungradable" if standing.attempts else "nothing"


def reason_of(standing: Standing, people: People) -> str | None:
    """Why there is no score; None if there is one."""
    if standing.counted is not None:
        return None
    if standing.pending:
        return "it is being graded"
    if not standing.attempts:
        return "nothing was handed in"
    return people.text(standing.user_id, standing.message or "it could not be graded")


def open_of(standing: Standing) -> str:
    """What an instructor has to decide; "" for nothing."""
    if standing.stale_override:
        return "something else was handed in after points were given by hand, which still count"
    if standing.steps and standing.final is None:
        return "points of steps were given by hand, but there is no score for them to change"
    return ""


def version_of(session: Session, assignment: Assignment) -> str:
    """A text that changes whenever the page of the class does, from one query: with every attempt, outcome and hint,
    with every change by an instructor, which is in the audit trail, and with who is in the course."""
    own = Attempt.assignment_id == assignment.id
    mine = select(Attempt.id).where(own)
    numbers = session.execute(
        select(
            select(func.count()).select_from(Attempt).where(own).scalar_subquery(),
            select(func.max(Outcome.id)).where(Outcome.attempt_id.in_(mine), Outcome.current).scalar_subquery(),
            select(func.count()).select_from(Job).where(Job.attempt_id.in_(mine), Job.state.in_(("queued", "leased")))
            .scalar_subquery(),
            select(func.max(AuditEntry.id)).where(AuditEntry.course_id == assignment.course_id).scalar_subquery(),
            select(func.count()).select_from(Enrolment).where(Enrolment.course_id == assignment.course_id,
                                                              Enrolment.active).scalar_subquery(),
            select(func.sum(TakenHint.cost)).where(TakenHint.assignment_id == assignment.id).scalar_subquery(),
        )
    ).one()  # fmt: skip
    return hashlib.sha256(repr(tuple(numbers)).encode()).hexdigest()[:16]


def _extensions(session: Session, assignment: Assignment) -> dict[int, datetime]:
    rows = session.execute(select(Extension.user_id, Extension.until).where(Extension.assignment_id == assignment.id))
    return {row.user_id: row.until for row in rows}


def _steps(session: Session, attempts: Sequence[int]) -> dict[int, tuple[Step, ...]]:
    """The steps of the current outcomes of attempts, without those of the forward pass that nobody is asked for."""
    found: dict[int, tuple[Step, ...]] = {}
    for start in range(0, len(attempts), CHUNK):
        rows = session.execute(
            select(Outcome.attempt_id, Outcome.steps).where(
                Outcome.attempt_id.in_(attempts[start : start + CHUNK]), Outcome.current
            )
        )
        for attempt, steps in rows:
            found[attempt] = asked_for(steps)
    return found


def asked_for(steps: str) -> tuple[Step, ...]:
    """The steps in the stored text of an outcome that were asked for."""
    return tuple((*one, None)[:7] for one in json.loads(steps) if one[0] == "step")


def _counts(step: Step, optional: frozenset[str]) -> bool:
    return step[2] != "missing" or step[1] not in optional


def _rows(one: ClassMember, optional: frozenset[str]) -> Iterable[StepOutcome]:
    for step in one.steps:
        if _counts(step, optional):
            yield one.person.key, one.person.name, step[1], step[2], step[5], step[6]


def _item_rows(one: ClassMember, optional: frozenset[str]) -> Iterable[StepPoints]:
    total = sum(step[3] for step in one.steps)
    for step in one.steps:
        if _counts(step, optional):
            yield step[1], step[2], step[3], total


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """An assignment: students who handed in, those with everything right, attempts that wait, faults of ours, scores
    the platform did not take, and whether a regrade is open."""

    id: int
    name: str
    title: str
    max_score: float
    opens_at: datetime | None
    due_at: datetime | None
    closes_at: datetime | None
    archived: bool
    handed_in: int
    complete: int
    waiting: int
    faults: int
    not_sent: int
    regrading: bool


def course_of(session: Session, course_id: int) -> Course:
    """The course somebody is signed in to."""
    return session.get_one(Course, course_id)


def students(session: Session, course: Course) -> int:
    """The number of active students."""
    own = select(func.count()).select_from(Enrolment)
    return session.scalar(own.where(Enrolment.course_id == course.id, Enrolment.role == "student",
                                    Enrolment.active)) or 0  # fmt: skip


def assignments(session: Session, course: Course) -> list[AssignmentRow]:
    """All assignments of a course, by due date, in seven queries."""
    own = list(session.scalars(select(Assignment).where(Assignment.course_id == course.id)))
    member = and_(Enrolment.course_id == course.id, Enrolment.user_id == Attempt.user_id, Enrolment.role == "student",
                  Enrolment.active)  # fmt: skip
    ids = select(Assignment.id).where(Assignment.course_id == course.id)
    handed_in = dict(
        session.execute(
            select(Attempt.assignment_id, func.count(Attempt.user_id.distinct())).join(Enrolment, member)
            .where(Attempt.assignment_id.in_(ids)).group_by(Attempt.assignment_id)
        ).all()
    )  # fmt: skip
    outcomes = (
        select(Attempt.assignment_id, func.count(Attempt.user_id.distinct())).join(Enrolment, member)
        .join(Outcome, and_(Outcome.attempt_id == Attempt.id, Outcome.current))
        .where(Attempt.assignment_id.in_(ids)).group_by(Attempt.assignment_id)
    )  # fmt: skip
    complete = dict(session.execute(outcomes.where(Outcome.complete)).all())
    faults = dict(session.execute(outcomes.where(Outcome.status == "fault")).all())
    waiting = dict(
        session.execute(
            select(Attempt.assignment_id, func.count()).join(Job, Job.attempt_id == Attempt.id)
            .where(Attempt.assignment_id.in_(ids), Job.state.in_(("queued", "leased")), Job.regrade_id.is_(None))
            .group_by(Attempt.assignment_id)
        ).all()
    )  # fmt: skip
    not_sent = dict(
        session.execute(
            select(Push.assignment_id, func.count()).where(Push.assignment_id.in_(ids), Push.state == "failed")
            .group_by(Push.assignment_id)
        ).all()
    )  # fmt: skip
    regrading = set(
        session.scalars(
            select(Regrade.assignment_id).where(Regrade.assignment_id.in_(ids), Regrade.state.in_(("running", "ready")))
        )
    )
    own.sort(key=lambda one: (one.due_at is None, one.due_at or one.created_at, one.title.casefold()))
    return [
        AssignmentRow(one.id, one.name, one.title, one.max_score, one.opens_at, one.due_at, one.closes_at,
               one.archived_at is not None, handed_in.get(one.id, 0), complete.get(one.id, 0), waiting.get(one.id, 0),
               faults.get(one.id, 0), not_sent.get(one.id, 0), one.id in regrading)
        for one in own
    ]  # fmt: skip


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
