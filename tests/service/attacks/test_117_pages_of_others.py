"""117: a learner opens what is not theirs: every address with a course in it is tried by everybody it is not for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.routing import Route

from grader.service.lti.tool import tool
from grader.service.web import serve
from grader.service.web.app import application
from grader.service.web.local import new_link
from tests.service.web import site
from tests.service.web.class_of_two import ClassOfTwo, result

PARTS = serve.parts(tool(site.settings()), site.engine())
ROUTES = [
    (route.path, method)
    for part in PARTS
    for route in part
    if isinstance(route, Route) and "{course:int}" in route.path and not route.path.endswith("/sign-out")
    for method in sorted((route.methods or set()) & {"GET", "POST"})
]
OF_STUDENTS = re.compile(
    r"/courses/\{course:int\}(/assignments/\{assignment:int\}(/attempts.*|/starter.*)?|/teach/as-teacher)?"
)
"""Pages of students; and the way back for an instructor who looks at the course as a student."""


@pytest.fixture(scope="module")
def two() -> Iterator[ClassOfTwo]:
    made = ClassOfTwo()
    made.app = application(site.settings(), made.engine, serve.parts(tool(site.settings()), made.engine))
    made.hand_in(made.bob)
    made.grade(result(), who=made.bob)
    yield made
    made.engine.dispose()


def filled(path: str, two: ClassOfTwo) -> str:
    """The address with Bob's course, assignment and attempt in it."""
    ids = {"course": two.course.id, "assignment": two.assignment.id, "user": two.bob.id, "student": two.bob.id}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(ids.get(found[1], "py" if found[1] == "form" else 1)), path)


def status(client: site.Client, path: str, method: str) -> int:
    answer = client.get(path) if method == "GET" else client.send_form(path)
    return answer.status_code


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_who_is_not_signed_in_or_not_in_the_course_sees_nothing(path: str, method: str, two: ClassOfTwo) -> None:
    assert status(two.of(None), filled(path, two), method) == 401
    assert status(two.of(two.stranger), filled(path, two), method) == 404


@pytest.mark.parametrize(("path", "method"), [one for one in ROUTES if not OF_STUDENTS.fullmatch(one[0])])
def test_a_page_of_instructors_is_for_no_student(path: str, method: str, two: ClassOfTwo) -> None:
    assert status(two.of(two.ada), filled(path, two), method) == 403


@pytest.mark.parametrize(("path", "method"), [one for one in ROUTES if "{number:int}" in one[0]])
def test_numbers_of_attempts_are_the_students_own(path: str, method: str, two: ClassOfTwo) -> None:
    if OF_STUDENTS.fullmatch(path):
        assert status(two.of(two.ada), filled(path, two), method) == 404


def test_an_assignment_of_another_course_is_not_there_under_the_own_course(two: ClassOfTwo) -> None:
    address = f"/courses/{two.other_course.id}/assignments/{two.assignment.id}"
    stranger = two.of(two.stranger)

    assert stranger.get(address).status_code == 404
    assert stranger.send_form(f"{address}/attempts", {"code": "x = 1"}).status_code == 404


def test_a_link_lets_in_once_and_looking_at_it_uses_nothing_up(two: ClassOfTwo) -> None:
    with two.begin() as session:
        token = new_link(session, two.ada.id, site.now())
    browser = two.of(None)

    seen = [browser.get(f"/enter/{token}").status_code for _ in range(3)]
    first = browser.post(f"/enter/{token}")
    second = two.of(None).post(f"/enter/{token}")

    assert seen == [200, 200, 200]
    assert first.status_code == 303
    assert "HttpOnly" in first.headers["set-cookie"]
    assert second.status_code == 410
    assert two.of(None).get("/enter/guessed").status_code == 410


def test_an_old_link_lets_nobody_in(two: ClassOfTwo) -> None:
    with two.begin() as session:
        token = new_link(session, two.ada.id, site.now(), hours=-1)

    assert two.of(None).post(f"/enter/{token}").status_code == 410
