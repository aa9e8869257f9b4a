"""119: another site sends our forms (CSRF), or puts our pages into its own (clickjacking)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.responses import Response

from grader.service.store.tables import Platform
from grader.service.web import sessions
from tests.service.web import site
from tests.service.web.guarded_site import GuardedSite


@pytest.fixture(scope="module")
def here() -> Iterator[GuardedSite]:
    made = GuardedSite()
    yield made
    made.engine.dispose()


def test_a_form_of_ours_is_taken(here: GuardedSite) -> None:
    answer = here.of(here.student).send_form(f"/courses/{here.course.id}/send", {"word": "yes"})

    assert answer.text == "yes []"


def test_a_form_without_the_token_of_the_session_is_refused(here: GuardedSite) -> None:
    client = here.of(here.student)

    assert client.post("/send", data={"word": "no"}).status_code == 403
    assert client.post("/send", data={"word": "no", "csrf": here.of(here.student).token or ""}).status_code == 403
    assert client.post("/send").status_code == 403


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"origin": "null"},
                                     {"sec-fetch-site": "cross-site"}])  # fmt: skip
def test_a_form_of_another_site_is_refused_even_without_a_session(here: GuardedSite, headers: dict[str, str]) -> None:
    assert here.of(None).post("/send", data={"word": "no"}, headers=headers).status_code == 403


def test_a_platform_may_send_to_its_own_addresses(here: GuardedSite) -> None:
    answer = here.of(None).post("/lti/send", data={"word": "launch"}, headers={"origin": "https://moodle.example"})

    assert answer.text == "launch []"


def test_only_the_platform_of_the_launch_may_frame_a_page(here: GuardedSite) -> None:
    with site.maker(here.engine).begin() as session:
        platform = Platform(
            issuer="https://lms.example", client_id="1", name="LMS", auth_url="https://sso.example:8443/auth",
            token_url="https://lms.example/token", jwks_url="https://lms.example/keys", created_at=site.NOW,
        )  # fmt: skip
        session.add(platform)
        session.flush()
        token = sessions.begin_session(
            session, here.student.id, here.course.id, platform.id, site.datetime.now(site.UTC)
        )
    client = here.of(None)
    client.cookies.set(f"grader-{here.course.id}", token)

    framed = client.get(f"/courses/{here.course.id}").headers["content-security-policy"]
    other = here.of(here.student).get(f"/courses/{here.course.id}").headers["content-security-policy"]

    assert framed.endswith("frame-ancestors 'self' https://lms.example https://sso.example:8443")
    assert other.endswith("frame-ancestors 'self'")


@pytest.mark.parametrize(
    ("url", "course", "expected"),
    [
        ("http://localhost", None, "grader=T; Max-Age=43200; Path=/; HttpOnly; SameSite=Lax"),
        ("https://g.example", None, "__Host-grader=T; Max-Age=43200; Path=/; HttpOnly; Secure; SameSite=Lax"),
        ("https://g.example", 7,
         "__Host-grader-7=T; Max-Age=43200; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"),
    ],
)  # fmt: skip
def test_cookies_of_launches_work_in_frames(url: str, course: int | None, expected: str) -> None:
    response = Response()

    sessions.set_session_cookie(response, site.settings(url=url), "T", course)

    assert response.headers["set-cookie"] == expected


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://lms.example/mod/lti", "https://lms.example"),
        ("https://lms.example:8443", "https://lms.example:8443"),
        ("https://lms.example; script-src *", ""),
        ("urn:something", ""),
        ("https://[::1]:8080/x", "https://[::1]:8080"),
    ],
)
def test_an_address_gives_an_origin_or_nothing(url: str, origin: str) -> None:
    assert sessions.origin_of(url) == origin
