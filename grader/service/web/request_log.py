"""One line for each request. The address is logged as its pattern: it may hold a secret, such as a one-time link."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("grader.service.requests")


class RequestLog:
    """Logs method, pattern, status, duration and the user's number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500
        state = scope.setdefault("state", {})

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            who = state.get("person")
            LOG.info(
                "request",
                extra={
                    "method": scope["method"],
                    "route": getattr(scope.get("route"), "path", None),
                    "status": status,
                    "ms": round(1000 * (time.perf_counter() - began), 1),
                    "user": None if who is None else who.user_id,
                },
            )
