"""In what platforms differ, and in what none may: signatures, keys that are out of reach, claims that are left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from grader.service.lti import claims as names
from grader.service.lti import tokens
from grader.service.platform_calls import members
from grader.service.store.tables import Assignment, Course, Platform, Push, User
from grader.service.web import lti_routes
from tests.service.lti.site import NOW, PLATFORM, Both
from tests.service.platform_simulator.platform import CURVE, SHARED_KEY, Answer

pytestmark = pytest.mark.slow


def signing(both: Both, algorithm: str, kid: str) -> None:
    """Let the platform sign so from now on."""
    both.platform.key = CURVE if algorithm == "ES256" else SHARED_KEY
    both.platform.algorithm, both.platform.kid = algorithm, kid


@pytest.mark.parametrize(
    ("agreed", "algorithm", "kid", "status"),
    [
        ((), "RS256", "platform-any", 303),
        ((), "ES256", "platform-ec", 401),
        ((), "PS256", "platform-any", 401),
        (("ES256",), "ES256", "platform-ec", 303),
        (("ES256",), "RS256", "platform-2", 303),
        (("ES256",), "PS256", "platform-any", 401),
        (("PS256",), "PS256", "platform-any", 303),
        (("PS256",), "PS256", "platform-2", 401),
    ],
    ids=lambda value: str(value),
)
def test_a_signature_is_one_of_those_agreed_on_with_a_key_for_it(
    both: Both, agreed: tuple[str, ...], algorithm: str, kid: str, status: int
) -> None:
    both.register(algorithms=agreed)
    signing(both, algorithm, kid)

    assert both.launch().status_code == status


def test_a_platform_that_registers_itself_says_how_it_signs(both: Both) -> None:
    both.platform.registration_tokens.add("once")
    both.platform.signs_with = ["RS256", "ES256", "HS256", "none"]
    asked = {"openid_configuration": f"{PLATFORM}/openid-configuration", "registration_token": "once"}
    both.tool_client.get("/lti/register/let-me-in", params=asked)

    with both.sessions() as session:
        assert session.scalars(select(Platform.algorithms)).one() == "ES256"


def test_a_platform_may_register_without_a_token_of_its_own(both: Both) -> None:
    both.platform.registration_tokens.add("")
    answer = both.tool_client.get(
        "/lti/register/let-me-in", params={"openid_configuration": f"{PLATFORM}/openid-configuration"}
    )

    assert answer.status_code == 200
    (headers,) = (headers for _, path, headers, _ in both.platform.requests if path == "/register")
    assert "authorization" not in headers


@pytest.mark.parametrize(
    ("claims", "name", "email"),
    [
        ({"name": None, "given_name": None, "family_name": None, "email": None}, "", ""),
        ({"name": None, "email": None}, "Anna Bell", ""),
        ({"name": "", "given_name": None, "family_name": "Bell"}, "Bell", "anna@school.example"),
        ({"name": 7, "given_name": 7, "email": ["a"]}, "Bell", ""),
    ],
)
def test_names_and_addresses_may_be_kept_by_the_platform(
    both: Both, claims: dict[str, Any], name: str, email: str
) -> None:
    both.platform.claims = claims

    assert both.launch().status_code == 303
    with both.sessions() as session:
        found = session.scalars(select(User)).one()
    assert (found.name, found.email) == (name, email)


def test_a_link_in_no_course_is_a_course_of_its_own(both: Both) -> None:
    both.platform.claims = {f"{names.LTI}context": None, names.NAMES_ROLES: None}

    assert both.launch().status_code == 303
    with both.sessions() as session:
        found = session.scalars(select(Course)).one()
    assert (found.context_id, found.title, found.memberships_url) == ("link 1", "Two tanh steps", None)


@pytest.mark.parametrize(
    "left_out",
    [[names.ENDPOINT], [names.NAMES_ROLES], [f"{names.LTI}custom"], [f"{names.LTI}lis", f"{names.LTI}ext"],
     [f"{names.LTI}tool_platform", f"{names.LTI}launch_presentation"]],
)  # fmt: skip
def test_what_a_platform_need_not_send_may_be_left_out(both: Both, left_out: list[str]) -> None:
    both.launch()
    both.platform.claims = dict.fromkeys(left_out)

    assert both.launch().status_code == 303


@pytest.mark.parametrize("claim", ["exp", "iat"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e300])
def test_a_time_that_is_none_is_refused(both: Both, claim: str, value: float) -> None:
    both.platform.claims = {claim: value}

    assert both.launch().status_code == 401


def after(both: Both, seconds: float) -> None:
    at = both.tool.keys._clock()
    both.tool.keys._clock = lambda: at + seconds


def away(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's key set is out of reach from now on."""
    original = both.platform.handle

    def handle(method: str, target: str, *rest: Any) -> Answer:
        found = original(method, target, *rest)
        return Answer(500) if target == "/jwks" else found

    monkeypatch.setattr(both.platform, "handle", handle)


