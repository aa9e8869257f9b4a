"""Attack 117: a learner, or an instructor of another course, asks for what an instructor sees and does.

Every route of instructors is walked, as it is registered: a new one is covered without being named here."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.routing import Route

from grader.service.store.tables import Attempt, AuditEntry, Override, Push, Regrade, User
from grader.service.web.serve import instructor_routes
from tests.service.instructor import classroom
from tests.service.instructor.rooms import Rooms, attempt_of, previewed
from tests.service.web import site

ROUTES = [(route.path, method) for route in instructor_routes() for method in sorted(route.methods or ())
          if method != "HEAD" and not route.path.endswith("/as-teacher")]  # fmt: skip
"""All but the way back from the student's view, which the test student takes."""


@pytest.fixture(scope="module")
def rooms() -> Iterator[Rooms]:
    made = Rooms()
    yield made
    made.close()


@pytest.fixture(scope="module")
def ids(rooms: Rooms) -> dict[str, int]:
    """An id of each kind, all of the first course."""
    with rooms.session() as session:
        student = rooms.room.students[1]
        return {
            "assignment": rooms.room.assignment,
            "user": student,
            "attempt": attempt_of(session, student).id,
            "regrade": previewed(session, rooms.room, student).id,
            "push": classroom.push(session, rooms.room, student, "failed").id,
        }


def address(path: str, course: int, ids: dict[str, int]) -> str:
    return re.sub(r"\{(\w+):int\}", lambda found: str(course if found[1] == "course" else ids[found[1]]), path)


def sent(client: site.Client, method: str, path: str) -> int:
    return (client.get(path) if method == "GET" else client.send_form(path)).status_code


def state(rooms: Rooms) -> tuple[int, ...]:
    with rooms.session() as session:
        return tuple(session.query(kind).count() for kind in (AuditEntry, Override, Push, Regrade, Attempt, User))


def test_every_route_is_of_a_course() -> None:
    assert len(ROUTES) > 30
    assert all(isinstance(route, Route) for route in instructor_routes())
    assert all(path.startswith("/courses/{course:int}/teach") for path, _ in ROUTES)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_a_learner_is_refused(path: str, method: str, rooms: Rooms, ids: dict[str, int]) -> None:
    before = state(rooms)

    assert sent(rooms.of(rooms.student), method, address(path, rooms.room.course, ids)) == 403
    assert state(rooms) == before


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_an_instructor_of_another_course_finds_nothing(
    path: str, method: str, rooms: Rooms, ids: dict[str, int]
) -> None:
    before = state(rooms)

    assert sent(rooms.of(rooms.stranger), method, address(path, rooms.room.course, ids)) == 404
    assert state(rooms) == before


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), [one for one in ROUTES if len(re.findall(r"\{", one[0])) > 1])
def test_what_is_of_another_course_is_not_in_ones_own(
    path: str, method: str, rooms: Rooms, ids: dict[str, int]
) -> None:
    before = state(rooms)

    assert sent(rooms.of(rooms.stranger), method, address(path, rooms.other.course, ids)) == 404
    assert state(rooms) == before


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), [one for one in ROUTES if one[1] == "POST"])
def test_a_form_of_another_site_is_refused(path: str, method: str, rooms: Rooms, ids: dict[str, int]) -> None:
    before = state(rooms)
    client = rooms.of(rooms.teacher)

    assert client.post(address(path, rooms.room.course, ids), data={"csrf": "0" * 64}).status_code == 403
    assert state(rooms) == before


@pytest.mark.parametrize("user", ["instructor", "assistant"])
def test_a_student_page_of_somebody_who_is_no_student_is_not_there(user: str, rooms: Rooms) -> None:
    path = f"{rooms.assignment}/students/{getattr(rooms.room, user)}"

    assert rooms.of(rooms.teacher).get(path).status_code == 404


def test_a_number_that_is_too_large_belongs_to_nothing(rooms: Rooms) -> None:
    assert rooms.of(rooms.teacher).get(f"{rooms.base}/assignments/{10**30}").status_code == 404


@pytest.mark.parametrize("path", ["/settings", "/people/{user}/export", "/people/{user}/erase"])
def test_an_assistant_does_not_change_the_course_as_a_whole(path: str, rooms: Rooms, ids: dict[str, int]) -> None:
    before = state(rooms)

    answer = rooms.of(rooms.helper).send_form(rooms.base + path.format(**ids), {"sure": "yes", "anonymous": "yes"})

    assert answer.status_code == 403
    assert state(rooms) == before
