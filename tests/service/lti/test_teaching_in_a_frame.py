"""An instructor in a frame of another site, in a Chromium that blocks cookies of third parties."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from grader.service.lti.registration import Details, stored
from grader.service.store.tables import Assignment
from tests.browser import Browser, browser
from tests.service.lti.served import Served, served
from tests.service.lti.windows import run, text, windows
from tests.service.making import NOON
from tests.service.platform_simulator.platform import Platform
from tests.service.platform_simulator.server import listening
from tests.service.platform_simulator.server import served as platform_served

pytestmark = pytest.mark.slow

TOOL = "http://localhost"
BLOCKED = "--test-third-party-cookie-phaseout"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, "localhost") as made:
        yield made


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Browser]:
    with browser(tmp_path, BLOCKED) as made:
        yield made


def does(chromium: Browser, script: str) -> None:
    """Run a script in the tool's frame."""
    (window,) = windows(chromium, "iframe", TOOL)
    run(chromium, window, script)


def test_an_instructor_chooses_an_exercise_and_gives_it_rules_without_leaving_the_frame(
    service: Served, chromium: Browser
) -> None:
    at = listening()
    url = f"http://127.0.0.1:{at.server_address[1]}"
    platform = Platform(url, service.url, lambda url: httpx.get(url).content, "moodle")
    link = platform.add_link("By hand")
    details = Details(platform.issuer, platform.client_id, f"{url}/auth", f"{url}/token", f"{url}/jwks", "x", "moodle")
    with service.sessions.begin() as session:
        stored(session, details, NOON)
    with platform_served(platform, at):
        chromium.send("Page.navigate", url=f"{url}/course/2/{link.id}")
        text(chromium, "iframe", TOOL, "Choose an exercise")
        does(chromium, "document.querySelector('[value=\"exercise:tanh-chain\"]').click();"
                       "document.querySelector('form.choices button.primary').click()")  # fmt: skip
        text(chromium, "iframe", TOOL, "There are no students yet")
        does(chromium, "document.querySelector('.tabs a[href$=\"/settings\"]').click()")
        text(chromium, "iframe", TOOL, "What reports show to students")
        does(chromium, "document.getElementById('attempts').value = 'many';"
                       "document.querySelector('main form button.primary').click()")  # fmt: skip
        assert "nothing was stored" in text(chromium, "iframe", TOOL, "Some fields make no sense yet")
        ends = time.monotonic() + 10
        while time.monotonic() < ends and not _focused(chromium):
            time.sleep(0.1)
        assert _focused(chromium)  # whoever reads with a screen reader is told first
        does(chromium, "document.getElementById('attempts').value = '3';"
                       "document.querySelector('main form button.primary').click()")  # fmt: skip
        text(chromium, "iframe", TOOL, "The settings are stored")
        does(chromium, "document.querySelector('.tabs a[href$=\"/regrades\"]').click()")
        text(chromium, "iframe", TOOL, "Regrades")
        assert windows(chromium, "page", TOOL) == []

    with service.sessions() as session:
        assert session.get_one(Assignment, 1).attempts == 3


def _focused(chromium: Browser) -> bool:
    (window,) = windows(chromium, "iframe", TOOL)
    return run(chromium, window, "document.activeElement.id") == "problem"
