"""Students with the same wrong line, on the page of a class."""

from __future__ import annotations

import json

import pytest

from grader.batch.jobs import Record
from grader.service.store.tables import Outcome, User
from grader.service.work.task import outcome_of
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms, attempt_of

LINE = "dh1_dwh = (1 - h1_raw**2) * dh1raw_dwh  # Ana Abel <script>"


def with_lines(rooms: Rooms, *lines: str) -> None:
    """Students 1 and 3, and so on, are wrong at the same step, each by a line."""
    with rooms.session() as session:
        for place, line in zip((1, 3), lines, strict=True):
            steps = classroom.steps({"dh1_dwh": classroom.CODES[0]})
            next(one for one in steps if one[1] == "dh1_dwh").append(line)
            attempt = attempt_of(session, rooms.room.students[place])
            session.query(Outcome).filter_by(attempt_id=attempt.id).one().steps = json.dumps(steps)


def page(rooms: Rooms) -> str:
    return str(rooms.of(rooms.teacher).get(rooms.assignment).text)


def test_lines_that_differ_in_blanks_alone_are_one_group_with_its_students(rooms: Rooms) -> None:
    with_lines(rooms, "dh1_dwh = 1 - h1_raw**2", "dh1_dwh=1-h1_raw**2")
    shown = page(rooms).partition('id="same"')[2].partition("</section>")[0]

    assert "<b>2 students</b> at <code>dh1_dwh</code>" in shown
    for place in (1, 3):
        assert f"/students/{rooms.room.students[place]}" in shown


def test_other_lines_are_no_group(rooms: Rooms) -> None:
    with_lines(rooms, "dh1_dwh = 1 - h1_raw**2", "dh1_dwh = 1 - h1_raw**3")

    assert 'id="same"' not in page(rooms)


def test_the_line_is_text_and_under_anonymous_marking_names_nobody(rooms: Rooms) -> None:
    with_lines(rooms, LINE, LINE)
    with rooms.session() as session:
        session.get_one(User, rooms.room.students[3]).name = "Ana Abel"
        rooms.course(session).anonymous = True
    shown = page(rooms)

    assert 'id="same"' in shown
    assert "Ana" not in shown
    assert "<script>" not in shown.partition('id="same"')[2].partition("</section>")[0]


@pytest.mark.parametrize(("outcome", "kept"), [("wrong", ["dh1 = 1"]), ("compensated", ["dh1 = 1"]), ("correct", [])])
def test_the_line_of_a_wrong_step_is_kept_beside_it(outcome: str, kept: list[str]) -> None:
    step = ("w", 0, "step", "dh1", outcome, "value", 0.0, 1.0, None, None, None, 3, "dh1 = 1")
    found = outcome_of(Record("w", ("graded", 0.0, 1.0, False, "dh1", None, 0.1, "process"), None, (step,)))

    assert json.loads(found.steps) == [["step", "dh1", outcome, 0.0, 1.0, None, *kept]]
