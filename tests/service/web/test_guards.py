"""What guards every request: who is signed in, and what the headers say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from grader.service.store.tables import WebSession
from grader.service.web import sessions
from tests.service.web import site
from tests.service.web.guarded_site import GuardedSite


@pytest.fixture(scope="module")
def here() -> Iterator[GuardedSite]:
    made = GuardedSite()
    yield made
    made.engine.dispose()


def test_nobody_is_told_to_open_the_assignment_again(here: GuardedSite) -> None:
    answer = here.of(None).get(f"/courses/{here.course.id}")

    assert answer.status_code == 401
    assert "Open the assignment again" in answer.text


@pytest.mark.parametrize(
    ("who", "course", "page", "status"),
    [
        ("student", "course", "", 200),
        ("student", "course", "/teach", 403),
        ("student", "other", "", 404),
        ("student", "other", "/teach", 404),
        ("teacher", "course", "/teach", 200),
        ("teacher", "other", "/teach", 404),
    ],
)
def test_a_page_is_for_those_in_its_course(here: GuardedSite, who: str, course: str, page: str, status: int) -> None:
    client = here.of(getattr(here, who))

    assert client.get(f"/courses/{getattr(here, course).id}{page}").status_code == status


def test_a_launch_into_one_course_lets_into_no_other(here: GuardedSite) -> None:
    with site.maker(here.engine).begin() as session:
        second = site.course(session)
        session.merge(here.student)
        both = site.user(session, second)
        session.flush()
    client = here.of(both, second.id)
    client.cookies.set(f"grader-{here.course.id}", client.token or "")

    assert client.get(f"/courses/{second.id}").status_code == 200
    assert client.get(f"/courses/{here.course.id}").status_code == 404


def test_a_session_ends(here: GuardedSite) -> None:
    client = here.of(here.student)
    with site.maker(here.engine).begin() as session:
        found = session.get(WebSession, sessions.digest_of(client.token or ""))
        assert found is not None
        found.expires_at -= timedelta(hours=sessions.HOURS + 1)

    assert client.get(f"/courses/{here.course.id}").status_code == 401


def test_a_fault_is_a_page_without_a_traceback(here: GuardedSite) -> None:
    answer = here.of(None).get("/broken")

    assert answer.status_code == 500
    assert "our fault" in answer.text
    assert "secret" not in answer.text
    assert "frame-ancestors" in answer.headers["content-security-policy"]


def test_text_is_escaped_and_no_script_of_a_page_itself_may_run(here: GuardedSite) -> None:
    answer = here.of(here.student).get(f"/courses/{here.course.id}/shown")

    assert "<script>alert" not in answer.text
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_files_of_ours_are_kept_by_browsers(here: GuardedSite) -> None:
    text = here.of(None).get("/nothing").text
    address = text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = here.of(None).get(address)

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert here.of(None).get("/static/x/..%2f..%2fapp.py").status_code == 404
