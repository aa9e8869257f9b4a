"""112. A launch is brought again: by the same browser, by another, with another state, and at the same moment twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete
from starlette.testclient import TestClient

from grader.service.lti.claims import Refused
from grader.service.lti.launch import taken
from grader.service.store.tables import LoginState
from tests.service.lti.fixtures import _one_key, both
from tests.service.lti.site import TOOL, Both

__all__ = ["_one_key", "both"]

pytestmark = pytest.mark.slow


def test_the_second_time_is_refused(both: Both) -> None:
    _, form = both.begin()
    assert both.tool_client.post("/lti/launch", data=form).status_code == 303

    assert both.tool_client.post("/lti/launch", data=form).status_code == 401


def test_a_token_does_not_hold_for_another_login(both: Both) -> None:
    _, first = both.begin()
    _, second = both.begin()

    answer = both.tool_client.post("/lti/launch", data={"id_token": first["id_token"], "state": second["state"]})
    assert answer.status_code == 401
    assert both.stored() == 0


def test_another_browser_is_not_let_in(both: Both) -> None:
    _, form = both.begin()
    other = TestClient(both.app, TOOL, follow_redirects=False)

    assert other.post("/lti/launch", data=form).status_code == 200  # the page that offers a new tab
    assert both.stored() == 0


def test_a_browser_with_a_login_of_its_own_is_not_let_in_by_anothers(both: Both) -> None:
    _, form = both.begin()
    other = TestClient(both.app, TOOL, follow_redirects=False)
    other.get("/lti/login", params=both.platform.initiation("4", "1"))
    other.post("/lti/launch", data=form)

    assert both.stored() == 0


def test_a_state_that_was_forgotten_does_not_come_back_to_life(both: Both) -> None:
    _, form = both.begin()
    with both.sessions.begin() as session:
        session.execute(delete(LoginState))

    assert both.tool_client.post("/lti/launch", data=form).status_code == 401


def test_a_login_holds_for_ten_minutes(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    _, form = both.begin()
    monkeypatch.setattr("grader.service.web.context.Service.now", lambda _: datetime.now(UTC) + timedelta(minutes=11))

    assert both.tool_client.post("/lti/launch", data=form).status_code == 401


def test_of_two_at_the_same_moment_one_is_refused(both: Both) -> None:
    asked, _ = both.begin()
    with both.sessions.begin() as session:
        launch = type("Checked", (), {"state": asked["state"]})()
        taken(session, launch, datetime.now(UTC))  # type: ignore[arg-type]

        with pytest.raises(Refused):
            taken(session, launch, datetime.now(UTC))  # type: ignore[arg-type]
