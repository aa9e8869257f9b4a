"""Every function that changes a course, or the server, leaves an entry in the audit trail: a new one has to be named
here."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from grader.service import admin, arrivals, retention, teaching
from grader.service.exercises import read
from grader.service.lti import tool
from grader.service.lti.registration import Details
from grader.service.store.tables import Assignment, AuditEntry, Course, Platform
from grader.service.teaching import assignments, audit, enrolment, regrading, student_record
from grader.service.teaching.enrolment import ListedMember
from grader.service.teaching.people import People
from grader.service.work import pushes
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms, points, previewed
from tests.service.platform_simulator.platform import SHARED_KEY

NOW = classroom.NOW


class At:
    """What a change is made to: the first course of two, and one of its students."""

    def __init__(self, session: Session, rooms: Rooms) -> None:
        self.session, self.room = session, rooms.room
        self.actor = rooms.room.actor()
        self.course = session.get_one(Course, rooms.room.course)
        self.assignment = session.get_one(Assignment, rooms.room.assignment)
        self.other = session.get_one(Assignment, rooms.other.assignment)
        self.student = rooms.room.students[1]

    @property
    def of_student(self) -> tuple[Session, audit.Actor, Assignment, int]:
        return self.session, self.actor, self.assignment, self.student

    def extended(self) -> None:
        student_record.extended(*self.of_student, (classroom.DUE + timedelta(days=1), "ill"))

    def platform(self) -> int:
        return admin.registered(self.session, DETAILS, NOW, "a test").id


DETAILS = Details("https://lms.example", "1", "https://lms.example/a", "https://lms.example/t", "https://lms.example/k",
                  "LMS")  # fmt: skip

CHANGES: dict[Callable[..., object], tuple[Callable[[At], object], str]] = {
    assignments.added: (
        lambda at: assignments.added(at.session, at.actor, classroom.text("rnn"), read(classroom.text("rnn"))),
        "assignment-added",
    ),
    assignments.exercise_changed: (
        lambda at: assignments.exercise_changed(
            at.session, at.actor, at.assignment, classroom.text() + "\n", read(classroom.text() + "\n")
        ),
        "regrade-started",
    ),
    assignments.archived: (
        lambda at: assignments.archived(at.session, at.actor, at.assignment), "assignment-archived",
    ),
    assignments.restored: (
        lambda at: (assignments.archived(at.session, at.actor, at.assignment),
                    assignments.restored(at.session, at.actor, at.assignment)), "assignment-restored",
    ),
    student_record.extended: (At.extended, "extension-given"),
    student_record.extension_withdrawn: (
        lambda at: (at.extended(), student_record.extension_withdrawn(*at.of_student)), "extension-withdrawn",
    ),
    student_record.given: (
        lambda at: student_record.given(*at.of_student, (None, "3", "as discussed")), "points-given",
    ),
    student_record.withdrawn: (
        lambda at: (points(at.session, at.room, at.student),
                    student_record.withdrawn(*at.of_student, (None, "a slip"))),
        "points-withdrawn",
    ),
    regrading.started: (
        lambda at: regrading.started(at.session, at.actor, at.assignment, None), "regrade-started",
    ),
    regrading.applied: (
        lambda at: regrading.applied(at.session, at.actor, previewed(at.session, at.room, at.student)),
        "regrade-applied",
    ),
    regrading.dropped: (
        lambda at: regrading.dropped(at.session, at.actor, previewed(at.session, at.room, at.student)),
        "regrade-dropped",
    ),
    pushes.resent: (
        lambda at: (
            setattr(at.assignment, "lineitem_url", "https://lms.example/1"),
            classroom.push(at.session, at.room, at.student, "failed"),
            pushes.resent(*at.of_student),
        ),
        "score-resent",
    ),
    retention.exported_from_course: (
        lambda at: retention.exported_from_course(at.session, at.actor, at.course, at.student), "student-exported",
    ),
    retention.erased_from_course: (
        lambda at: retention.erased_from_course(at.session, at.actor, at.course, at.student), "student-erased",
    ),
    enrolment.merged: (
        lambda at: enrolment.merged(at.session, at.actor, at.course, [ListedMember("7", "student", "Ute")]),
        "roster-merged",
    ),
    assignments.settings_changed: (
        lambda at: assignments.settings_changed(at.session, at.actor, at.assignment, {"title": "Another"}),
        "assignment-changed",
    ),
    assignments.course_changed: (
        lambda at: assignments.course_changed(at.session, at.actor, at.course, True, ""), "course-changed",
    ),
    enrolment.test_student_of: (
        lambda at: enrolment.test_student_of(at.session, at.actor, at.course), "viewed-as-student",
    ),
    assignments.from_collection: (
        lambda at: assignments.from_collection(at.session, at.actor, "rnn"), "assignment-added",
    ),
    assignments.copied: (lambda at: assignments.copied(at.session, at.actor, at.other), "assignment-copied"),
    assignments.linked_to: (
        lambda at: assignments.linked_to(at.session, at.actor, at.assignment, "42"), "assignment-linked",
    ),
    arrivals.take_column: (
        lambda at: arrivals.take_column(at.session, at.actor, at.assignment, "https://lms.example/1"),
        "column-changed",
    ),
    admin.registered: (At.platform, "platform-registered"),
    admin.key_added: (lambda at: admin.key_added(at.session, "s" * 32, NOW, "rotate"), "key-added"),
    admin.deployment_added: (
        lambda at: admin.deployment_added(at.session, at.platform(), "2", NOW), "deployment-added",
    ),
    admin.origin_added: (
        lambda at: admin.origin_added(at.session, at.platform(), "https://two.example", NOW), "origin-added",
    ),
    admin.switched: (lambda at: admin.switched(at.session, at.platform(), "off", NOW), "platform-switched"),
}  # fmt: skip

NO_CHANGES = {audit.noted, audit.operated, arrivals.assignment_of, arrivals.arrived}
"""What writes the entries; and what is made of the others."""


def changing() -> Iterator[Callable[..., object]]:
    """The functions that change something: those that are told who does it, and those of the operator."""
    names = [one.name for one in pkgutil.iter_modules(teaching.__path__)]
    inside = [importlib.import_module(f"{teaching.__name__}.{name}") for name in names]
    of_operator = {admin, arrivals, *inside}
    for part in (*of_operator, retention, pushes):
        for name, one in inspect.getmembers(part, inspect.isfunction):
            told = set(inspect.signature(one).parameters)
            by_somebody = told & ({"actor", "now"} if part in of_operator else {"actor"})
            if one.__module__ == part.__name__ and not name.startswith("_") and by_somebody:
                yield one


def test_every_change_is_in_the_table() -> None:
    assert set(changing()) == set(CHANGES) | NO_CHANGES


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[At]:
    monkeypatch.setattr(tool, "generate_private_key", lambda **_: SHARED_KEY)
    rooms = Rooms()
    with rooms.session() as session:
        yield At(session, rooms)
    rooms.close()


@pytest.mark.parametrize(
    ("change", "action"), CHANGES.values(), ids=[f"{one.__module__}.{one.__name__}" for one in CHANGES]
)
def test_a_change_leaves_its_entry(at: At, change: Callable[[At], object], action: str) -> None:
    change(at)

    entry = at.session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one()
    of_operator = at.session.query(Platform).count() or action == "key-added"
    who = (None, None) if of_operator else (at.actor.course_id, at.actor.user_id)
    assert (entry.action, (entry.course_id, entry.by)) == (action, who)
    assert action in audit.WORDS


def test_what_the_server_deletes_by_itself_is_in_the_trail_as_its_own(at: At) -> None:
    at.course.retention_days = 1
    deleted = retention.expired(at.session, NOW)
    [line], number = audit.trail(at.session, at.course, People(at.session, at.course))

    assert (deleted, number) == (3, 1)
    assert (line.who, line.what, line.details) == (
        "the server", "deleted what was kept long enough", (("attempts", "3"),),
    )  # fmt: skip


def test_the_operator_is_named_where_somebody_was_invited_and_reads_what_concerns_the_server(at: At) -> None:
    audit.operated(at.session, NOW, "invited", at.course.id, student=at.student, role="student")
    at.platform()
    [line], _ = audit.trail(at.session, at.course, People(at.session, at.course))
    [(when, what, detail)] = audit.of_server(at.session)

    assert (line.who, line.what) == ("the operator", "invited somebody")
    assert (when, what) == (NOW, "registered a platform")
    assert "issuer https://lms.example" in detail
