"""126. Platforms without TLS are refused, except on this machine itself."""

from __future__ import annotations

import pytest

from grader.service.lti.claims import Refused
from grader.service.lti.outbound import Outbound, Reach, Unreachable
from grader.service.lti.registration import is_safe
from tests.service.lti.fixtures import _one_key
from tests.service.lti.site import PLATFORM, Both

__all__ = ["_one_key"]


@pytest.mark.parametrize("name", ["issuer", "auth_url", "token_url", "jwks_url"])
@pytest.mark.parametrize("url", ["http://lms.school.example/x", "http://10.0.0.1/x", "http://127.0.0.1.evil.example/x"])
def test_they_cannot_be_registered(name: str, url: str) -> None:
    with pytest.raises(Refused, match="https"):
        Both().register(**{name: url})


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://lms.example/", True), ("http://127.0.0.1:8080/", True), ("http://localhost/", True),
        ("http://moodle.localhost:8080/", True), ("http://[::1]:80/", True), ("http://lms.example/", False),
        ("http://localhost.evil.example/", False), ("http://127.0.0.1@evil.example/", False),
        ("ftp://localhost/", False),
        ("", False),
    ],
)  # fmt: skip
def test_what_is_safe(url: str, safe: bool) -> None:
    assert is_safe(url) is safe


@pytest.mark.parametrize("reach", ["public", "loopback", "private"])
def test_they_are_not_asked(reach: Reach) -> None:
    outbound = Outbound(reach, lambda host, port: ["10.0.0.1" if reach == "private" else "93.184.216.34"])

    with pytest.raises(Unreachable, match="https only"):
        outbound.get("http://lms.example/")


def test_a_registration_by_url_without_tls_is_refused() -> None:
    both = Both()
    asked = {"openid_configuration": f"{PLATFORM.replace('https', 'http')}/openid-configuration"}

    assert both.tool_client.get("/lti/register/let-me-in", params=asked).status_code == 502
