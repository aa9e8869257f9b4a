"""The only HTTP client: what it may reach is decided before it connects, and it connects to what was decided on.

An address that somebody else has chosen (a key set, a line item, a roster, an openid-configuration) must not lead into
the network this server stands in. So the host is resolved once, every address it has is judged, and the connection goes
to one of them: a second answer of the name server changes nothing. Redirects are not followed."""

from __future__ import annotations

import ipaddress
import json
import math
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from grader import __version__
from grader.errors import GraderError
from grader.service.settings import Settings

Reach = Literal["public", "loopback", "private"]
"""What may be reached: public addresses over https; this machine as well, also over http; private networks too."""

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
MAX_BYTES = 2**20

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""All public hosts are there; other ranges of IPv6 lead to IPv4 addresses in older or local ways."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""From host and port to the addresses of the host. Raises `OSError`."""


class Unreachable(GraderError):
    """There is no usable answer; the message says why, and names no secret."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer of at most `MAX_BYTES`. The names of `headers` are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Raises `Unreachable` for anything that is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Unreachable("The answer is not JSON.") from None

    def object(self) -> dict[str, Any]:
        """Raises `Unreachable` for anything that is not a JSON object."""
        found = self.json()
        if not isinstance(found, dict):
            raise Unreachable("The answer is not a JSON object.")
        return found


def reach_of(settings: Settings) -> Reach:
    """Private networks if the operator allows it; a server at a loopback address may reach others there."""
    if settings.allow_private:
        return "private"
    return "loopback" if is_loopback(settings.url) else "public"


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine, without asking a name server."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def asked_wait(answer: HttpAnswer, now: datetime) -> float | None:
    """Seconds that an answer asks to wait for (`Retry-After`), at most an hour; None if it asks for nothing."""
    given = answer.headers.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(given) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), 3600.0) if math.isfinite(seconds) else None


class Outbound:
    """Requests to platforms. Safe for use by several threads."""

    def __init__(
        self, reach: Reach, resolve: Resolver | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._reach = reach
        self._resolve = resolve or _addresses
        self._transport = transport
        self._client: httpx.Client | None = None

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """Raises `Unreachable`."""
        return self.request("GET", url, headers or {})

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Raises `Unreachable`."""
        return self.request("POST", url, headers, body)

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> HttpAnswer:
        """One request, within 10 seconds. Raises `Unreachable`; every answer with a status is an answer."""
        host, pinned = self._pinned(url)
        sent = {**headers, "Host": host, "User-Agent": f"grader/{__version__}", "Accept-Encoding": "identity"}
        until = time.monotonic() + TOTAL_SECONDS
        try:
            # The certificate is checked against the host's name, although the connection goes to its address.
            with self._opened().stream(
                method, pinned, headers=sent, content=body, extensions={"sni_hostname": pinned_name(host)}
            ) as answer:
                return HttpAnswer(answer.status_code, _lower(answer), _body(answer, until))
        except httpx.TimeoutException:
            raise Unreachable(f"{host} did not answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
            raise Unreachable(f"{host} could not be asked: {error}.") from None

    def _opened(self) -> httpx.Client:
        if self._client is None:
            self._client = httpx.Client(
                transport=self._transport,
                verify=_tls(),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
                # A connection is checked for one host's name: it must not be used for another with the same address.
                limits=httpx.Limits(max_keepalive_connections=0),
            )
        return self._client

    def _pinned(self, url: str) -> tuple[str, httpx.URL]:
        """The value of `Host`, and the URL with an allowed address in place of its host."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError, ValueError):
            raise Unreachable("This is no URL.") from None
        if parsed.scheme not in ("https", "http") or not parsed.host:
            raise Unreachable("Only https addresses are asked.")
        if parsed.userinfo:
            raise Unreachable("An address with a user name in it is not asked.")
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        try:
            found = [ipaddress.ip_address(one.partition("%")[0]) for one in self._resolve(parsed.host, port)]
        except (OSError, ValueError, UnicodeError):
            found = []
        if not found:
            raise Unreachable(f"There is no host {parsed.host}.")
        for address in found:
            self._judge(parsed, address)
        host = parsed.netloc.decode("ascii")
        return host, parsed.copy_with(host=str(found[0]))

    def _judge(self, url: httpx.URL, address: Address) -> None:
        """Raises `Unreachable` for an address that this server must not ask."""
        real = _embedded(address)
        if real.is_loopback and self._reach != "public":
            return
        if url.scheme != "https":
            raise Unreachable(f"{url.host} is asked over https only.")
        if _is_public(real):
            return
        # Link-local addresses are where clouds answer questions about the machine's own credentials.
        if self._reach == "private" and real.is_private and not (real.is_link_local or real.is_unspecified):
            return
        raise Unreachable(f"{url.host} is not a public address, so it is not asked.")


def pinned_name(host: str) -> str:
    """The name in a `Host` header, without its port."""
    return urlsplit(f"//{host}").hostname or host


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address leads to, if there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _addresses(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _lower(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _body(answer: httpx.Response, until: float) -> bytes:
    """Raises `Unreachable` for one that is too large, too slow or packed."""
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise Unreachable("The answer is packed, which was not asked for.")
    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > MAX_BYTES:
            raise Unreachable("The answer is larger than 1 MiB.")
        if time.monotonic() > until:
            raise Unreachable("The answer took longer than 10 seconds.")
    return bytes(body)
