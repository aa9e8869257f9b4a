"""Browsers that keep no cookies in frames: the ways out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.service.lti.site import TOOL, Both
from tests.service.platform_simulator.visitor import Form, forms

pytestmark = pytest.mark.slow

OWN = {"origin": TOOL}


def _lost(both: Both) -> tuple[dict[str, str], Any]:
    """A launch whose cookie has not come back: its form, and the page that answers."""
    _, form = both.begin()
    both.tool_client.cookies.clear()
    return form, both.tool_client.post("/lti/launch", data=form)


def _form(page: Any, name: str) -> Form:
    return next(one for one in forms(page.text) if name in dict(one.fields))


def test_the_cookie_of_a_login_is_partitioned(both: Both) -> None:
    answer = both.tool_client.get("/lti/login", params=both.platform.initiation("3", "1"))

    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-grader-login-")
    assert cookie.endswith("Path=/; HttpOnly; Max-Age=600; Secure; SameSite=None; Partitioned")


def test_over_http_on_this_machine_there_is_a_plain_cookie_too() -> None:
    both = Both(url="http://127.0.0.1:8000")
    both.register()
    answer = both.tool_client.get("/lti/login", params=both.platform.initiation("3", "1"))

    framed, plain = answer.headers.get_list("set-cookie")
    assert framed.endswith("Secure; SameSite=None; Partitioned")
    assert plain.endswith("SameSite=Lax")


def test_without_the_cookie_a_new_tab_is_offered_with_the_persons_name_and_nothing_is_stored(both: Both) -> None:
    _, page = _lost(both)

    assert page.status_code == 200
    assert "Open as <bdi>Anna Bell</bdi>" in page.text
    assert 'target="_blank"' in page.text
    assert both.stored() == 0


def test_the_new_tab_is_let_in(both: Both) -> None:
    _, page = _lost(both)
    answer = both.tool_client.post("/lti/launch", data=dict(_form(page, "tab").fields), headers=OWN)

    assert answer.headers["location"] == f"{TOOL}/courses/1/assignments/1"


def test_the_new_tab_is_let_in_although_the_token_has_run_out_meanwhile(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, page = _lost(both)
    monkeypatch.setattr("grader.service.web.context.Service.now", lambda _: datetime.now(UTC) + timedelta(minutes=5))
    answer = both.tool_client.post("/lti/launch", data=dict(_form(page, "tab").fields), headers=OWN)

    assert answer.status_code == 303


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
def test_the_new_tab_opens_only_from_our_own_page(both: Both, headers: dict[str, str]) -> None:
    _, page = _lost(both)
    both.tool_client.post("/lti/launch", data=dict(_form(page, "tab").fields), headers=headers)

    assert both.stored() == 0


def test_the_new_tab_holds_for_its_own_launch_only(both: Both) -> None:
    _, page = _lost(both)
    other, _ = _lost(both)
    fields = dict(_form(page, "tab").fields) | other

    assert both.tool_client.post("/lti/launch", data=fields, headers=OWN).status_code == 401
    assert both.stored() == 0


def test_where_the_platform_has_storage_the_login_puts_the_value_there() -> None:
    both = Both("canvas")
    both.register()
    answer = both.tool_client.get("/lti/login", params=both.platform.initiation("3", "1"))

    assert answer.status_code == 200
    assert 'data-lti="login"' in answer.text
    assert 'data-frame="post_message_forwarding"' in answer.text
    assert 'data-origin="https://lms.school.example"' in answer.text


def test_a_platform_that_does_not_name_its_storage_is_asked_inside_a_frame() -> None:
    both = Both("blackboard")
    both.register()
    framed = {"sec-fetch-dest": "iframe"}
    answer = both.tool_client.get("/lti/login", params=both.platform.initiation("3", "1"), headers=framed)

    assert 'data-lti="login"' in answer.text
    assert 'data-frame=""' in answer.text


def test_moodle_which_has_no_storage_is_not_asked(both: Both) -> None:
    framed = {"sec-fetch-dest": "iframe"}
    answer = both.tool_client.get("/lti/login", params=both.platform.initiation("3", "1"), headers=framed)

    assert answer.status_code == 302


def _stored_value(both: Both) -> tuple[dict[str, str], str]:
    """A launch, and the value that the platform's storage has for it."""
    answer = both.tool_client.get("/lti/login", params=both.platform.initiation("3", "1"))
    value = answer.text.split('data-value="')[1].split('"')[0]
    both.tool_client.cookies.clear()
    state = answer.text.split("grader-")[-1].split('"')[0]
    with both.sessions() as session:
        from grader.service.store.tables import LoginState

        nonce = session.get_one(LoginState, state).nonce
    return {"id_token": both.platform.id_token("3", "1", nonce), "state": state}, value


def test_the_value_from_the_platforms_storage_lets_in_where_a_cookie_can_be_set() -> None:
    both = Both("canvas")
    both.register()
    both.platform.add_link("One", exercise="tanh-chain")
    form, value = _stored_value(both)
    page = both.tool_client.post("/lti/launch", data=form)  # sets the cookie that shows whether cookies are kept
    fields = dict(_form(page, "browser").fields) | {"browser": value}

    assert both.tool_client.post("/lti/launch", data=fields, headers=OWN).status_code == 303


def test_the_value_from_the_platforms_storage_leads_to_a_new_tab_where_no_cookie_can_be_set() -> None:
    both = Both("canvas")
    both.register()
    both.platform.add_link("One", exercise="tanh-chain")
    form, value = _stored_value(both)
    page = both.tool_client.post("/lti/launch", data=form)
    both.tool_client.cookies.clear()
    fields = dict(_form(page, "browser").fields) | {"browser": value}
    answer = both.tool_client.post("/lti/launch", data=fields, headers=OWN)

    assert "Open as" in answer.text
    assert "data-stored" not in answer.text  # it does not ask the storage again, for ever
    again = both.tool_client.post("/lti/launch", data=dict(_form(answer, "tab").fields), headers=OWN)
    assert again.status_code == 303


def test_a_value_that_another_site_sends_along_counts_for_nothing() -> None:
    both = Both("canvas")
    both.register()
    both.platform.add_link("One", exercise="tanh-chain")
    form, value = _stored_value(both)
    both.tool_client.post("/lti/launch", data=form | {"browser": value}, headers={"origin": "https://evil.example"})

    assert both.stored() == 0
