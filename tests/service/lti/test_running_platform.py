"""Any running platform, as a file describes it: `GRADER_PLATFORM=FILE pytest -m slow -k running tests/service`.

The tool has to be registered there by hand, at `tool_url` (see `grader docs platforms`); this test serves it. A person
signs in if a password is given, and opens `launch_url`. The file:

    {"issuer": "...", "client_id": "...", "deployment_id": "...", "product": "moodle",
     "auth_url": "...", "token_url": "...", "jwks_url": "...",
     "tool_url": "http://localhost:8000",
     "teacher": {"launch_url": "...", "login_url": "...", "username": "...", "password": "..."},
     "student": {"launch_url": "...", "login_url": "...", "username": "...", "password": "..."},
     "fields": {"username": "#username", "password": "#password", "button": "#loginbtn"}}

Where they are needed: `token_audience`, `origins` (a list of further hosts of its services), `algorithms` (of
`["ES256", "PS256"]`), and `port`, where a proxy with https at `tool_url` passes requests on to this machine.

`fields` are CSS selectors of the platform's sign-in page; these are Moodle's. The link is one without an exercise, or
for `tanh-chain`. The student's score is sent to the gradebook, and read back."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from grader.service.lti.registration import Details, stored
from grader.service.store.tables import Attempt, Push, User
from tests.browser import Browser, browser
from tests.service.lti.served import Served, served
from tests.service.lti.windows import SECONDS, run, text, windows
from tests.service.making import NOON
from tests.service.platform_simulator.platform import Platform
from tests.service.platform_simulator.server import listening
from tests.service.platform_simulator.server import served as platform_served

pytestmark = pytest.mark.slow

FILE = os.environ.get("GRADER_PLATFORM")
FIELDS = {"username": "#username", "password": "#password", "button": "#loginbtn"}


@pytest.mark.skipif(FILE is None, reason="GRADER_PLATFORM names no file that describes a running platform")
def test_a_score_arrives_in_the_gradebook_of_a_running_platform(tmp_path: Path) -> None:
    assert FILE is not None
    described = json.loads(Path(FILE).read_text("utf-8"))
    url = urlsplit(described["tool_url"])
    with served(
        tmp_path, url=described["tool_url"], port=described.get("port", url.port or 80), allow_private=True
    ) as service:
        walk(service, described, tmp_path)


def test_the_walk_works_on_the_simulated_platform(tmp_path: Path) -> None:
    at = listening()
    url = f"http://127.0.0.1:{at.server_address[1]}"
    with served(tmp_path, "localhost") as service:
        platform = Platform(url, service.url, lambda url: httpx.get(url).content)
        link = platform.add_link("By hand")
        described = {
            "issuer": url, "client_id": platform.client_id, "deployment_id": "1", "product": "moodle",
            "auth_url": f"{url}/auth", "token_url": f"{url}/token", "jwks_url": f"{url}/jwks", "tool_url": service.url,
            "teacher": {"launch_url": f"{url}/course/2/1"}, "student": {"launch_url": f"{url}/course/3/1"},
        }  # fmt: skip
        with platform_served(platform, at):
            walk(service, described, tmp_path)
        grade = platform.graded(link, "3")
    assert grade is not None
    assert grade.score == 75.0


def walk(service: Served, described: dict[str, Any], folder: Path) -> None:
    """The teacher chooses an exercise, the student opens it and hands in, and the score arrives."""
    details = Details(
        *(described[name] for name in ("issuer", "client_id", "auth_url", "token_url", "jwks_url")),
        name="running", product=described["product"], deployments=(described["deployment_id"],),
        token_audience=described.get("token_audience"), origins=tuple(described.get("origins", ())),
        algorithms=tuple(described.get("algorithms", ())),
    )  # fmt: skip
    with service.sessions.begin() as session:
        stored(session, details, NOON)
    with browser(folder / "teacher") as chromium:
        shown = launched(chromium, described, "teacher", "Choose an exercise", "Two tanh steps")
        if "Choose an exercise" in shown:
            choose = "document.querySelector('[value=\"exercise:tanh-chain\"]').click();"
            for kind in ("iframe", "page"):
                for window in windows(chromium, kind, described["tool_url"]):
                    run(chromium, window, f"{choose} document.querySelector('button.primary').click()")
            found(chromium, described, "Two tanh steps")
    with browser(folder / "student") as chromium:
        launched(chromium, described, "student", "Two tanh steps")
    with service.sessions() as session:
        people = session.scalars(select(User).order_by(User.id)).all()
        assert session.scalars(select(Attempt)).all() == []
    service.hand_in(people[-1].subject, 12.0)
    service.send_scores()
    with service.sessions() as session:
        (push,) = session.scalars(select(Push)).all()
    assert (push.state, push.answer) == ("sent", "The platform has the score.")


def launched(chromium: Browser, described: dict[str, Any], who: str, *parts: str) -> str:
    """Sign in, open the link, and wait for a page of ours."""
    person = described[who]
    if person.get("password"):
        fields = FIELDS | described.get("fields", {})
        go(chromium, person["login_url"])
        for name in ("username", "password"):
            chromium.run(f"document.querySelector({fields[name]!r}).value = {json.dumps(person[name])}")
        chromium.run(f"document.querySelector({fields['button']!r}).click()")
        time.sleep(3)
    go(chromium, person["launch_url"])
    return found(chromium, described, *parts)


def go(chromium: Browser, url: str) -> None:
    chromium.send("Page.navigate", url=url)
    ends = time.monotonic() + SECONDS
    while chromium.run("document.readyState") != "complete" and time.monotonic() < ends:
        time.sleep(0.1)


def found(chromium: Browser, described: dict[str, Any], *parts: str) -> str:
    """The text of our page, in a frame or a tab."""
    kind = "iframe" if windows(chromium, "iframe", described["tool_url"]) else "page"
    ends = time.monotonic() + SECONDS
    while not windows(chromium, kind, described["tool_url"]) and time.monotonic() < ends:
        time.sleep(0.2)
        kind = "iframe" if windows(chromium, "iframe", described["tool_url"]) else "page"
    return text(chromium, kind, described["tool_url"], *parts)
