"""116. A token of the platform that is for somebody else, of another time or deployment: nothing is stored."""

from __future__ import annotations

import time
from typing import Any

import pytest

from grader.service.lti import claims as names
from tests.service.lti.fixtures import _one_key, both, refusing
from tests.service.lti.site import Both

__all__ = ["_one_key", "both", "refusing"]

pytestmark = pytest.mark.slow


class In(float):
    """So many seconds from now."""


def timed(claims: dict[str, Any]) -> dict[str, Any]:
    at = time.time()
    return {
        name: (int(at + value) if value.is_integer() else at + value) if isinstance(value, In) else value
        for name, value in claims.items()
    }


BAD: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://other.example"},
    "issuer in a list": {"iss": ["https://lms.school.example"]},
    "no issuer": {"iss": None},
    "another audience": {"aud": "client-2"},
    "no audience": {"aud": None},
    "audience is a mapping": {"aud": {"client-1": True}},
    "several audiences, no azp": {"aud": ["client-1", "client-2"]},
    "several audiences, another azp": {"aud": ["client-1", "client-2"], "azp": "client-2"},
    "another azp": {"azp": "client-2"},
    "azp in a list": {"azp": ["client-1"]},
    "another deployment": {f"{names.LTI}deployment_id": "2"},
    "no deployment": {f"{names.LTI}deployment_id": None},
    "deployment is a number": {f"{names.LTI}deployment_id": 1},
    "expired": {"exp": In(-120), "iat": In(-200)},
    "no end": {"exp": None},
    "end is a text": {"exp": "9999999999"},
    "end is true": {"exp": True},
    "from the future": {"iat": In(600)},
    "no begin": {"iat": None},
    "not yet valid": {"nbf": In(600)},
    "no nonce": {"nonce": None},
    "another nonce": {"nonce": "x"},
    "nonce in a list": {"nonce": ["x"]},
    "no roles": {f"{names.LTI}roles": None},
    "roles are numbers": {f"{names.LTI}roles": [1]},
}
GOOD: dict[str, dict[str, Any]] = {
    "audience in a list": {"aud": ["client-1"]},
    "several audiences and azp": {"aud": ["client-1", "client-2"], "azp": "client-1"},
    "clock half a minute behind": {"exp": In(-30), "iat": In(-90)},
    "clock half a minute ahead": {"iat": In(30)},
    "times with fractions": {"exp": In(60.5), "iat": In(0.5)},
}


@pytest.mark.parametrize("claims", BAD.values(), ids=BAD)
def test_refused(refusing: Both, claims: dict[str, Any]) -> None:
    refusing.platform.claims = timed(claims)
    answer = refusing.launch()

    assert answer.status_code == 401
    assert refusing.stored() == 0
    assert not any("grader-1=" in one for one in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("claims", GOOD.values(), ids=GOOD)
def test_let_in(both: Both, claims: dict[str, Any]) -> None:
    both.platform.claims = timed(claims)

    assert both.launch().status_code == 303


def test_a_platform_that_is_no_longer_active_is_refused(both: Both) -> None:
    from grader.service.store.tables import Platform

    _, form = both.begin()
    with both.sessions.begin() as session:
        session.get_one(Platform, 1).active = False

    assert both.tool_client.post("/lti/launch", data=form).status_code == 401