def test_keys_that_cannot_be_read_are_not_asked_for_at_every_launch(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as here:
        away(both, here)
        statuses = [both.launch().status_code for _ in range(3)]
    asked = both.platform.keys_asked
    after(both, tokens.RETRY_SECONDS + 1)

    assert (statuses, asked) == ([502, 502, 502], 1)
    assert both.launch().status_code == 303


def test_known_keys_are_trusted_for_a_day_while_the_platforms_set_is_out_of_reach(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    both.launch()
    away(both, monkeypatch)
    after(both, tokens.MAX_AGE_SECONDS + 1)
    statuses = [both.launch().status_code for _ in range(2)]
    asked = both.platform.keys_asked
    after(both, tokens.LAST_AGE_SECONDS)

    assert (statuses, asked) == ([303, 303], 2)
    assert both.launch().status_code == 502


def test_the_next_page_may_be_named_relative_to_this_one(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    original = both.platform.handle

    def handle(*given: Any) -> Answer:
        found = original(*given)
        link = {name: value.replace(PLATFORM, "") for name, value in found.headers.items() if name == "link"}
        return replace(found, headers={**found.headers, **link})

    monkeypatch.setattr(both.platform, "handle", handle)

    assert len(members(both.tool, both.client(), f"{PLATFORM}/nrps/2", datetime.now(UTC))) == 3


def test_logins_of_one_address_are_slowed_down(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lti_routes, "LOGINS", 2)
    logins = [both.platform.initiation("3", "1") for _ in range(3)]
    statuses = [both.tool_client.get("/lti/login", params=one).status_code for one in logins]

    assert statuses == [302, 302, 429]


@pytest.mark.parametrize(
    ("who", "state", "found"), [("2", "failed", True), ("3", "failed", False), ("2", "sent", False)]
)
def test_a_column_that_was_deleted_is_replaced_when_somebody_who_teaches_comes_after_a_score_was_not_taken(
    both: Both, who: str, state: str, found: bool
) -> None:
    both.platform.add_link("No column", column=False, exercise="rnn")
    both.launch(link="2")
    del both.platform.items[2]
    both.platform.add_item("Quiz", 10.0)
    both.platform.add_item("Essay", 10.0)
    with both.sessions.begin() as session:
        [assignment] = session.scalars(select(Assignment))
        session.add(Push(assignment_id=assignment.id, user_id=1, score=1.0, max_score=12.0, comment="", state=state,
                         next_try_at=NOW, created_at=NOW))  # fmt: skip
    both.launch(user=who, link="2")

    with both.sessions() as session:
        known = session.scalars(select(Assignment.lineitem_url)).one()
    assert (known != both.platform.item_url(2)) == found


def test_two_platforms_with_the_same_numbers_share_nothing(both: Both) -> None:
    both.launch()
    number = both.register(client_id="client-2", deployments=("1",))
    both.platform.client_id = "client-2"
    both.launch()

    with both.sessions() as session:
        people, courses = (session.scalars(select(kind)).all() for kind in (User, Course))
    assert [(one.platform_id, one.subject) for one in people] == [(1, "3"), (number, "3")]
    assert [(one.platform_id, one.context_id) for one in courses] == [(1, "2"), (number, "2")]
