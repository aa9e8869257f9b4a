"""What guards every request: who is signed in, forms of other sites, sizes, headers."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from grader.service.store.tables import Course, Platform, User, WebSession
from grader.service.web import sessions
from grader.service.web.app import application
from grader.service.web.forms import FormGuard, form
from grader.service.web.pages import page
from tests.service.web import site


def learner(request: Request) -> Response:
    return PlainTextResponse(sessions.signed_in(request).role)


def teacher(request: Request) -> Response:
    return PlainTextResponse(sessions.instructor(request).role)


def sent(request: Request) -> Response:
    found = form(request)
    return PlainTextResponse(f"{found.get('word')} {[(one.name, len(one.content)) for one in found.files.values()]}")


def broken(request: Request) -> Response:
    raise RuntimeError("a secret")


def shown(request: Request) -> Response:
    sessions.signed_in(request)
    return page(request, "error.html", title="<b>", why="<script>alert(1)</script>")


ROUTES = [
    Route("/courses/{course:int}", learner),
    Route("/courses/{course:int}/teach", teacher),
    Route("/courses/{course:int}/shown", shown),
    Route("/courses/{course:int}/send", sent, methods=["POST"]),
    Route("/send", sent, methods=["POST"]),
    Route("/lti/send", sent, methods=["POST"]),
    Route("/broken", broken),
]


class Site:
    """Two courses, with a student in the first."""

    def __init__(self) -> None:
        self.engine = site.engine()
        self.app = application(site.settings(upload_limit=2000), self.engine, [ROUTES])
        with site.maker(self.engine).begin() as session:
            self.course: Course = site.course(session)
            self.other: Course = site.course(session)
            self.student: User = site.user(session, self.course)
            self.teacher: User = site.user(session, self.course, "instructor")

    def of(self, who: User | None, course: int | None = None) -> site.Client:
        return site.client(self.app, self.engine, who, course)


@pytest.fixture(scope="module")
def here() -> Iterator[Site]:
    made = Site()
    yield made
    made.engine.dispose()


def test_nobody_is_told_to_open_the_assignment_again(here: Site) -> None:
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
def test_a_page_is_for_those_in_its_course(here: Site, who: str, course: str, page: str, status: int) -> None:
    client = here.of(getattr(here, who))

    assert client.get(f"/courses/{getattr(here, course).id}{page}").status_code == status


def test_a_launch_into_one_course_lets_into_no_other(here: Site) -> None:
    with site.maker(here.engine).begin() as session:
        second = site.course(session)
        session.merge(here.student)
        both = site.user(session, second)
        session.flush()
    client = here.of(both, second.id)
    client.cookies.set(f"grader-{here.course.id}", client.token or "")

    assert client.get(f"/courses/{second.id}").status_code == 200
    assert client.get(f"/courses/{here.course.id}").status_code == 404


def test_a_session_ends(here: Site) -> None:
    client = here.of(here.student)
    with site.maker(here.engine).begin() as session:
        found = session.get(WebSession, sessions.digest_of(client.token or ""))
        assert found is not None
        found.expires_at -= timedelta(hours=sessions.HOURS + 1)

    assert client.get(f"/courses/{here.course.id}").status_code == 401


def test_a_form_of_ours_is_taken(here: Site) -> None:
    answer = here.of(here.student).send_form(f"/courses/{here.course.id}/send", {"word": "yes"})

    assert answer.text == "yes []"


def test_a_form_without_the_token_of_the_session_is_refused(here: Site) -> None:
    client = here.of(here.student)

    assert client.post("/send", data={"word": "no"}).status_code == 403
    assert client.post("/send", data={"word": "no", "csrf": here.of(here.student).token or ""}).status_code == 403
    assert client.post("/send").status_code == 403


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"origin": "null"},
                                     {"sec-fetch-site": "cross-site"}])  # fmt: skip
def test_a_form_that_another_site_sends_is_refused_even_without_a_session(here: Site, headers: dict[str, str]) -> None:
    assert here.of(None).post("/send", data={"word": "no"}, headers=headers).status_code == 403


def test_a_platform_may_send_to_its_own_addresses(here: Site) -> None:
    answer = here.of(None).post("/lti/send", data={"word": "launch"}, headers={"origin": "https://moodle.example"})

    assert answer.text == "launch []"


def test_a_file_arrives_with_its_name(here: Site) -> None:
    answer = here.of(here.student).send_form("/send", files={"file": ("mine.py", b"x = 1")})

    assert answer.text == " [('mine.py', 5)]"


def test_what_is_too_large_is_refused_before_it_is_read(here: Site) -> None:
    client = here.of(here.student)

    assert client.send_form("/send", files={"file": ("a.py", b"x" * 2001)}).status_code == 413
    assert client.send_form("/send", files={"file": ("a.py", b"x" * 200_000)}).status_code == 413
    assert client.post("/send", content=iter([b"x" * 70_000] * 40)).status_code == 413  # says no length


def test_compressed_bodies_and_forms_of_very_many_parts_are_refused(here: Site) -> None:
    client = here.of(here.student)
    bomb = gzip.compress(b"0" * 1_000_000)
    many = "&".join(f"a{n}=1" for n in range(5000))
    kind = {"content-type": "application/x-www-form-urlencoded"}

    assert client.post("/send", content=bomb, headers={"content-encoding": "gzip"}).status_code == 415
    assert client.post("/send", content=many, headers=kind).status_code == 400
    assert client.send_form("/send", files=[("f", (f"{n}.py", b"")) for n in range(50)]).status_code == 400


def test_an_upload_that_never_ends_is_cut_off(here: Site) -> None:
    sent: list[dict[str, object]] = []

    async def slowly() -> dict[str, object]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def keep(message: dict[str, object]) -> None:
        sent.append(message)

    guard = FormGuard(here.app, site.settings(), seconds=0.1)
    scope = {"type": "http", "method": "POST", "path": "/send", "headers": [(b"host", b"testserver")], "app": here.app,
             "query_string": b"", "server": ("testserver", 80), "scheme": "http"}  # fmt: skip
    asyncio.run(guard(scope, slowly, keep))  # type: ignore[arg-type]

    assert sent[0]["status"] == 408


def test_a_fault_is_a_page_without_a_traceback(here: Site) -> None:
    answer = here.of(None).get("/broken")

    assert answer.status_code == 500
    assert "our fault" in answer.text
    assert "secret" not in answer.text
    assert "frame-ancestors" in answer.headers["content-security-policy"]


def test_text_is_escaped_and_no_script_of_a_page_itself_may_run(here: Site) -> None:
    answer = here.of(here.student).get(f"/courses/{here.course.id}/shown")

    assert "<script>alert" not in answer.text
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_only_the_platform_of_the_launch_may_frame_a_page(here: Site) -> None:
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


def test_files_of_ours_are_kept_by_browsers(here: Site) -> None:
    text = here.of(None).get("/nothing").text
    address = text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = here.of(None).get(address)

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert here.of(None).get("/static/x/..%2f..%2fapp.py").status_code == 404
