"""Registering at a platform by one URL."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from grader.service.lti import claims as names
from grader.service.lti.registration import product_of
from grader.service.store.tables import Deployment, Platform
from tests.service.lti.site import PLATFORM, TOOL, Both

pytestmark = pytest.mark.slow

ASKED = {"openid_configuration": f"{PLATFORM}/openid-configuration", "registration_token": "once"}


@pytest.fixture
def new() -> Both:
    """A platform that is not registered yet."""
    made = Both()
    made.platform.registration_tokens.add("once")
    return made


def register(both: Both, **changed: str) -> Any:
    return both.tool_client.get("/lti/register/let-me-in", params=ASKED | changed)


def test_one_url_registers_both_sides(new: Both) -> None:
    answer = register(new)

    assert answer.status_code == 200
    assert "Registered" in answer.text
    assert 'data-lti="close"' in answer.text
    with new.sessions() as session:
        row = session.scalars(select(Platform)).one()
        assert session.scalars(select(Deployment.deployment_id)).all() == ["1"]
    assert (row.issuer, row.client_id, row.product) == (PLATFORM, "client-1", "moodle")
    assert (row.auth_url, row.token_url, row.jwks_url) == (f"{PLATFORM}/auth", f"{PLATFORM}/token", f"{PLATFORM}/jwks")
    new.platform.add_link("One", exercise="rnn")
    assert new.launch().status_code == 303


def test_the_platform_is_asked_for_what_the_tool_needs(new: Both) -> None:
    register(new)

    (wanted,) = new.platform.registrations
    tool = wanted["https://purl.imsglobal.org/spec/lti-tool-configuration"]
    assert wanted["initiate_login_uri"] == f"{TOOL}/lti/login"
    assert wanted["redirect_uris"] == [f"{TOOL}/lti/launch"]
    assert wanted["scope"].split() == list(names.SCOPES)
    assert {"name", "email"} <= set(tool["claims"])
    assert [one["type"] for one in tool["messages"]] == [names.RESOURCE_LINK, names.DEEP_LINK]


def test_moodle_reads_the_host_of_a_tool_without_www() -> None:
    both = Both(url="https://www.tool.example")
    both.platform.registration_tokens.add("once")

    assert register(both).status_code == 200


def test_only_scopes_that_the_platform_has_are_asked_for(new: Both) -> None:
    new.platform.scopes = {names.SCORE, "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"}
    register(new)

    assert new.platform.registrations[0]["scope"] == names.SCORE


def test_registering_again_changes_the_registration(new: Both) -> None:
    register(new)
    new.platform.registration_tokens.add("once")
    register(new)

    with new.sessions() as session:
        assert len(session.scalars(select(Platform)).all()) == 1


def test_a_used_token_is_told(new: Both) -> None:
    register(new)
    answer = register(new)

    assert answer.status_code == 502
    assert "Begin the registration there again" in answer.text


def test_nobody_registers_without_the_operators_token(new: Both) -> None:
    answer = new.tool_client.get("/lti/register/let-me-out", params=ASKED)

    assert answer.status_code == 404
    assert new.platform.requests == []


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"jwks_uri": "http://lms.school.example/jwks"},
        {"token_endpoint": "ftp://lms.school.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"registration_endpoint": "https://other.example/register"},
    ],
    ids=lambda value: next(iter(value.items()))[0],
)
def test_a_configuration_that_is_not_the_issuers_or_not_safe_is_refused(new: Both, changed: dict[str, Any]) -> None:
    own = new.platform.configuration()
    new.platform.configuration = lambda: own | changed  # type: ignore[method-assign]

    assert register(new).status_code in (400, 502)
    with new.sessions() as session:
        assert session.scalars(select(Platform)).all() == []


def test_a_configuration_without_details_of_the_platform_will_do(new: Both) -> None:
    own = new.platform.configuration()
    about = "https://purl.imsglobal.org/spec/lti-platform-configuration"
    new.platform.configuration = lambda: own | {about: None}  # type: ignore[method-assign]

    assert register(new).status_code == 200


@pytest.mark.parametrize(
    ("said", "issuer", "product"),
    [
        ("canvas", "https://canvas.instructure.com", "canvas"),
        ("", "https://canvas.instructure.com", "canvas"),
        ("BlackboardLearn", "https://blackboard.com", "blackboard"),
        ("desire2learn", "https://x.brightspace.com", "brightspace"),
        ("moodle", "https://m.example", "moodle"),
        ("Other", "https://o.example", "other"),
    ],
)
def test_products(said: str, issuer: str, product: str) -> None:
    assert product_of(said, issuer) == product


def test_the_page_for_administrators_has_every_address(new: Both) -> None:
    page = new.tool_client.get("/lti").text

    for path in ("login", "launch", "jwks", "canvas.json"):
        assert f"{TOOL}/lti/{path}" in page


def test_canvas_reads_its_configuration(new: Both) -> None:
    found = new.tool_client.get("/lti/canvas.json").json()

    assert found["public_jwk_url"] == f"{TOOL}/lti/jwks"
    assert [one["placement"] for one in found["extensions"][0]["settings"]["placements"]] == [
        "assignment_selection", "link_selection",
    ]  # fmt: skip
