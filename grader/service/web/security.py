"""What protects pages in a browser: the headers of every response, and the token of every form.

The headers say which scripts may run, who may frame a page, and what is sent elsewhere. Forms of ours alone change
anything: each carries a token that no other site can know, an HMAC of the session's own token, so nothing is stored. A
form of somebody who is not signed in (login, one-time links) has no token; the browser's `Origin` tells that it was
ours."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'"
)

HEADERS = {
    "x-content-type-options": "nosniff",
    # Not `no-referrer`: with that, browsers hide from us that a form is our own.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"


def allow_framing(request: HTTPConnection, origins: Iterable[str]) -> None:
    """Let pages of these origins frame the response to this request; without it, nobody but ourselves may."""
    request.state.framed_by = tuple(origins)


def allow_form_action(request: HTTPConnection, origin: str) -> None:
    """Let the page that answers this request send a form to another origin."""
    request.state.sends_to = origin


class SecurityHeaders:
    """Adds the headers to every response."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app, self._https = app, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
                framed_by = " ".join(("'self'", *state.get("framed_by", ())))
                forms = " ".join(filter(None, ("'self'", state.get("sends_to"))))
                headers["content-security-policy"] = f"{POLICY}; form-action {forms}; frame-ancestors {framed_by}"
                if self._https:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, with_headers)


def csrf_token(secret: str, session_token: str) -> str:
    """The token of all forms of a session."""
    return hmac.new(secret.encode(), b"csrf:" + session_token.encode(), hashlib.sha256).hexdigest()


def is_own_form(secret: str, session_tokens: Iterable[str], given: str) -> bool:
    """Whether a form belongs to one of the sessions of its browser."""
    return any(hmac.compare_digest(csrf_token(secret, one), given) for one in session_tokens)


def is_own_origin(headers: Headers, url: str) -> bool:
    """Whether a request comes from a page of ours, as the browser says. A client that is no browser says nothing: it
    carries nobody's cookies."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc in (urlsplit(url).netloc, headers.get("host"))
