"""115. A service address at another host would get our access token."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from grader.service.lti import claims as names
from grader.service.lti.gradebook import Score, send
from grader.service.lti.registered import Registered
from tests.service.lti.fixtures import _one_key, both
from tests.service.lti.site import PLATFORM, Both

__all__ = ["_one_key", "both"]

pytestmark = pytest.mark.slow

FOREIGN = [
    "https://evil.example/ags/1", "http://lms.school.example/ags/1", "https://lms.school.example:444/ags/1",
    "https://lms.school.example@evil.example/", "https://lms.school.example.evil.example/", "https://evil.example\\@lms.school.example/",
    "//evil.example/", "file:///etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("where", ["lineitem", "lineitems", "context_memberships_url"])
def test_a_launch_that_names_one_is_refused(both: Both, where: str) -> None:
    own = both.platform.launch_claims("3", "1", "n")
    claim = names.NAMES_ROLES if where == "context_memberships_url" else names.ENDPOINT
    both.platform.claims = {claim: own[claim] | {where: FOREIGN[0]}}

    assert both.launch().status_code == 401
    assert both.stored() == 0


def test_a_stored_one_is_never_sent_a_token(both: Both) -> None:
    client = both.client()
    for url in FOREIGN:
        answer = send(both.tool, client, url, Score("3", 1.0, 2.0, "", datetime.now(UTC)), datetime.now(UTC))

        assert answer.state == "later"
    assert both.platform.requests == []


def test_a_next_page_at_another_host_is_not_read(both: Both) -> None:
    from grader.service.platform_calls import NoRoster, members

    both.tool.access.token(both.client(), names.ROSTER, datetime.now(UTC))
    both.platform.url = "https://evil.example"  # its pages name it from now on

    with pytest.raises(NoRoster, match="not the platform's own"):
        members(both.tool, both.client(), f"{PLATFORM}/nrps/2", datetime.now(UTC))


@pytest.mark.parametrize(
    ("issuer", "url", "owned"),
    [
        ("https://canvas.instructure.com", "https://school.instructure.com/api/lti/courses/1/line_items", True),
        ("https://canvas.instructure.com", "http://school.instructure.com/api", False),
        ("https://canvas.instructure.com", "https://evilinstructure.com/api", False),
        ("https://canvas.instructure.com", "https://canvas.school.example/api", True),
        ("https://blackboard.com", "https://school.blackboard.com/learn/api", True),
        ("https://lms.example", "https://other.lms.example/", False),
    ],
)
def test_hosted_platforms_have_a_host_per_school(issuer: str, url: str, owned: bool) -> None:
    made: dict[str, Any] = {"token_audience": "", "further": ("https://canvas.school.example",)}
    platform = Registered(1, issuer, "c", "n", "", f"{issuer}/a", f"{issuer}/t", jwks_url=f"{issuer}/j", **made)

    assert platform.owns(url) is owned
