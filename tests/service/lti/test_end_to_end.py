"""The service and a platform behind real servers on loopback: from registering to a grade in the gradebook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.service.lti.served import Served, served
from tests.service.platform_simulator.platform import Kind, Platform
from tests.service.platform_simulator.server import listening
from tests.service.platform_simulator.server import served as platform_served
from tests.service.platform_simulator.visitor import Visitor, forms

pytestmark = pytest.mark.slow


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, registration="let-me-in") as made:
        yield made


@pytest.fixture
def platform(service: Served) -> Iterator[Platform]:
    yield from _platform(service, "moodle")


def _platform(service: Served, kind: Kind) -> Iterator[Platform]:
    at = listening()
    made = Platform(
        f"http://127.0.0.1:{at.server_address[1]}", service.url, lambda url: httpx.get(url).content, kind
    )  # fmt: skip
    made.registration_tokens.add("once")
    with platform_served(made, at):
        yield made


def test_from_registering_to_the_grade(service: Served, platform: Platform) -> None:
    asked = {"openid_configuration": f"{platform.url}/openid-configuration", "registration_token": "once"}
    registered = httpx.get(f"{service.url}/lti/register/let-me-in", params=asked)
    assert registered.status_code == 200

    teacher = Visitor(httpx.Client(timeout=60))
    choice = teacher.open(f"{platform.url}/open/2/")
    form = next(one for one in forms(choice.text) if one.action.endswith("/choose"))
    added = teacher.send(choice, form.with_field("chosen", "exercise:tanh-chain"))
    assert added.text == "<p>added</p>"
    (link,) = platform.links.values()

    student = Visitor(httpx.Client(timeout=60))
    page = student.open(f"{platform.url}/open/3/{link.id}")
    assert page.status_code == 200
    assert page.url.path == "/courses/1/assignments/1"
    assert "Two tanh steps that share one weight" in page.text

    service.hand_in("3", 12.0)
    service.send_scores()
    grade = platform.graded(link, "3")
    assert grade is not None
    assert (grade.score, grade.comment) == (12.0, "12 of 16 points.")

    class_page = teacher.open(f"{platform.url}/open/2/{link.id}")
    assert class_page.status_code == 200


def test_a_link_added_by_hand_without_a_column(service: Served, platform: Platform) -> None:
    asked = {"openid_configuration": f"{platform.url}/openid-configuration", "registration_token": "once"}
    httpx.get(f"{service.url}/lti/register/let-me-in", params=asked)
    link = platform.add_link("By hand", column=False)

    assert "Not set up yet" in Visitor(httpx.Client(timeout=60)).open(f"{platform.url}/open/3/{link.id}").text
    teacher = Visitor(httpx.Client(timeout=60))
    choice = teacher.open(f"{platform.url}/open/2/{link.id}")
    form = next(one for one in forms(choice.text) if one.action.endswith("/set-up"))
    assert teacher.send(choice, form.with_field("chosen", "exercise:rnn")).status_code == 200

    assert Visitor(httpx.Client(timeout=60)).open(f"{platform.url}/open/3/{link.id}").status_code == 200
    service.hand_in("3", 6.0)
    service.send_scores()
    (item,) = platform.items.values()
    assert item.link == link.id
    assert item.grades["3"].score == 6.0
