"""114. Addresses that lead into the network this server stands in, or away from what was checked."""

from __future__ import annotations

import httpx
import pytest

from grader.service.lti.outbound import MAX_BYTES, Outbound, Reach, Unreachable, reach_of
from tests.service.web.site import settings


def asked(reach: Reach, url: str, *addresses: str, answer: httpx.Response | None = None) -> list[httpx.Request]:
    """The requests that were really made."""
    made: list[httpx.Request] = []

    def answered(request: httpx.Request) -> httpx.Response:
        made.append(request)
        return answer or httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    Outbound(reach, lambda host, port: addresses or [host.strip("[]")], httpx.MockTransport(answered)).get(url)
    return made


INSIDE = [
    "127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    "::7f00:1", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "fec0::1", "2001:0:7f00:1::", "198.18.0.1", "240.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inner_addresses_are_not_asked(address: str) -> None:
    with pytest.raises(Unreachable):
        asked("public", "https://lms.example/jwks", address)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "::ffff:169.254.169.254", "224.0.0.1"])
@pytest.mark.parametrize("reach", ["loopback", "private"])
def test_where_clouds_keep_credentials_nobody_is_asked_whatever_is_allowed(reach: Reach, address: str) -> None:
    with pytest.raises(Unreachable):
        asked(reach, "https://lms.example/jwks", address)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "127\u30020\u30020\u30021",
     "\u2460\u2461\u2466.0.0.1", "[::ffff:7f00:1]", "[::7f00:1]", "[::1]", "localhost"],
)  # fmt: skip
def test_this_machine_is_not_asked_under_any_spelling_that_the_system_resolves(host: str) -> None:
    made: list[httpx.Request] = []
    transport = httpx.MockTransport(lambda request: (made.append(request), httpx.Response(200))[1])

    with pytest.raises(Unreachable):
        Outbound("public", transport=transport).get(f"https://{host}/jwks")
    assert made == []


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_are_asked(address: str) -> None:
    assert len(asked("public", "https://lms.example/jwks", address)) == 1


def test_one_inner_address_among_public_ones_is_enough() -> None:
    with pytest.raises(Unreachable):
        asked("public", "https://lms.example/", "93.184.216.34", "10.0.0.1")


@pytest.mark.parametrize(
    "url",
    [
        "http://lms.example/", "file:///etc/passwd", "ftp://lms.example/", "gopher://lms.example/", "//lms.example",
        "https://user:password@lms.example/", "https://", "lms.example", "https://[::1/", "javascript:1",
    ],
)  # fmt: skip
def test_other_schemes_and_forms_are_not_asked(url: str) -> None:
    with pytest.raises(Unreachable):
        asked("public", url, "93.184.216.34")


def test_the_connection_goes_to_the_address_that_was_checked_under_the_hosts_name() -> None:
    (request,) = asked("public", "https://lms.example:8443/jwks?a=1", "93.184.216.34")

    assert str(request.url) == "https://93.184.216.34:8443/jwks?a=1"
    assert request.headers["host"] == "lms.example:8443"
    assert request.extensions["sni_hostname"] == "lms.example"


def test_a_name_that_answers_differently_the_second_time_gains_nothing() -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    made: list[httpx.Request] = []

    def answered(request: httpx.Request) -> httpx.Response:
        made.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    Outbound("public", lambda host, port: next(answers), httpx.MockTransport(answered)).get("https://lms.example/")
    assert [one.url.host for one in made] == ["93.184.216.34"]
    assert len(list(answers)) == 1


def test_redirects_are_not_followed() -> None:
    answer = httpx.Response(302, headers={"location": "http://127.0.0.1/"}, stream=httpx.ByteStream(b""))

    assert len(asked("public", "https://lms.example/", "93.184.216.34", answer=answer)) == 1


def test_a_large_answer_is_left() -> None:
    answer = httpx.Response(200, stream=httpx.ByteStream(b"x" * (MAX_BYTES + 1)))

    with pytest.raises(Unreachable, match="1 MiB"):
        asked("public", "https://lms.example/", "93.184.216.34", answer=answer)


def test_a_packed_answer_is_left() -> None:
    answer = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"x"))

    with pytest.raises(Unreachable, match="packed"):
        asked("public", "https://lms.example/", "93.184.216.34", answer=answer)


def test_an_answer_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Drip(httpx.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            for _ in range(3):
                times[0] += 6
                yield b" "

    times = [0.0]
    monkeypatch.setattr("grader.service.lti.outbound.time.monotonic", lambda: times[0])

    with pytest.raises(Unreachable, match="10 seconds"):
        asked("public", "https://lms.example/", "93.184.216.34", answer=httpx.Response(200, stream=Drip()))


@pytest.mark.parametrize(
    ("url", "allowed", "reach"),
    [
        ("https://grader.example", False, "public"),
        ("https://grader.example", True, "private"),
        ("http://127.0.0.1:8000", False, "loopback"),
        ("http://localhost:8000", False, "loopback"),
    ],
)
def test_what_the_operator_allows(url: str, allowed: bool, reach: str) -> None:
    assert reach_of(settings(url=url, allow_private=allowed)) == reach


def test_a_private_network_is_asked_where_the_operator_allows_it() -> None:
    assert len(asked("private", "https://lms.campus.example/", "10.1.2.3")) == 1
