"""The headers of every response: which scripts may run, who may frame it, what is sent elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
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
