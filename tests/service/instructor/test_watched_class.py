"""A class that is looked at again: what has not changed is kept, and nothing old is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from grader.service.store.tables import Assignment, Attempt, Enrolment, Extension, Outcome, TakenHint, User
from grader.service.teaching import regrading
from grader.service.teaching.class_view import ClassView, WatchedClass, class_view
from grader.service.teaching.people import People
from grader.service.web.instructor_class import compute_ahead
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms, attempt_of, points, previewed


def assignment_of(session: Session, rooms: Rooms) -> Assignment:
    return session.get_one(Assignment, rooms.room.assignment)


def seen(watched: WatchedClass, session: Session, rooms: Rooms) -> ClassView:
    session.flush()
    session.expire_all()
    people = People(session, rooms.course(session))
    return watched.view(session, assignment_of(session, rooms), people, frozenset())


def handed_in(session: Session, rooms: Rooms) -> None:
    made = Attempt(assignment_id=rooms.room.assignment, user_id=rooms.room.students[1], number=2, file="a.py",
                   content=b"", submitted_at=classroom.DUE - timedelta(hours=1))  # fmt: skip
    session.add(made)
    session.flush()
    steps = classroom.json.dumps(classroom.steps({}))
    session.add(Outcome(attempt_id=made.id, current=True, status="graded", score=16.0, max_score=16.0, complete=True,
                        steps=steps, version="0", graded_at=classroom.NOW))  # fmt: skip


def graded_again(session: Session, rooms: Rooms) -> None:
    """To the same score, with another step wrong."""
    old = session.query(Outcome).filter_by(attempt_id=attempt_of(session, rooms.room.students[1]).id).one()
    old.current = False
    session.add(Outcome(attempt_id=old.attempt_id, current=True, status="graded", score=old.score, max_score=16.0,
                        steps=classroom.json.dumps(classroom.steps({"dh1": None})), version="0",
                        graded_at=classroom.NOW))  # fmt: skip


def extended(session: Session, rooms: Rooms) -> None:
    session.add(Extension(assignment_id=rooms.room.assignment, user_id=rooms.room.students[1],
                          until=classroom.NOW))  # fmt: skip


def took_a_hint(session: Session, rooms: Rooms) -> None:
    session.add(TakenHint(assignment_id=rooms.room.assignment, user_id=rooms.room.students[1], step="dh1_dwh",
                          level="rule", cost=0.5, at=classroom.NOW))  # fmt: skip


def renamed(session: Session, rooms: Rooms) -> None:
    session.get_one(User, rooms.room.students[1]).name = "Zoë Other"


def hidden(session: Session, rooms: Rooms) -> None:
    rooms.course(session).anonymous = True


def left(session: Session, rooms: Rooms) -> None:
    session.get_one(Enrolment, (rooms.room.course, rooms.room.students[1])).active = False


def other_rules(session: Session, rooms: Rooms) -> None:
    assignment = assignment_of(session, rooms)
    assignment.late_penalty, assignment.due_at = 50.0, classroom.DUE - timedelta(days=30)


def regraded(session: Session, rooms: Rooms) -> None:
    regrading.applied(session, rooms.room.actor(), previewed(session, rooms.room, rooms.room.students[1]))


ONE = (handed_in, graded_again, extended, took_a_hint, renamed,
       lambda session, rooms: points(session, rooms.room, rooms.room.students[1], "dh1_dwh"))  # fmt: skip
"""Changes for one student."""


@pytest.mark.parametrize("change", [*ONE, hidden, left, other_rules, regraded])
def test_after_any_change_the_class_is_as_if_it_were_seen_for_the_first_time(
    change: Callable[[Session, Rooms], None], rooms: Rooms
) -> None:
    watched = WatchedClass()
    with rooms.session() as session:
        before = seen(watched, session, rooms)
        change(session, rooms)
        after = seen(watched, session, rooms)
        fresh = class_view(session, assignment_of(session, rooms), People(session, rooms.course(session)), frozenset())

        assert after == fresh != before


@pytest.mark.parametrize("change", ONE)
def test_a_change_for_one_student_computes_nothing_for_the_others(
    change: Callable[[Session, Rooms], None], rooms: Rooms
) -> None:
    watched, read = WatchedClass(), list[int]()
    with rooms.session() as session:
        before = seen(watched, session, rooms).known
        change(session, rooms)
        session.flush()

        @event.listens_for(rooms.engine, "before_cursor_execute")
        def noted(*found: object) -> None:
            if "outcomes.steps" in str(found[2]):
                read.append(len(found[3]))  # type: ignore[arg-type]

        after = seen(watched, session, rooms).known

    assert len([one for one in after if not any(one is old for old in before)]) == 1
    assert max(read, default=0) <= 2  # ids of attempts, and whether the outcome is current


def asked(rooms: Rooms, table: str) -> list[str]:
    """The queries of the page of the class that name a column of a table."""
    client = rooms.of(rooms.teacher)
    several: list[str] = []
    event.listen(rooms.engine, "before_cursor_execute", lambda *given: several.append(given[2]))
    assert "dh1_dwh" in client.get(rooms.assignment).text
    return [one for one in several if table in one]


def test_whoever_opens_a_class_first_after_a_start_waits_for_no_steps(rooms: Rooms) -> None:
    compute_ahead(rooms.app)

    assert asked(rooms, "outcomes.steps") == []


def test_a_class_that_cannot_be_computed_ahead_keeps_no_server_from_starting(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(WatchedClass, "view", lambda *_: {}["bug"])
        compute_ahead(rooms.app)

    assert len(asked(rooms, "outcomes.steps")) == 1
