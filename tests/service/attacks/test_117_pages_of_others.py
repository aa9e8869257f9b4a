"""117: a learner opens what is not theirs, by another course's number or by somebody else's link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.service.lti.tool import tool
from grader.service.web import serve
from grader.service.web.account_routes import new_link
from grader.service.web.serve import application
from tests.service.web import site
from tests.service.web.class_of_two import ClassOfTwo


@pytest.fixture(scope="module")
def two() -> Iterator[ClassOfTwo]:
    made = ClassOfTwo()
    made.app = application(site.settings(), made.engine, serve.parts(tool(site.settings()), made.engine))
    yield made
    made.engine.dispose()


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
