"""122. Nobody is sent to another site, and nothing that a platform sends becomes markup."""

from __future__ import annotations

import pytest

from grader.service.lti import claims as names
from tests.service.lti.fixtures import _one_key, both, refusing
from tests.service.lti.site import TOOL, Both

__all__ = ["_one_key", "both", "refusing"]

pytestmark = pytest.mark.slow

ELSEWHERE = [
    "https://evil.example/", f"{TOOL}.evil.example/lti/launch", f"{TOOL}@evil.example/", "//evil.example",
    "https:\\\\evil.example", "javascript:alert(1)", "http://tool.example/lti/launch", "/lti/launch",
    f"{TOOL}:444/lti/launch", "https://evil.example\\@tool.example/",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_login_for_another_site_is_refused(refusing: Both, target: str) -> None:
    given = refusing.platform.initiation("3", "1") | {"target_link_uri": target}

    assert refusing.tool_client.get("/lti/login", params=given).status_code == 400


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_launch_for_another_site_is_refused(refusing: Both, target: str) -> None:
    refusing.platform.claims = {f"{names.LTI}target_link_uri": target}

    assert refusing.launch().status_code == 401


def test_a_login_goes_to_the_registered_address_only(refusing: Both) -> None:
    given = refusing.platform.initiation("3", "1") | {
        "redirect_uri": "https://evil.example",
        "auth_url": "https://evil.example",
    }
    answer = refusing.tool_client.get("/lti/login", params=given)

    assert answer.headers["location"].startswith("https://lms.school.example/auth?")
    assert "evil" not in answer.headers["location"]


def test_parameters_do_not_add_parameters(refusing: Both) -> None:
    given = refusing.platform.initiation("3", "1") | {"login_hint": "3&redirect_uri=https://evil.example#"}
    answer = refusing.tool_client.get("/lti/login", params=given)

    assert "login_hint=3%26redirect_uri%3Dhttps%3A%2F%2Fevil.example%23" in answer.headers["location"]


NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_names_and_titles_are_text(both: Both) -> None:
    both.platform.claims = {
        "name": NASTY, "sub": NASTY[:200],
        f"{names.LTI}context": {"id": "2", "title": NASTY}, f"{names.LTI}resource_link": {"id": "9", "title": NASTY},
        f"{names.LTI}custom": {},
    }  # fmt: skip
    pages = [both.launch(), both.launch(user="2", link="1")]
    _, form = both.begin()
    both.tool_client.cookies.clear()
    pages.append(both.tool_client.post("/lti/launch", data=form))

    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text


def test_what_comes_back_in_a_deep_link_is_text(both: Both) -> None:
    from tests.service.platform_simulator.visitor import forms

    settings = both.platform.launch_claims("2", "", "n")[f"{names.DEEP_LINKING}deep_linking_settings"]
    url = 'https://lms.school.example/"><script>alert(1)</script>'
    both.platform.claims = {f"{names.DEEP_LINKING}deep_linking_settings": settings | {"deep_link_return_url": url}}
    page = both.launch(user="2", link="")
    form = next(one for one in forms(page.text) if one.action.endswith("/choose"))
    answer = both.tool_client.post(
        form.action, data=dict(form.fields) | {"chosen": "exercise:rnn"}, headers={"origin": TOOL}
    )

    assert "<script>alert" not in answer.text
    assert next(one for one in forms(answer.text) if one.sends_itself).action == url
