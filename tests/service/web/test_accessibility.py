"""Every page in Chromium, on a desktop and on a phone: axe-core finds nothing, and nothing is wider than the screen.

The pages are those that a server on loopback answers with, to people of a course and to launches of a platform."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from sqlalchemy.orm import Session

from grader.service.lti.registration import Details, stored
from grader.service.store.tables import Attempt, Course, Outcome, User
from grader.service.web import pages
from grader.service.web.account_routes import new_link
from grader.service.web.sessions import begin_session
from tests.browser import browser
from tests.service.instructor import classroom
from tests.service.instructor.rooms import attempt_of, points, previewed, with_result
from tests.service.lti.served import Served, served
from tests.service.making import NOON
from tests.service.platform_simulator.platform import Kind, Platform
from tests.service.platform_simulator.server import listening
from tests.service.platform_simulator.server import served as platform_served
from tests.service.platform_simulator.visitor import Visitor, forms
from tests.service.web.page_table import ALSO, SHOWN
from tests.service.web.test_in_browser import VIOLATIONS, WIDER, axe

pytestmark = pytest.mark.slow

__all__ = ["axe"]

ARABIC = "مريم عبد الرحمن بن عبد العزيز"
LONG = "Featherstonehaugh" * 8
FILE = "a" * 196 + ".py"
SOURCE = "dh1_dwh = (1 - h1_raw**2) * dh1raw_dwh\n"

WIDEST = """[...document.querySelectorAll("main *")].filter(one => one.getBoundingClientRect().right >
    document.documentElement.clientWidth + 1).slice(0, 4).map(one => one.outerHTML.slice(0, 90)).join(" | ")"""

STYLED = "[...document.querySelectorAll('link[rel=stylesheet]')].every(one => one.sheet)"

Seen = dict[tuple[str, str], str]
"""By template and what it says first: the page."""


@pytest.fixture(scope="module")
def seen() -> Iterator[tuple[Served, Seen]]:
    """All pages, each as it was answered."""
    found: Seen = {}
    answered = pages.rendered

    def noted(request: Any, name: str, **values: object) -> str:
        text = answered(request, name, **values)
        title = re.search(r"<h1.*?</h1>", text, re.DOTALL)
        refused = 'role="alert"' in text
        found[name, (title[0] if title else "") + ("refused" if refused else "")] = text
        return text

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(pages, "rendered", noted)
        with served(Path(folder), registration="let-me-in") as service:
            _people_of_a_course(service)
            for kind in ("canvas", "moodle"):
                _launches(service, kind)
            yield service, found


def _people_of_a_course(service: Served) -> None:
    with service.sessions.begin() as session:
        room = classroom.room(session, 14, 2)
        student = room.students[1]
        for place, name in ((1, ARABIC), (3, LONG)):
            session.get_one(User, room.students[place]).name = name
        shown = with_result(session, student, SOURCE)
        shown.file = FILE
        failed = attempt_of(session, room.students[4])
        outcome = session.query(Outcome).filter_by(attempt_id=failed.id, current=True).one()
        outcome.status, outcome.score, outcome.steps, outcome.message = (
            "ungradable",
            None,
            "[]",
            "Line 3 cannot be read.",
        )
        points(session, room, student, "dh1_dwh", "1")
        for place, state in ((1, "sent"), (3, "failed"), (5, "overridden")):
            classroom.push(session, room, room.students[place], state, "The platform said something.")
        regrade = previewed(session, room, student)
        waits = Attempt(assignment_id=room.assignment, user_id=student, number=3, file=FILE, content=b"",
                        submitted_at=classroom.NOW)  # fmt: skip
        session.add(waits)
        course = session.get_one(Course, room.course)
        further = Course(context_id="further", title=LONG, created_at=classroom.NOW)
        session.add(further)
        session.flush()
        classroom.enrol(session, further, session.get_one(User, student))
        exercise = classroom.assignment(session, course, title=LONG, due_at=None)
        link = new_link(session, student, datetime.now(UTC))
        numbers = shown.number, failed.id, failed.number, regrade.id, exercise.id
        people = {who: _signed_in(service, session, user) for who, user in
                  (("teacher", room.instructor), ("student", student), ("other", room.students[4]))}  # fmt: skip
    number, failed_id, failed_number, regrade_id, other_id = numbers
    teach = f"/courses/{room.course}/teach"
    taught, own = f"{teach}/assignments/{room.assignment}", f"/courses/{room.course}/assignments/{room.assignment}"
    mistake = "step=dh1_dwh&mistake=tanh-derivative-on-pre-activation"
    people["teacher"](
        teach, f"{teach}/people", f"{teach}/people/{student}", f"{teach}/settings", f"{teach}/audit",
        f"{teach}/add?from=sigmoid", taught, f"{taught}?q=nobody-is-called-so", f"{taught}?{mistake}",
        f"{taught}/settings", f"{taught}/exercise", f"{taught}/students/{student}", f"{taught}/regrades",
        f"{teach}/regrades/{regrade_id}", f"{taught}/scores", f"{taught}/export", f"{teach}/attempts/{shown.id}",
        f"{teach}/attempts/{failed_id}", f"{teach}/assignments/{other_id}", f"{teach}/assignments/{other_id}/scores",
    )  # fmt: skip
    people["teacher"](f"{taught}/settings", title="", due_at="soon", zone="Nowhere/At all")
    people["teacher"](f"{taught}/students/{student}/points", points="many", reason="")
    people["teacher"](f"{teach}/settings", retention_days="many")
    people["student"]("/", "/account", f"/courses/{room.course}", own, f"{own}/attempts/{number}",
                      f"{own}/attempts/3", "/nothing")  # fmt: skip
    people["other"](f"{own}/attempts/{failed_number}")
    for path in ("/sign-in", f"/enter/{link}", "/enter/used", "/privacy", "/lti"):
        httpx.get(service.url + path)


def _signed_in(service: Served, session: Session, user: int) -> Callable[..., None]:
    """Opens addresses, or sends a form to one, as somebody."""
    token = begin_session(session, user, None, None, datetime.now(UTC))
    client = httpx.Client(base_url=service.url, cookies={"grader": token}, timeout=60, follow_redirects=True)

    def opens(*paths: str, **form: str) -> None:
        for path in paths:
            page = client.get(path)
            if form:
                csrf = dict(forms(page.text)[0].fields)["csrf"] if page.status_code == 200 else ""
                csrf = csrf or dict(forms(client.get("/").text)[0].fields)["csrf"]
                page = client.post(path, data={"csrf": csrf, **form}, headers={"origin": service.url})
                assert page.status_code == 422, page.text

    return opens


def _launches(service: Served, kind: Kind) -> None:
    at = listening()
    url = f"http://127.0.0.1:{at.server_address[1]}"
    platform = Platform(url, service.url, lambda url: httpx.get(url).content, kind)
    platform.registration_tokens.add("once")
    with platform_served(platform, at):
        if kind == "moodle":
            asked = {"openid_configuration": f"{url}/openid-configuration", "registration_token": "once"}
            assert httpx.get(f"{service.url}/lti/register/let-me-in", params=asked, timeout=60).status_code == 200
            teacher = Visitor(httpx.Client(timeout=60))
            choice = teacher.open(f"{url}/open/2/")
            form = next(one for one in forms(choice.text) if one.action.endswith("/choose"))
            teacher.send(choice, form.with_field("chosen", "exercise:tanh-chain"))
            link = platform.add_link("By hand")
            Visitor(httpx.Client(timeout=60)).open(f"{url}/open/3/{link.id}")
            return
        details = Details(platform.issuer, platform.client_id, f"{url}/auth", f"{url}/token", f"{url}/jwks", "x", kind)
        with service.sessions.begin() as session:
            stored(session, details, NOON)
        link = platform.add_link("By hand")
        login = Visitor(httpx.Client(timeout=60)).open(f"{url}/open/3/{link.id}")
        to = re.search(r'data-to="([^"]*)"', login.text)
        assert to is not None
        without_cookies = httpx.Client(timeout=60, cookies={"session": "3"})
        Visitor(without_cookies).open(urljoin(str(login.url), to[1].replace("&amp;", "&")))


def test_all_pages_of_the_table_are_looked_at(seen: tuple[Served, Seen]) -> None:
    assert {name for name, _ in seen[1]} >= {*SHOWN.values(), *ALSO}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    width: int, scheme: str, seen: tuple[Served, Seen], axe: str, tmp_path: Path
) -> None:
    service, found = seen
    wrong: list[tuple[str, str, object]] = []
    with browser(tmp_path) as shown:
        shown.open(f"{service.url}/privacy", width, scheme)
        frame = shown.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        for (name, title), text in found.items():
            if "<html" not in text:
                continue
            still = re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL)
            shown.send("Page.setDocumentContent", frameId=frame, html=still)
            shown.until(STYLED)
            if shown.run(WIDER) > 0:
                wrong.append((name, title, f"{shown.run(WIDER)} pixels too wide: {shown.run(WIDEST)}"))
            shown.run(f"document.querySelectorAll('details').forEach(one => one.open = true);{axe};0")
            wrong.extend((name, title, one) for one in shown.run(VIOLATIONS))
    assert not wrong, "\n".join(map(str, wrong))
