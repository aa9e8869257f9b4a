"""Anonymous marking: no page and no export of instructors names a student."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from grader.service.store.tables import Attempt, Push, Regrade, User
from grader.service.teaching.people import People
from grader.service.web.serve import instructor_routes
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms, points, previewed, with_result

pytestmark = pytest.mark.slow

NAME, EMAIL = "Wilhelmina Quistgaard", "w.quistgaard@example.org"
NAMED = re.compile(r"quistgaard|wilhelmina|w\.quist", re.I)
SOURCE = f"dh1_dwh = 0  # by {NAME}, {EMAIL}\nx = 1\n"


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    made = Rooms()
    with made.session() as session:
        student = session.get_one(User, made.room.students[1])
        student.name, student.email, student.login = NAME, EMAIL, "w.quistgaard"
        attempt = with_result(session, student.id, SOURCE)
        attempt.file = "wilhelmina_quistgaard.py"
        points(session, made.room, student.id, "dh1_dwh", "1")
        classroom.push(session, made.room, student.id, "failed", f"The platform does not know {NAME}.")
        previewed(session, made.room, student.id)
        made.course(session).anonymous = True
    yield made
    made.close()


def ids(rooms: Rooms) -> dict[str, int]:
    with rooms.session() as session:
        push = session.query(Push).one()
        attempt = session.query(Attempt).filter_by(user_id=rooms.room.students[1]).one()
        regrade = session.query(Regrade).one()
        return {"course": rooms.room.course, "assignment": rooms.room.assignment, "user": rooms.room.students[1],
                "push": push.id, "attempt": attempt.id, "regrade": regrade.id}  # fmt: skip


def shown(rooms: Rooms) -> list[tuple[str, int, str]]:
    """What every page, and every download, holds: address, status, text with its headers."""
    client, known, found = rooms.of(rooms.teacher), ids(rooms), []
    for route in instructor_routes():
        path = re.sub(r"\{(\w+):int\}", lambda one: str(known[one[1]]), route.path)
        if "GET" in (route.methods or ()):
            answer = client.get(path)
        elif path.endswith(("export.csv", "/export", "/gradebook")):
            answer = client.send_form(path)
        else:
            continue
        found.append((path, answer.status_code, answer.text + repr(answer.headers)))
    return found


def test_no_page_and_no_export_has_a_name_or_an_address(rooms: Rooms) -> None:
    found = shown(rooms)

    assert len(found) > 18
    assert {status for _, status, _ in found} <= {200, 422}
    assert [path for path, _, text in found if NAMED.search(text)] == []


def test_with_names_the_same_pages_have_them(rooms: Rooms) -> None:
    with rooms.session() as session:
        rooms.course(session).anonymous = False
    naming = [path for path, _, text in shown(rooms) if NAMED.search(text)]
    with rooms.session() as session:
        rooms.course(session).anonymous = True

    assert len(naming) > 8


def test_a_pseudonym_stands_for_the_name(rooms: Rooms) -> None:
    pseudonym = f"student-{rooms.room.students[1]:06x}"

    assert pseudonym in rooms.of(rooms.teacher).get(rooms.assignment).text


def test_columns_of_a_report_stay_where_they_are(rooms: Rooms) -> None:
    with rooms.session() as session:
        people = People(session, rooms.course(session))
        covered = people.source(rooms.room.students[1], SOURCE.encode()).decode()

    assert len(covered) == len(SOURCE)
    assert covered.startswith("dh1_dwh = 0  # by ***")


def test_a_search_finds_nobody_by_name(rooms: Rooms) -> None:
    assert "Nobody is like this" in rooms.of(rooms.teacher).get(f"{rooms.assignment}?q=quist").text.replace(
        'value="quist"', ""
    )


def test_a_gradebook_is_not_filled(rooms: Rooms) -> None:
    client = rooms.of(rooms.teacher)
    files = {"gradebook": ("g.csv", b"name,score\nX,\n")}

    answer = client.send_form(f"{rooms.assignment}/gradebook", {}, files=files)

    assert answer.status_code == 422
    assert "once anonymous marking is off" in answer.text


def test_the_roster_is_in_the_order_of_pseudonyms(rooms: Rooms) -> None:
    with rooms.session() as session:
        names = [one.name for one in People(session, rooms.course(session)).students()]

    assert names == sorted(names)
