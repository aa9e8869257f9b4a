"""Our key pairs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from grader.errors import EnvironmentProblem
from grader.service.lti import tool
from grader.service.store.tables import ToolKey
from tests.service.lti.site import Both

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECRET = "s" * 40


@pytest.fixture
def session(both: Both) -> Session:
    return both.sessions()


def published(session: Session) -> set[str]:
    return {one["kid"] for one in tool.key_set(session, SECRET)["keys"]}


def test_the_first_key_signs_at_once(session: Session) -> None:
    key = tool.signing_key(session, SECRET, NOW)

    assert published(session) == {key.kid}
    assert tool.signing_key(session, SECRET, NOW).kid == key.kid


def test_a_new_key_is_published_a_day_before_it_signs(session: Session) -> None:
    old = tool.signing_key(session, SECRET, NOW - timedelta(days=9)).kid
    new = tool.rotated(session, SECRET, NOW).kid

    assert published(session) == {old, new}
    assert tool.signing_key(session, SECRET, NOW + timedelta(hours=23)).kid == old
    assert tool.signing_key(session, SECRET, NOW + timedelta(hours=25)).kid == new


def test_a_replaced_key_is_published_for_another_month(session: Session) -> None:
    old = tool.signing_key(session, SECRET, NOW).kid
    tool.rotated(session, SECRET, NOW + timedelta(days=1))
    tool.rotated(session, SECRET, NOW + timedelta(days=20))
    assert old in published(session)

    tool.rotated(session, SECRET, NOW + timedelta(days=32))
    assert old not in published(session)


def test_a_key_that_somebody_knows_is_replaced_at_once(session: Session) -> None:
    tool.signing_key(session, SECRET, NOW - timedelta(days=9))
    new = tool.replaced(session, SECRET, NOW).kid

    assert published(session) == {new}
    assert tool.signing_key(session, SECRET, NOW).kid == new


def test_the_stored_key_is_encrypted(session: Session) -> None:
    row = tool.rotated(session, SECRET, NOW)

    assert "PRIVATE" not in row.private_pem


def test_without_the_operators_secret_nothing_can_be_signed(session: Session) -> None:
    tool.signing_key(session, SECRET, NOW)

    with pytest.raises(EnvironmentProblem, match="GRADER_SECRET"):
        tool.signing_key(session, "t" * 40, NOW)


def test_what_is_published_is_public(both: Both) -> None:
    found = both.tool_client.get("/lti/jwks").json()

    assert [sorted(one) for one in found["keys"]] == [["alg", "e", "kid", "kty", "n", "use"]]
    assert both.tool_client.get("/lti/jwks").json() == found


def test_a_key_does_not_show_itself() -> None:
    key = tool.SigningKey("kid", tool.generate_private_key(public_exponent=65537, key_size=2048))

    assert repr(key) == "SigningKey(kid='kid')"
    assert ToolKey.__tablename__ == "tool_keys"
