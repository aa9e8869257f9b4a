"""Access tokens for a platform's services (OAuth 2 client credentials, with a signed assertion for a password)."""

from __future__ import annotations

import secrets
import threading
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from grader.errors import GraderError
from grader.service.lti.outbound import Outbound, Response, Unreachable, asked_wait

if TYPE_CHECKING:
    from grader.service.lti.tool import Client

EARLY = 60.0
"""Seconds before its end at which a token is no longer used."""

LONGEST = 3600.0


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
            self._known[key] = (token, now.timestamp() + min(seconds, LONGEST) - EARLY)
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
        token, seconds = found.get("access_token"), found.get("expires_in", LONGEST)
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
            return token, LONGEST


def _refusal(answer: Response) -> str:
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
