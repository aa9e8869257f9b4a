"""Launches in a frame of another site, in Chromium: 127.0.0.1 and localhost are two sites."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from grader.service.lti.registration import Details, stored
from grader.service.web import lti_routes
from tests.browser import Browser, browser
from tests.service.lti.served import Served, served
from tests.service.lti.windows import run, text, windows
from tests.service.making import NOON
from tests.service.platform_simulator.platform import Kind, Platform
from tests.service.platform_simulator.server import listening
from tests.service.platform_simulator.server import served as platform_served

pytestmark = pytest.mark.slow

TOOL = "http://localhost"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, "localhost") as made:
        yield made


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Browser]:
    with browser(tmp_path) as made:
        yield made


def opened(service: Served, chromium: Browser, kind: Kind) -> Iterator[None]:
    """A course page of the platform, whose frame has the launched link."""
    at = listening()
    url = f"http://127.0.0.1:{at.server_address[1]}"
    platform = Platform(url, service.url, lambda url: httpx.get(url).content, kind)
    platform.add_link("By hand")
    details = Details(platform.issuer, platform.client_id, f"{url}/auth", f"{url}/token", f"{url}/jwks", "x", kind)
    with service.sessions.begin() as session:
        stored(session, details, NOON)
    with platform_served(platform, at):
        chromium.send("Page.navigate", url=f"{url}/course/3/1")
        yield


def test_a_partitioned_cookie_lets_in(service: Served, chromium: Browser) -> None:
    for _ in opened(service, chromium, "moodle"):
        assert "By hand has no exercise yet" in text(chromium, "iframe", TOOL, "Not set up yet")


@pytest.mark.parametrize("kind", ["moodle", "canvas", "blackboard"])
def test_without_cookies_there_is_a_new_tab(
    service: Served, chromium: Browser, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where browsers know no `Partitioned`."""
    monkeypatch.setattr(lti_routes, "_cookie", _plain_cookie)
    asked: list[str] = []
    monkeypatch.setattr(lti_routes, "is_own_page", _noting(asked))
    for _ in opened(service, chromium, kind):
        text(chromium, "iframe", TOOL, "Open as Anna Bell")
        ends = time.monotonic() + 5
        while kind != "moodle" and not any(asked) and time.monotonic() < ends:
            time.sleep(0.1)
        # The platform's storage had what the browser was given at the login, and a form of our own brought it.
        assert any(asked) is (kind != "moodle")
        frame = text(chromium, "iframe", TOOL, "Open as Anna Bell")
        assert frame
        for window in windows(chromium, "iframe", TOOL):
            run(chromium, window, "document.querySelector('button.primary').click()")
        assert "By hand has no exercise yet" in text(chromium, "page", TOOL, "Not set up yet")


def _plain_cookie(url: str, name: str, value: str, seconds: int) -> list[str]:
    return [f"{name}={value}; Path=/; HttpOnly; Max-Age={seconds}; SameSite=Lax"]


def _noting(asked: list[str]) -> Any:
    original = lti_routes.is_own_page

    def noted(request: Any, url: str) -> bool:
        found = original(request, url)
        asked.append(lti_routes.form(request).get("browser") if found else "")
        return found

    return noted
