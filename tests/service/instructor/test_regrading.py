"""Grading again: previewed, then applied or dropped."""

from __future__ import annotations

import pytest

from grader.errors import UsageError
from grader.service.scores import standing
from grader.service.store.tables import Assignment, Attempt, AuditEntry, Job, Outcome
from grader.service.teaching import regrading
from grader.service.teaching.people import People
from grader.service.work.queue import REGRADES
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms, previewed


def current(session: classroom.Session) -> list[int]:
    return sorted(one.id for one in session.query(Outcome).filter_by(current=True))


def test_all_attempts_are_queued_behind_what_students_hand_in(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)
        made = regrading.started(session, rooms.room.actor(), assignment, None)
        jobs = session.query(Job).all()

        assert {one.user_id for one in jobs} == {rooms.room.students[place] for place in (0, 1, 3)}
        assert {(one.regrade_id, one.state, one.rank) for one in jobs} == {(made.id, "queued", REGRADES)}


def test_one_student_is_graded_again(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)
        regrading.started(session, rooms.room.actor(), assignment, [rooms.room.students[0]])

        assert [one.user_id for one in session.query(Job)] == [rooms.room.students[0]]


def test_one_regrade_at_a_time(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)
        regrading.started(session, rooms.room.actor(), assignment, None)

        with pytest.raises(UsageError, match="Another regrade"):
            regrading.started(session, rooms.room.actor(), assignment, None)


def test_without_an_attempt_there_is_nothing_to_grade(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)

        with pytest.raises(UsageError, match="Nothing has been handed in"):
            regrading.started(session, rooms.room.actor(), assignment, [rooms.room.students[2]])


def test_a_preview_says_what_would_change_and_changes_nothing(rooms: Rooms) -> None:
    with rooms.session() as session:
        student = rooms.room.students[1]
        made = previewed(session, rooms.room, student)
        counting = current(session)
        found = regrading.preview(session, made, People(session, rooms.course(session)))

        (change,) = found.changes
        assert (change.user_id, change.before, change.after) == (student, 15.0, 16.0)
        assert [(one.step, one.before, one.after) for one in change.steps] == [("dh1_dwh", "wrong", "correct")]
        assert (found.total, found.done, found.failed, found.up, found.down) == (3, 3, 0, 1, 0)
        assert current(session) == counting


def test_applied_it_counts(rooms: Rooms) -> None:
    with rooms.session() as session:
        student = rooms.room.students[1]
        assignment = session.get_one(Assignment, rooms.room.assignment)
        made = previewed(session, rooms.room, student)
        changed = regrading.applied(session, rooms.room.actor(), made)
        session.expire_all()

        assert changed == [student]
        assert standing(session, assignment, student).final == 16.0
        assert {one.regrade_id for one in session.query(Outcome).filter_by(current=True)} == {made.id, None}
        assert session.query(Outcome).filter_by(current=True, regrade_id=made.id).count() == 3
        assert session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(1).one().action == "regrade-applied"
        with pytest.raises(UsageError, match="applied already"):
            regrading.applied(session, rooms.room.actor(), made)


def test_a_fault_of_ours_replaces_nothing(rooms: Rooms) -> None:
    with rooms.session() as session:
        student = rooms.room.students[1]
        assignment = session.get_one(Assignment, rooms.room.assignment)
        made = previewed(session, rooms.room, student)
        attempt = session.query(Attempt).filter_by(user_id=student).one()
        fault = session.query(Outcome).filter_by(regrade_id=made.id, attempt_id=attempt.id).one()
        fault.status, fault.score = "fault", None
        session.flush()
        found = regrading.preview(session, made, People(session, rooms.course(session)))
        regrading.applied(session, rooms.room.actor(), made)
        session.expire_all()

        assert (found.failed, found.changes) == (1, ())
        assert standing(session, assignment, student).final == 15.0


def test_a_running_one_cannot_be_applied(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)
        made = regrading.started(session, rooms.room.actor(), assignment, None)

        with pytest.raises(UsageError, match="still being graded"):
            regrading.applied(session, rooms.room.actor(), made)


def test_dropped_it_leaves_no_trace_but_in_the_trail(rooms: Rooms) -> None:
    with rooms.session() as session:
        counting = current(session)
        made = previewed(session, rooms.room, rooms.room.students[1])
        regrading.dropped(session, rooms.room.actor(), made)

        assert current(session) == counting
        assert session.query(Outcome).count() == len(counting)
        assert session.query(Job).count() == 0
        assert made.state == "dropped"


def test_a_changed_exercise_takes_effect_with_its_regrade_and_later_files_are_graded_with_it(rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment = session.get_one(Assignment, rooms.room.assignment)
        text = classroom.text() + "\n# another text\n"
        made = previewed(session, rooms.room, rooms.room.students[1], text)
        later = Attempt(assignment_id=assignment.id, user_id=rooms.room.students[2], number=1, file="x.py",
                        content=b"", submitted_at=classroom.NOW)  # fmt: skip
        session.add(later)
        session.flush()
        before = assignment.exercise
        regrading.applied(session, rooms.room.actor(), made)

        assert before == classroom.text()
        assert assignment.exercise == text
        assert [one.attempt_id for one in session.query(Job).filter_by(regrade_id=None)] == [later.id]
