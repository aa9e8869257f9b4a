"""This server as platforms know it: its key pairs (made, stored encrypted, rotated, published), and its requests to
their services, with an access token of the client (OAuth 2 client credentials, with a signed assertion for a password),
to addresses of the platform only."""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import jwt
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import EnvironmentProblem, GraderError
from grader.service.lti.outbound import HttpAnswer, Outbound, Unreachable, asked_wait, reach_of
from grader.service.lti.registered import Registered, by_id
from grader.service.lti.tokens import KeySets
from grader.service.settings import Settings
from grader.service.store.tables import ToolKey

EARLY = 60.0
"""Seconds before its end at which a token is no longer used."""

MAX_TOKEN_SECONDS = 3600.0


MAX_PAGES = 100
"""How many pages of a list are read at most."""


_LINK = re.compile(r"<([^<>]*)>([^<]*)")

_NEXT = re.compile(r"""(?:^|;)\s*rel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,]+))""", re.IGNORECASE)

SETTLES = timedelta(days=1)
"""How long a new key is only published: platforms keep our key set for hours."""

KEY_PUBLISHED_FOR = timedelta(days=30)
"""How long a replaced key is still published."""


class NoAccess(GraderError):
    """The platform gives no token. `status` is its answer's, None if there was none; `wait`: seconds that it asks to
    wait for."""

    def __init__(self, status: int | None, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.status, self.wait = status, wait


class AccessTokens:
    """Tokens of each platform's client, kept until shortly before their end. Safe for use by several threads."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._known: dict[tuple[int, str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def token(self, client: Client, scope: str, now: datetime) -> str:
        """A token for a scope. Raises `NoAccess`."""
        # A token is the client's: at a platform with two registrations, one's token is refused for the other (401).
        key = (client.platform.id, client.platform.client_id, scope)
        with self._lock:
            token, until = self._known.get(key, ("", 0.0))
        if until > now.timestamp():
            return token
        token, seconds = self._asked(client, scope, now)
        with self._lock:
            self._known[key] = (token, now.timestamp() + min(seconds, MAX_TOKEN_SECONDS) - EARLY)
        return token

    def forget(self, client: Client, scope: str) -> None:
        """The platform has refused the token."""
        with self._lock:
            self._known.pop((client.platform.id, client.platform.client_id, scope), None)

    def _asked(self, client: Client, scope: str, now: datetime) -> tuple[str, float]:
        at = int(now.timestamp())
        own = client.platform.client_id
        assertion = client.key.signed(
            {
                "iss": own,
                "sub": own,
                "aud": client.platform.token_audience,
                "iat": at,
                "exp": at + 300,
                "jti": secrets.token_urlsafe(16),
            }
        )
        body = urlencode(
            {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
                "scope": scope,
            }
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = self._outbound.post(client.platform.token_url, headers, body.encode())
            if answer.status != 200:
                raise NoAccess(answer.status, _refusal(answer), asked_wait(answer, now))
            found = answer.object()
        except Unreachable as error:
            raise NoAccess(None, str(error)) from None
        token, seconds = found.get("access_token"), found.get("expires_in", MAX_TOKEN_SECONDS)
        granted = found.get("scope")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise NoAccess(answer.status, "The platform gave no access token.")
        if isinstance(granted, str) and granted.split() and scope not in granted.split():
            raise NoAccess(
                403, "The platform does not allow this tool to do that (the service is switched off for it)."
            )
        try:
            return token, float(seconds)
        except (TypeError, ValueError):
            return token, MAX_TOKEN_SECONDS


def _refusal(answer: HttpAnswer) -> str:
    """What a refusal means. Its text is not repeated: it may hold what we sent."""
    try:
        error = answer.object().get("error")
    except Unreachable:
        error = None
    if error == "invalid_scope":
        return "The platform does not allow this tool to do that: the service is switched off in the tool's settings."
    if answer.status in (400, 401, 403):
        return (
            "The platform does not accept our signature: the client id, the address of our public keys, or the clock "
            "of this server may be wrong there, or the tool is switched off."
        )
    return f"The platform gave no access token (status {answer.status})."


@dataclass(frozen=True, slots=True)
class Tool:
    """`url` is where browsers and platforms reach us, `keys` are the platforms' public keys."""

    url: str
    secret: str = field(repr=False)
    outbound: Outbound = field(repr=False)
    keys: KeySets = field(repr=False)
    access: AccessTokens = field(repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """We, as one platform knows us: with the key that signs what we ask of it."""

    platform: Registered
    key: SigningKey


def tool(settings: Settings, outbound: Outbound | None = None) -> Tool:
    """One for the whole process. `outbound`: another than the settings lead to."""
    asking = outbound or Outbound(reach_of(settings))
    return Tool(settings.url, settings.secret, asking, KeySets(asking), AccessTokens(asking))


def client(session: Session, of: Tool, platform_id: int, now: datetime) -> Client:
    """Raises `Refused` for a platform that is not registered any more."""
    return Client(by_id(session, platform_id), signing_key(session, of.secret, now))


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. `kind` is the media type of `body`, `accept` that of the answer."""

    method: str
    url: str
    scope: str
    accept: str
    kind: str | None = None
    body: bytes | None = field(default=None, repr=False)


def answer(tool: Tool, client: Client, ask: Ask, now: datetime) -> HttpAnswer:
    """The answer; a token that is refused is replaced once. Raises `Unreachable` and `NoAccess`."""
    # Asked here again, at the last moment: a token sent to another host would be that host's to use.
    if not client.platform.owns(ask.url):
        raise Unreachable("This address is not the platform's own, so it is not asked.")
    found = _sent(tool, client, ask, now)
    if found.status == 401:
        tool.access.forget(client, ask.scope)
        found = _sent(tool, client, ask, now)
    return found


def _sent(tool: Tool, client: Client, ask: Ask, now: datetime) -> HttpAnswer:
    headers = {
        "Authorization": f"Bearer {tool.access.token(client, ask.scope, now)}",
        "Accept": ask.accept,
        **({} if ask.kind is None else {"Content-Type": ask.kind}),
    }
    return tool.outbound.request(ask.method, ask.url, headers, ask.body)


def pages(tool: Tool, client: Client, ask: Ask, now: datetime) -> Iterator[HttpAnswer]:
    """The pages of a list (`Link: <...>; rel=next`), until one that is not there or was read already. Raises like
    `answer`; an answer other than 200 ends the list and is given."""
    url: str | None = ask.url
    seen: set[str] = set()
    while url is not None and url not in seen and len(seen) < MAX_PAGES:
        seen.add(url)
        found = answer(tool, client, Ask(ask.method, url, ask.scope, ask.accept), now)
        yield found
        following = next_page(found.headers) if found.status == 200 else None
        url = None if following is None else urljoin(url, following)


def next_page(headers: Mapping[str, str]) -> str | None:
    """The URL of the next page."""
    for url, parameters in _LINK.findall(headers.get("link", "")):
        for found in _NEXT.findall(parameters):
            if "next" in "".join(found).lower().split():
                return str(url)
    return None


def below(url: str, name: str) -> str:
    """A resource below a line item: the name belongs to the path, before the query that Moodle's addresses have."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}"))


def with_query(url: str, query: str) -> str:
    """The URL with more in its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{query}" if parts.query else query))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and its name in our key set."""

    kid: str
    key: RSAPrivateKey = field(repr=False)

    def signed(self, claims: Mapping[str, Any]) -> str:
        """The claims as a JWT (RS256)."""
        return jwt.encode(dict(claims), self.key, algorithm="RS256", headers={"kid": self.kid})


def signing_key(session: Session, secret: str, now: datetime) -> SigningKey:
    """The key to sign with: the newest that was published for a day, or else the oldest. The first is made when it is
    asked for. Raises `EnvironmentProblem` if the operator's secret is not that with which it was stored."""
    rows = _published(session) or [rotated(session, secret, now)]
    settled = [row for row in rows if row.created_at <= now - SETTLES]
    row = settled[-1] if settled else rows[0]
    return SigningKey(row.kid, _opened(row.private_pem, secret))


def rotated(session: Session, secret: str, now: datetime) -> ToolKey:
    """Adds a key, and retires those that were replaced more than 30 days ago."""
    rows = _published(session)
    for row, successor in pairwise(rows):
        if successor.created_at <= now - KEY_PUBLISHED_FOR:
            row.retired_at = now
    pem = generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    row = ToolKey(
        kid=secrets.token_urlsafe(12), private_pem=_box(secret).encrypt(pem).decode(), created_at=now, retired_at=None
    )
    session.add(row)
    session.flush()
    return row


def replaced(session: Session, secret: str, now: datetime) -> ToolKey:
    """Adds a key that signs at once and retires all others: for a key that somebody else may know."""
    for row in _published(session):
        row.retired_at = now
    return rotated(session, secret, now)


def key_set(session: Session, secret: str) -> dict[str, list[dict[str, Any]]]:
    """The public halves of all keys that are not retired, as platforms ask for them (RFC 7517)."""
    return {"keys": [_public(row.kid, row.private_pem, secret) for row in _published(session)]}


def _published(session: Session) -> list[ToolKey]:
    """Oldest first."""
    where = ToolKey.retired_at.is_(None)
    return list(session.scalars(select(ToolKey).where(where).order_by(ToolKey.created_at, ToolKey.kid)))


def _public(kid: str, stored: str, secret: str) -> dict[str, Any]:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_opened(stored, secret).public_key()))
    return {"kty": "RSA", "n": public["n"], "e": public["e"], "kid": kid, "alg": "RS256", "use": "sig"}


@lru_cache(maxsize=16)
def _opened(stored: str, secret: str) -> RSAPrivateKey:
    try:
        pem = _box(secret).decrypt(stored.encode())
    except InvalidToken:
        raise EnvironmentProblem(
            "The stored keys cannot be opened: GRADER_SECRET is not the one they were stored with. Set the earlier "
            "secret, or replace the keys with `grader serve platform keys --replace`."
        ) from None
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _box(secret: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, None, b"grader: keys for platforms").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
