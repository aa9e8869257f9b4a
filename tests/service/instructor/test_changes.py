"""What instructors change: settings, points by hand, extensions, the roster, the course. All of it is in the trail."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from grader.errors import UsageError
from grader.service import retention
from grader.service.exercises import Checked, Note, read
from grader.service.scores import standing
from grader.service.store.tables import (
    Assignment,
    Attempt,
    AuditEntry,
    Course,
    Enrolment,
    Override,
    Push,
    User,
)
from grader.service.teaching import assignments, audit, enrolment, student_record
from grader.service.teaching.enrolment import ListedMember
from grader.service.teaching.people import People
from grader.service.work import pushes
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms

FORM = {"title": "Tanh", "zone": "Europe/Berlin", "due_at": "2026-12-24T18:00", "attempts": "3", "counts": "last",
        "reveal": "rule", "reveal_after_due": "values", "late_penalty": "12,5", "late_grace": "15", "late_free": "1",
        "late_cap": "50", "opens_at": "", "closes_at": "2026-12-31"}  # fmt: skip


def last(session: classroom.Session) -> tuple[str, dict[str, object]]:
    entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one()
    return entry.action, json.loads(entry.detail)


def test_settings_are_read_in_the_time_zone_of_the_form() -> None:
    found = assignments.read_settings(FORM)

    assert found.faults == {}
    assert found.values["due_at"] == datetime(2026, 12, 24, 17, 0, tzinfo=UTC)
    assert found.values["closes_at"] == datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
    assert (found.values["attempts"], found.values["late_penalty"], found.values["late_free"]) == (3, 12.5, 1)


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("title", "  ", "needs a title"),
        ("zone", "Berlin", "no time zone"),
        ("zone", "../../etc/passwd", "no time zone"),
        ("due_at", "tomorrow", "is no time"),
        ("due_at", "0001-01-01T00:00", "too far away"),
        ("opens_at", "2026-12-25T00:00", ""),
        ("attempts", "0", "from 1 to"),
        ("attempts", "-1", "from 1 to"),
        ("attempts", "٣", "from 1 to"),
        ("late_penalty", "nan", "from 0 to 100"),
        ("late_penalty", "101", "from 0 to 100"),
        ("late_grace", "-5", "from 0 to"),
        ("late_free", "x", "whole number"),
        ("counts", "first", "Choose"),
        ("reveal", "all", "Choose"),
        ("reveal_after_due", "all", "Choose"),
    ],
)
def test_what_makes_no_sense_is_named_beside_its_field(field: str, typed: str, fault: str) -> None:
    faults = assignments.read_settings(FORM | {field: typed}).faults
    named = "due_at" if field == "opens_at" else field

    assert fault in faults[named]


def test_closing_before_the_due_date_is_refused() -> None:
    assert (
        "closes before it is due" in assignments.read_settings(FORM | {"closes_at": "2026-12-01"}).faults["closes_at"]
    )


def test_changed_settings_are_stored_and_the_trail_says_what_was_before(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)
        values = assignments.read_settings(FORM | {"title": assignment.title}).values
        assignments.settings_changed(session, rooms.room.actor(), assignment, values)
        session.flush()

        assert assignment.attempts == 3
        action, detail = last(session)
        assert action == "assignment-changed"
        assert "attempts: none → 3" in str(detail["changes"])
        assert "late penalty: 10 → 12.5" in str(detail["changes"])


def test_settings_that_are_the_same_leave_no_entry(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)
        values = assignments.read_settings(FORM).values
        assignments.settings_changed(session, rooms.room.actor(), assignment, values)
        session.flush()
        before = session.query(AuditEntry).count()

        assert assignments.settings_changed(session, rooms.room.actor(), assignment, values) == []
        assert session.query(AuditEntry).count() == before


def test_points_by_hand_count_until_they_are_withdrawn_and_all_is_kept(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment, user = session.get_one(Assignment, rooms.room.assignment), rooms.room.students[1]
        actor = rooms.room.actor()
        as_graded = standing(session, assignment, user).final
        student_record.given(session, actor, assignment, user, ("dh1_dwh", "1", "right on paper"))
        by_hand = standing(session, assignment, user).final
        action, detail = last(session)
        student_record.withdrawn(session, actor, assignment, user, ("dh1_dwh", "it was not"))

        assert (as_graded, by_hand) == (15.0, 16.0)
        assert standing(session, assignment, user).final == as_graded
        assert (action, detail["student"], detail["reason"]) == ("points-given", user, "right on paper")
        assert session.query(Override).count() == 2
        history = student_record.history(session, assignment, user, People(session, rooms.course(session)))
        assert [(one.points, one.counts) for one in history] == [(None, False), (1.0, False)]


@pytest.mark.parametrize(
    ("typed", "reason", "why"),
    [
        ("3", "  ", "Say why"),
        ("three", "because", "no number of points"),
        ("nan", "because", "from 0 to 160"),
        ("inf", "because", "from 0 to 160"),
        ("-1", "because", "from 0 to 160"),
        ("161", "because", "from 0 to 160"),
    ],
)
def test_points_need_a_number_and_a_reason(typed: str, reason: str, why: str, rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)

        with pytest.raises(UsageError, match=why):
            student_record.given(session, rooms.room.actor(), assignment, rooms.room.students[0], (None, typed, reason))


def test_points_for_a_step_need_an_attempt(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)

        with pytest.raises(UsageError, match="Nothing was handed in"):
            student_record.given(session, rooms.room.actor(), assignment, rooms.room.students[2], ("dh1", "1", "so"))


def test_points_that_were_not_given_cannot_be_withdrawn(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)

        with pytest.raises(UsageError, match="No points were given"):
            student_record.withdrawn(session, rooms.room.actor(), assignment, rooms.room.students[0], (None, "so"))


def test_an_extension_moves_the_due_date_of_one_student(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment, user = session.get_one(Assignment, rooms.room.assignment), rooms.room.students[1]
        attempt = session.query(Attempt).filter_by(user_id=user).one()
        attempt.submitted_at = classroom.DUE + timedelta(hours=30)
        session.flush()
        late = standing(session, assignment, user).final
        until = classroom.DUE + timedelta(days=2)
        student_record.extended(session, rooms.room.actor(), assignment, user, (until, "ill"))
        in_time = standing(session, assignment, user).final
        student_record.extension_withdrawn(session, rooms.room.actor(), assignment, user)

        assert (late, in_time, standing(session, assignment, user).final) == (11.8, 15.0, 11.8)
        assert last(session)[0] == "extension-withdrawn"


def test_an_extension_ends_after_the_due_date(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment, user = session.get_one(Assignment, rooms.room.assignment), rooms.room.students[1]

        with pytest.raises(UsageError, match="ends after the due date"):
            student_record.extended(session, rooms.room.actor(), assignment, user, (classroom.DUE, ""))


def test_a_score_is_sent_again_in_place_of_one_that_waits(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment, user = session.get_one(Assignment, rooms.room.assignment), rooms.room.students[1]
        assignment.lineitem_url = "https://lms.example/items/1"
        waiting = classroom.push(session, rooms.room, user, "queued")
        pushes.resent(session, rooms.room.actor(), assignment, user)
        session.refresh(waiting)
        rows, counts = pushes.log(session, assignment, People(session, rooms.course(session)))

        assert waiting.state == "replaced"
        assert counts == {"queued": 1, "replaced": 1}
        assert [(one.state, one.score) for one in rows] == [("queued", 15.0), ("replaced", 12.0)]
        assert last(session)[0] == "score-resent"


@pytest.mark.parametrize(("column", "student", "why"), [(None, 1, "no column"), ("https://x/1", 2, "no score")])
def test_without_a_column_or_a_score_nothing_is_sent(column: str | None, student: int, why: str, rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)
        assignment.lineitem_url = column

        with pytest.raises(UsageError, match=why):
            pushes.resent(session, rooms.room.actor(), assignment, rooms.room.students[student])
        assert session.query(Push).count() == 0


def test_a_roster_is_merged(rooms: Rooms) -> None:
    with rooms.session() as session:
        course, ids = rooms.course(session), rooms.room.students
        known = {one.id: one for one in session.query(User).filter(User.id.in_(ids))}
        session.get_one(Enrolment, (course.id, ids[1])).active = False
        listed = [
            ListedMember(known[ids[0]].subject, "student", "Another Name", "new@example.org"),
            ListedMember(known[ids[1]].subject, "student"),
            ListedMember("new-one", "student", "Nora New"),
            ListedMember("gone", "student", "Gone", active=False),
        ]
        done = enrolment.merged(session, rooms.room.actor(), course, listed)

        assert (done.new, done.back, done.left, done.changed, done.total) == (1, 1, 2, 1, 3)
        assert known[ids[0]].name == "Another Name"
        assert not session.get_one(Enrolment, (course.id, ids[2])).active
        assert session.get_one(Enrolment, (course.id, rooms.room.instructor)).active
        assert session.query(User).filter_by(subject="gone").count() == 0
        assert last(session)[1]["result"] == done.words


def test_an_empty_roster_changes_nothing(rooms: Rooms) -> None:
    with rooms.session() as session, pytest.raises(UsageError, match="lists nobody"):
        enrolment.merged(session, rooms.room.actor(), rooms.course(session), [])


@pytest.mark.parametrize("days", ["0", "-1", "x", "99999", "1.5"])
def test_days_of_retention_are_checked(days: str, rooms: Rooms) -> None:
    with rooms.session() as session, pytest.raises(UsageError, match="1 to 3650"):
        assignments.course_changed(session, rooms.room.actor(), rooms.course(session), False, days)


def test_settings_of_a_course_are_stored(rooms: Rooms) -> None:
    with rooms.session() as session:
        course = rooms.course(session)
        said = assignments.course_changed(session, rooms.room.actor(), course, True, "90")

        assert (course.anonymous, course.retention_days) == (True, 90)
        assert said == last(session)[1]["changes"] == ["names are hidden", "kept for 90 days"]


def test_an_exercise_is_added_as_it_is(rooms: Rooms) -> None:
    with rooms.session() as session:
        text = classroom.text("sigmoid")
        made = assignments.added(session, rooms.room.actor(), text, read(text))

        assert (made.name, made.exercise, made.course_id) == ("sigmoid", text, rooms.room.course)
        assert made.max_score == classroom.exercise("sigmoid").points
        assert len(made.secret) == 32


def test_an_exercise_with_faults_is_not_added(rooms: Rooms) -> None:
    with rooms.session() as session:
        for found in (read("exercise: [\n"), Checked(classroom.exercise(), (Note(1, 1, "no"),))):
            with pytest.raises(UsageError, match="has faults"):
                assignments.added(session, rooms.room.actor(), "exercise: [\n", found)


def test_an_exercise_that_nobody_has_answered_is_changed_at_once(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = classroom.assignment(session, session.get_one(Course, rooms.room.course))
        text = classroom.text().replace("title: ", "title: Another: ").replace("Another: ", "Another ")
        found = assignments.exercise_changed(session, rooms.room.actor(), assignment, text, read(text))

        assert found is None
        assert assignment.exercise == text


def test_an_exercise_is_not_exchanged_for_another(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment, text = session.get_one(Assignment, rooms.room.assignment), classroom.text("sigmoid")

        with pytest.raises(UsageError, match="Add it as one of its own"):
            assignments.exercise_changed(session, rooms.room.actor(), assignment, text, read(text))


def test_a_student_is_erased_from_one_course_and_from_no_other(rooms: Rooms) -> None:
    with rooms.session() as session:
        course, user = rooms.course(session), session.get_one(User, rooms.room.students[1])
        classroom.enrol(session, session.get_one(Course, rooms.other.course), user)
        student_record.given(session, rooms.room.actor(), session.get_one(Assignment, rooms.room.assignment), user.id,
                         (None, "3", f"{user.name} was ill"))  # fmt: skip
        classroom.push(session, rooms.room, user.id, "sent")
        number = session.query(Attempt).count()
        retention.erased_from_course(session, rooms.room.actor(), course, user.id)

        assert session.query(Attempt).count() == number - 1
        assert session.query(Override).count() == session.query(Push).count() == 0
        assert session.get(Enrolment, (course.id, user.id)) is None
        assert session.get(Enrolment, (rooms.other.course, user.id)) is not None
        assert "ill" not in "".join(one.detail for one in session.query(AuditEntry))


def test_who_is_in_no_course_any_more_is_removed(rooms: Rooms) -> None:
    with rooms.session() as session:
        retention.erased_from_course(session, rooms.room.actor(), rooms.course(session), rooms.room.students[1])

        assert session.get(User, rooms.room.students[1]) is None


def test_the_trail_says_who_did_what_and_shows_pseudonyms_where_names_are_hidden(rooms: Rooms) -> None:
    with rooms.session() as session:
        course, user = rooms.course(session), rooms.room.students[1]
        name = session.get_one(User, user).name
        assignment = session.get_one(Assignment, rooms.room.assignment)
        student_record.given(session, rooms.room.actor(), assignment, user, (None, "3", f"{name} asked"))
        (named,), _ = audit.trail(session, course, People(session, course))
        course.anonymous = True
        (hidden,), number = audit.trail(session, course, People(session, course))

        assert (named.who, named.what, named.student) == ("Prof. Iris Berg", "gave points by hand", name)
        assert number == 1
        assert name not in repr(hidden)
        assert hidden.student == f"student-{user:06x}"
