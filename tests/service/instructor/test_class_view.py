"""The class at an assignment: its statistics, its roster, in few queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from grader.batch.roster import roster
from grader.service.store.tables import Assignment, Attempt, Enrolment, Job, Outcome
from grader.service.teaching.class_view import (
    ClassView,
    Upload,
    Wish,
    assignments,
    class_table,
    class_view,
    course_table,
    filled_gradebook,
    shown,
    version_of,
)
from grader.service.teaching.people import People
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms, attempt_of, points

NO_STEPS: frozenset[str] = frozenset()


def seen(session: classroom.Session, rooms: Rooms, optional: frozenset[str] = NO_STEPS) -> ClassView:
    assignment = session.get_one(Assignment, rooms.room.assignment)
    return class_view(session, assignment, People(session, rooms.course(session)), optional)


def test_scores_steps_and_mistakes_are_those_of_the_attempts_that_count(rooms: Rooms) -> None:
    with rooms.session() as session:
        for place in (0, 3):
            attempt = attempt_of(session, rooms.room.students[place])
            outcome = session.query(Outcome).filter_by(attempt_id=attempt.id).one()
            outcome.steps, outcome.score = classroom.json.dumps(classroom.steps({})), 16.0
            attempt.submitted_at = classroom.DUE - timedelta(hours=1)
        session.flush()
        found = seen(session, rooms).seen

    assert (found.students, sorted(found.scores)) == (4, [15.0, 16.0, 16.0])
    assert [(one.step, one.code, len(one.students)) for one in found.mistakes] == [
        ("dh1_dwh", "tanh-derivative-on-pre-activation", 1)
    ]
    assert [one.why for one in found.ungraded] == ["nothing was handed in"]
    assert [one.name for one in found.steps] == [one.name for one in classroom.exercise().steps]


def test_a_step_that_may_be_left_out_does_not_count_where_it_is(rooms: Rooms) -> None:
    with rooms.session() as session:
        attempt = attempt_of(session, rooms.room.students[1])
        outcome = session.query(Outcome).filter_by(attempt_id=attempt.id).one()
        outcome.steps = outcome.steps.replace('"dh1_dwh", "wrong"', '"dh1_dwh", "missing"')
        session.flush()
        judged = {one.name: one.judged for one in seen(session, rooms, frozenset({"dh1_dwh"})).seen.steps}

    assert (judged["dh1_dwh"], judged["dh1"]) == (2, 3)


def test_whoever_left_or_is_a_test_student_is_in_no_statistics(rooms: Rooms) -> None:
    with rooms.session() as session:
        session.get_one(Enrolment, (rooms.room.course, rooms.room.students[0])).active = False
        session.get_one(Enrolment, (rooms.room.course, rooms.room.students[3])).role = "test"
        session.flush()

        assert seen(session, rooms).seen.students == 2


@pytest.mark.parametrize("what", ["class", "course"])
def test_the_number_of_queries_does_not_grow_with_the_class(what: str, rooms: Rooms) -> None:
    queries: list[str] = []
    event.listen(rooms.engine, "before_cursor_execute", lambda *found: queries.append(found[2]))

    def number(size: int) -> int:
        with rooms.session() as session:
            room = classroom.room(session, size)
            course = session.get_one(classroom.Course, room.course)
            session.flush()
            queries.clear()
            if what == "class":
                assignment = session.get_one(Assignment, room.assignment)
                class_view(session, assignment, People(session, course), NO_STEPS)
            else:
                assignments(session, course)
            return len(queries)

    assert number(4) == number(40) < 16


@pytest.mark.parametrize("change", ["attempt", "outcome", "override", "job", "enrolment"])
def test_the_version_changes_with_what_the_page_shows(change: str, rooms: Rooms) -> None:
    with rooms.session() as session:
        assignment, student = session.get_one(Assignment, rooms.room.assignment), rooms.room.students[1]
        before = version_of(session, assignment)
        same = version_of(session, assignment)
        attempt = attempt_of(session, student)
        if change == "attempt":
            session.add(Attempt(assignment_id=assignment.id, user_id=student, number=2, file="a.py", content=b"",
                                submitted_at=classroom.NOW))  # fmt: skip
        elif change == "outcome":
            session.query(Outcome).filter_by(attempt_id=attempt.id).one().current = False
            session.add(Outcome(attempt_id=attempt.id, current=True, status="graded", score=1.0, max_score=16.0,
                                version="0", graded_at=classroom.NOW))  # fmt: skip
        elif change == "override":
            points(session, rooms.room, student)
        elif change == "job":
            session.add(Job(attempt_id=attempt.id, user_id=student, state="queued",
                                      queued_at=classroom.NOW))  # fmt: skip
        else:
            session.get_one(Enrolment, (rooms.room.course, student)).active = False
        session.flush()

        assert before == same != version_of(session, assignment)


def lines(session: classroom.Session, rooms: Rooms, **wish: object) -> list[str]:
    view = seen(session, rooms)
    made = Wish(**wish)  # type: ignore[arg-type]
    among = [one.made(made.step, made.mistake) for one in view.members] if made.step else None
    return [one.name for one in shown(roster(view.known, {}), made, among).lines]


def test_the_roster_is_searched_filtered_and_sorted(rooms: Rooms) -> None:
    with rooms.session() as session:
        everybody = lines(session, rooms)
        right, wrong, nothing = (People(session, rooms.course(session)).name(rooms.room.students[n]) for n in range(3))

        assert everybody == sorted(everybody, key=str.casefold)
        assert lines(session, rooms, descending=True) == everybody[::-1]
        assert lines(session, rooms, search=wrong.upper()) == [wrong]
        assert nothing in lines(session, rooms, group="none")
        assert right in lines(session, rooms, group="right")
        assert wrong in lines(session, rooms, step="dh1_dwh", mistake="tanh-derivative-on-pre-activation")
        assert right not in lines(session, rooms, step="dh1_dwh", mistake="tanh-derivative-on-pre-activation")
        assert lines(session, rooms, sort="score", descending=True)[0] == right
        assert lines(session, rooms, sort="no such column") == everybody


def test_a_page_past_the_last_is_the_last() -> None:
    assert Wish.of({"page": "999999"}).page == 999999
    assert Wish.of({"page": "9" * 50}).page == Wish.of({"page": "-1"}).page == Wish.of({"page": "x"}).page == 1
    assert shown(roster((), {}), Wish(page=7)).page == 1


def test_the_address_of_a_wish_leads_back_to_it() -> None:
    wish = Wish("a & b", "late", "dh1", "sign-flipped", "score", True, 1)
    query = dict(one.split("=") for one in wish.query(page=3).split("&"))

    assert Wish.of({key: value.replace("+", " ").replace("%26", "&") for key, value in query.items()}) == Wish(
        "a & b", "late", "dh1", "sign-flipped", "score", True, 3
    )


def test_the_table_of_the_class_has_a_row_per_student_and_no_formula(rooms: Rooms) -> None:
    with rooms.session() as session:
        session.get_one(classroom.User, rooms.room.students[1]).name = "=HYPERLINK(1)"
        session.flush()
        view = seen(session, rooms)
        text = "".join(class_table(view, ["dh1_dwh"], People(session, rooms.course(session))))

    head, *rows = text.splitlines()
    assert head.startswith("\ufeffstudent,name,file,status,raw_score")
    assert len(rows) == 4
    assert "'=HYPERLINK(1)" in text
    assert ",wrong,tanh-derivative-on-pre-activation" in text


def test_the_table_of_the_course_has_a_column_per_assignment(rooms: Rooms) -> None:
    with rooms.session() as session:
        course = rooms.course(session)
        classroom.assignment(session, course, title="Second")
        text = "".join(course_table(session, course, People(session, course)))

    head, *rows = text.splitlines()
    assert head.endswith("(of 16),Second (of 16)")
    assert len(rows) == 4


def test_a_gradebook_is_recognised_and_filled(rooms: Rooms) -> None:
    with rooms.session() as session:
        people = People(session, rooms.course(session))
        name = people.name(rooms.room.students[1])
        book = f"Student,ID,SIS Login ID,Section,Tanh (77)\n    Points Possible,,,,32\n{name},9,x,A,\n".encode()
        assignment = session.get_one(Assignment, rooms.room.assignment)
        upload = Upload(book, "grades.csv")
        filled, content = filled_gradebook(seen(session, rooms), assignment, people, upload)

    assert filled.title == "Canvas gradebook export"
    assert f"{name},9,x,A,30" in content.decode()
